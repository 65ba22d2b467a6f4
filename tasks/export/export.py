"""Exporting: reads a snapshot, lets a format write its crops or frames, all of them or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import BadRecipe, NotFound
from manifests.reader import SnapshotReader
from tasks.export.folders import complete_or_absent
from tasks.export.formats import find_format
from tasks.export.terms import write_readme
from tasks.publish.cameras import CAMERAS, cameras_of


@dataclass(frozen=True)
class Exported:
    """What was written where: ``written`` crops or frames, as ``unit`` says; ``left_out``: those
    that the format has no place for."""

    folder: Path
    written: int
    left_out: int
    unit: str


def export_snapshot(
    reader: SnapshotReader, form: str, folder: Path, cameras: Sequence[str] | None = None
) -> Exported:
    """Write a snapshot into ``folder`` in another format.

    ``form``: one of ``formats.format_names()``. ``cameras``: only what they saw. The folder
    appears complete or not at all; it must not exist or be empty. Raises ``BadRecipe`` if the
    folder is in use, a camera or the format is unknown, or the format cannot hold the data.
    With every format goes a ``README.md`` that says under which licences it may be used, and
    ``cameras.json``, the calibration of every camera.
    """
    chosen = find_format(form)
    wanted = _chosen_cameras(reader, cameras)
    with complete_or_absent(folder) as staging:
        written, left_out = chosen.write(reader, wanted, staging)
        contents = f"{written} {chosen.unit}"
        write_readme(staging, reader.snapshot, form, contents, None if cameras is None else wanted)
        if (calibrations := cameras_of(reader, wanted)) is not None:
            (staging / CAMERAS).write_bytes(calibrations)
    return Exported(folder, written, left_out, chosen.unit)


def _chosen_cameras(reader: SnapshotReader, cameras: Sequence[str] | None) -> set[str]:
    known = set(reader.table(["camera"])["camera"].unique().to_pylist())
    with suppress(NotFound):  # cameras that recorded, and saw nobody whose crops were chosen
        known |= set(reader.recorded(["camera"])["camera"].unique().to_pylist())
    if cameras is None:
        return known
    if unknown := sorted(set(cameras) - known):
        raise BadRecipe(f"no camera {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return set(cameras)
