"""Recordings in the layout of MARS (Zheng et al., ECCV 2016), for video re-identification.

``bbox_train`` and ``bbox_test`` have a folder per person and names like ``0001C1T0001F001.jpg``:
person, camera, tracklet, picture; ``info`` lists names, tracklets and which of them ask. Person
0000 is a distractor, person 00-1 junk: tested people, seen worse than the recipe's rules want it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.io import savemat

from manifests.errors import BadRecipe
from manifests.reader import SnapshotReader
from tasks.export.clips import Clip, find_clips, told, write_clips
from tasks.export.crop_layout import numbered
from tasks.export.folders import ExportFormat, place
from tasks.export.recorded import Recorded

_MOST_CAMERAS, _MOST_PEOPLE = 6, 9999
_JUNK = -1


def write_mars(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write the clips of everybody; pictures, and how many rows of tracks make none."""
    recorded = Recorded(reader, cameras)
    camera = numbered([one.camera for one in recorded.sequences], 1)
    if len(camera) > _MOST_CAMERAS:
        raise BadRecipe(
            f"readers of MARS accept {_MOST_CAMERAS} cameras and these are {len(camera)}; choose "
            f"at most {_MOST_CAMERAS} with --camera"
        )
    clips = find_clips(recorded)
    person = numbered([clip.person_id for clip in clips], 1)
    if len(person) > _MOST_PEOPLE:
        raise BadRecipe(f"names of MARS have {_MOST_PEOPLE} people and these are {len(person)}")
    silent = _distractors(reader)
    who = [0 if clip.person in silent else person[clip.person_id] for clip in clips]
    asking = queries([clip for clip in clips if clip.person not in silent and clip.split == "test"])
    junk = find_clips(recorded, junk=True)
    clips, who = [*clips, *junk], [*who, *[_JUNK] * len(junk)]
    called = ["00-1" if one == _JUNK else f"{one:04d}" for one in who]
    stem = [
        f"bbox_{clip.split}/{one}/{one}C{camera[clip.sequence.camera]}T{number:04d}F"
        for number, (clip, one) in enumerate(zip(clips, called), start=1)
    ]
    written = write_clips(recorded, clips, lambda n, k: f"{stem[n]}{k + 1:03d}.jpg", folder)
    for split in ("train", "test"):
        chosen = [n for n, clip in enumerate(clips) if clip.split == split]
        names = [
            f"{Path(stem[n]).name}{k + 1:03d}.jpg\n"
            for n in chosen
            for k in range(len(clips[n].ticks))
        ]
        place(folder, f"info/{split}_name.txt").write_text("".join(names))
        ends = np.cumsum([len(clips[n].ticks) for n in chosen], dtype=np.int64)
        rows = [
            (end - len(clips[n].ticks) + 1, end, who[n], camera[clips[n].sequence.camera])
            for n, end in zip(chosen, ends)
        ]
        table = np.array(rows, np.int32).reshape(-1, 4)
        _write_mat(folder, f"tracks_{split}_info", {f"track_{split}_info": table})
        if split == "test":
            asked = [place + 1 for place, n in enumerate(chosen) if clips[n] in asking]
            _write_mat(folder, "query_IDX", {"query_IDX": np.array([asked], np.int32)})
    columns = {
        "file_stem": stem,
        "query": [clip in asking for clip in clips],
        "junk": [one == _JUNK for one in who],
    }
    place(folder, "tracklets.parquet").write_bytes(told(clips, columns))
    return written, sum(len(one.tracks) for one in recorded.sequences) - written


def queries(clips: Sequence[Clip]) -> list[Clip]:
    """At most one clip of each person and camera, the longest: those that ask. Each is answered by
    a clip of the same person and another camera that does not ask."""
    asking: list[Clip] = []
    for person in sorted({clip.person for clip in clips}):
        own = [clip for clip in clips if clip.person == person]
        chosen: list[Clip] = []
        for camera in sorted({clip.sequence.camera for clip in own}):
            here = [clip for clip in own if clip.sequence.camera == camera]
            trial = [*chosen, max(here, key=lambda clip: len(clip.ticks))]
            seen = {clip.sequence.camera for clip in own if clip not in trial}
            if all(seen - {clip.sequence.camera} for clip in trial):
                chosen = trial
        asking += chosen
    return asking


def _distractors(reader: SnapshotReader) -> set[int]:
    """Numbers of people who never ask."""
    rows = reader.table(["person_index", "role"]).to_pydict()
    return {who for who, role in zip(rows["person_index"], rows["role"]) if role == "distractor"}


def _write_mat(folder: Path, name: str, content: dict[str, np.ndarray]) -> None:
    stream = io.BytesIO()
    savemat(stream, content)
    place(folder, f"info/{name}.mat").write_bytes(stream.getvalue())


FORMAT = ExportFormat(write_mars, "pictures")
