"""Sequences in MOTChallenge's layout on disk, and result files of trackers."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import BadRecipe, NotFound


@dataclass(frozen=True)
class MotSequence:
    """A sequence: ``folder`` with ``gt``, ``det`` and pictures. ``recording``: sequences that have
    the same one show the same people by one clock; empty if nothing is said of it."""

    folder: Path
    pictures: Path
    suffix: str
    fps: float
    ticks: int
    recording: str

    @property
    def name(self) -> str:
        """As result files are called."""
        return self.folder.name


def find_sequences(folder: Path) -> list[MotSequence]:
    """Every sequence in or below ``folder``, by name; ``NotFound`` if there is none."""
    found = [_read(path) for path in sorted(folder.glob("**/seqinfo.ini"))]
    if not found:
        raise NotFound(
            f"{folder}: no sequences (folders with seqinfo.ini); `unrealperson export DATASET "
            "--format motchallenge` makes them of a data set with recordings"
        )
    if len({one.folder.parent for one in found}) > 1:
        raise BadRecipe(f"{folder}: sequences in several folders; name one of these")
    return found


def _read(path: Path) -> MotSequence:
    said = configparser.ConfigParser()
    try:
        said.read(path, encoding="utf-8")
        about = said["Sequence"]
        return MotSequence(
            folder=path.parent,
            pictures=path.parent / about.get("imDir", "img1"),
            suffix=about.get("imExt", ".jpg"),
            fps=float(about["frameRate"]),
            ticks=int(about["seqLength"]),
            recording=about.get("recording", ""),
        )
    except (configparser.Error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise BadRecipe(f"{path}: no seqinfo.ini as MOTChallenge has them ({error})") from None


def require_truth(sequences: list[MotSequence]) -> None:
    """``NotFound`` for a sequence whose true tracks are not there."""
    for one in sequences:
        if not (path := one.folder / "gt" / "gt.txt").is_file():
            raise NotFound(
                f"{path}: no such file; of the test part of a benchmark nobody has the true tracks"
            )


def require_results(sequences: list[MotSequence], results: Path) -> None:
    """``NotFound`` that names the sequences of which ``results`` has no file."""
    missing = [one.name for one in sequences if not (results / f"{one.name}.txt").is_file()]
    if missing:
        named = ", ".join(missing[:4]) + (", ..." if len(missing) > 4 else "")
        raise NotFound(
            f"{results}: no results of {len(missing)} of {len(sequences)} sequences ({named}); a "
            "tracker that finds nobody leaves an empty file"
        )
