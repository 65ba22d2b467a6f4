"""Small result files next to a model, written so that no reader ever sees half of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from manifests.whole_files import write_whole


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write sorted, indented JSON; the old file stays until the new one is complete."""
    write_whole(path, json.dumps(value, indent=2, sort_keys=True) + "\n")
