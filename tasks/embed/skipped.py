"""Pictures that cannot be read: what happens to them, and the list of them; no torch."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from manifests.whole_files import write_whole


class Unreadable(StrEnum):
    """Left out and listed, or the end of the work."""

    skip = "skip"
    refuse = "refuse"


def skipped_file(output: Path) -> Path:
    """The list beside a file of features."""
    return output.with_name(f"{output.stem}.skipped.csv")


def write_skipped(path: Path, skipped: Mapping[str, str]) -> None:
    """A CSV list of names, and of what was wrong with each; no list, if nothing was skipped."""
    if not skipped:
        path.unlink(missing_ok=True)
        return
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("key", "reason"))
    rows.writerows(sorted(skipped.items()))
    write_whole(path, text.getvalue())
