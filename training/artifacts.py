"""Small result files next to a model, written so that no reader ever sees half of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from manifests.whole_files import whole_file


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write sorted, indented JSON; the old file stays until the new one is complete."""
    text = json.dumps(value, indent=2, sort_keys=True) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill the file that becomes ``path``."""
    with whole_file(path) as file:
        write(file)
