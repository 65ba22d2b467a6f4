"""Recordings in the layout of iLIDS-VID (Wang et al., ECCV 2014): two cameras, a clip of each
person in each of them.

``i-LIDS-VID/sequences/cam1/person001/cam1_person001_00001.png`` and so on, and one picture of each
in ``i-LIDS-VID/images``. ``splits.json`` is what torchreid keeps beside them: who is trained on and
who is tested as the data set has it, then ten random halves, which know nothing of look-alikes.
``train-test people splits`` has these halves as the original does.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
from scipy.io import savemat

from manifests.errors import BadRecipe, NotFound
from manifests.reader import SnapshotReader
from tasks.export.clips import Clip, find_clips, told, write_clips
from tasks.export.crop_layout import numbered
from tasks.export.folders import ExportFormat, place
from tasks.export.recorded import Recorded

_HOME = "i-LIDS-VID"
_SPLITS = "train-test people splits/train_test_splits_ilidsvid"
_HALVES = 10


def write_pairs(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write the longest clip of each person and camera, of those whom both cameras saw; pictures,
    and how many rows of tracks make none."""
    recorded = Recorded(reader, cameras)
    camera = numbered([one.camera for one in recorded.sequences], 1)
    if len(camera) != 2:
        raise BadRecipe(
            f"iLIDS-VID has two cameras and these are {len(camera)}: {', '.join(camera)}; choose "
            "two with --camera"
        )
    longest: dict[tuple[str, int], Clip] = {}
    for clip in find_clips(recorded):
        key = clip.person_id, camera[clip.sequence.camera]
        if key not in longest or len(clip.ticks) > len(longest[key].ticks):
            longest[key] = clip
    both = {who for who, number in longest if number == 1} & {w for w, n in longest if n == 2}
    if not both:
        raise NotFound(f"nobody was seen well by both {' and '.join(camera)}; choose other cameras")
    person = numbered(both, 1)
    chosen = [(key, clip) for key, clip in sorted(longest.items()) if key[0] in both]
    names = [f"cam{number}/person{person[who]:03d}" for (who, number), _ in chosen]
    stem = [f"{_HOME}/sequences/{name}/{name.replace('/', '_')}_" for name in names]
    clips = [clip for _, clip in chosen]
    written = write_clips(recorded, clips, lambda n, k: f"{stem[n]}{k + 1:05d}.png", folder)
    for name, start in zip(names, stem):
        first = (folder / f"{start}00001.png").read_bytes()
        place(folder, f"{_HOME}/images/{name}/{name.replace('/', '_')}.png").write_bytes(first)
    part = {f"person{person[clip.person_id]:03d}": clip.split for clip in clips}
    splits = [
        {
            name: sorted(who for who, side in part.items() if side == name)
            for name in ("train", "test")
        }
    ]
    orders = halves(len(part), recorded.recipe.seed)
    everybody, tested = sorted(part), len(part) // 2
    for order in orders - 1:
        sides = {"train": order[tested:], "test": order[:tested]}
        splits.append({name: sorted(everybody[k] for k in who) for name, who in sides.items()})
    place(folder, "splits.json").write_text(json.dumps(splits, indent=1) + "\n")
    stream = io.BytesIO()
    savemat(stream, {"ls_set": orders})
    place(folder, f"{_SPLITS}.mat").write_bytes(stream.getvalue())
    place(folder, "tracklets.parquet").write_bytes(told(clips, {"file_stem": stem}))
    return written, sum(len(one.tracks) for one in recorded.sequences) - written


def halves(people: int, seed: int) -> np.ndarray:
    """(10, people) int64, numbers from 1 in random orders: the first half is tested."""
    rng = np.random.default_rng([seed, _HALVES])
    return np.stack([rng.permutation(people) + 1 for _ in range(_HALVES)])


FORMAT = ExportFormat(write_pairs, "pictures")
