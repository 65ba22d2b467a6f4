"""Recordings in MOTChallenge's layout: a sequence per camera, as TrackEval reads it.

Boxes are those of whole bodies, as in MOT17. Somebody of whom hardly anything is visible is marked
as a distractor, so that neither finding nor missing them counts. ``det/det.txt`` has the boxes of
all others without identities: what a faultless detector would find.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from manifests.reader import SnapshotReader
from manifests.schema import FULL_BOX
from tasks.export.folders import ExportFormat, place
from tasks.export.recorded import Recorded, Sequence

BENCHMARK = "UnrealPerson-train"
"""Folder of all sequences, and the name of their list in ``seqmaps``."""

LEAST_VISIBILITY = 0.1
"""Who shows less of the body, and less than ``LEAST_PIXELS``, is not counted."""

LEAST_PIXELS = 50
_PEDESTRIAN, _DISTRACTOR = 1, 8


def write_sequences(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every frame and the tracks of everybody in view; frames, and how many are missing."""
    recorded = Recorded(reader, cameras)
    home, suffixes, written = folder / BENCHMARK, dict[str, str](), 0
    for picture in recorded.pictures():
        name = f"{picture.sequence.name}/img1/{picture.tick + 1:06d}{picture.suffix}"
        place(home, name).write_bytes(picture.lit)
        suffixes.setdefault(picture.sequence.name, picture.suffix)
        written += 1
    for one in recorded.sequences:
        rows = truth(one)
        place(home, f"{one.name}/gt/gt.txt").write_text(_lines(rows))
        found = rows[rows["considered"] == 1].assign(person=-1)
        found = found.assign(visibility=-1, category=-1)
        place(home, f"{one.name}/det/det.txt").write_text(_lines(found))
        place(home, f"{one.name}/seqinfo.ini").write_text(_seqinfo(one, suffixes[one.name]))
    names = "\n".join(["name", *(one.name for one in recorded.sequences)])
    place(folder, f"seqmaps/{BENCHMARK}.txt").write_text(names + "\n")
    return written, sum(one.ticks for one in recorded.sequences) - written


def truth(sequence: Sequence) -> pd.DataFrame:
    """Columns of ``gt.txt``: frame and person from 1, box (left and top count from 1), whether it
    is considered, category, visibility."""
    rows = sequence.tracks.dropna(subset=list(FULL_BOX))
    x0, y0, x1, y1 = (rows[name].to_numpy(float) for name in FULL_BOX)
    clear = rows["visibility"].to_numpy() >= LEAST_VISIBILITY
    clear &= rows["visible_pixels"].to_numpy() >= LEAST_PIXELS
    return pd.DataFrame(
        {
            "frame": rows["tick"].to_numpy() + 1,
            "person": rows["person_index"].to_numpy() + 1,
            "left": x0 + 1,
            "top": y0 + 1,
            "width": x1 - x0,
            "height": y1 - y0,
            "considered": clear.astype(int),
            "category": np.where(clear, _PEDESTRIAN, _DISTRACTOR),
            "visibility": rows["visibility"].to_numpy(),
        }
    )


def _lines(rows: pd.DataFrame) -> str:
    return rows.to_csv(header=False, index=False, float_format="%.3f", lineterminator="\n")


def _seqinfo(sequence: Sequence, suffix: str) -> str:
    lines = {
        "name": sequence.name,
        "imDir": "img1",
        "frameRate": sequence.fps,
        "seqLength": sequence.ticks,
        "imWidth": sequence.width,
        "imHeight": sequence.height,
        "imExt": suffix,
        # Ours: sequences of one recording are of one clock, and show the same people.
        "recording": sequence.recording,
        "camera": sequence.camera,
    }
    return "[Sequence]\n" + "".join(f"{name}={value}\n" for name, value in lines.items())


FORMAT = ExportFormat(write_sequences, "frames")
