"""Clips of recordings: one person, one camera, picture after picture, for video re-identification.

A clip is a row of boxes around the whole body, as far as it is in the picture, wherever the rules
by which the data set accepts crops hold: tall enough, visible enough, enough pixels.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.annotation_rules import AnnotationRules
from manifests.errors import CorruptData
from manifests.places import Places
from manifests.schema import FULL_BOX
from synth_workers.people.looks.sampling import sample_people
from tasks.annotate.tracklets import MAX_GAP
from tasks.export import recorded as recordings
from tasks.export.folders import place
from tasks.publish.splits import test_people

LEAST_PICTURES = 2
"""Shorter clips are left out."""

JPEG_QUALITY = 95

Placing = Callable[[int, int], str]
"""Where the picture of a number of the clip of a number goes, from 0, under the export's folder."""


@dataclass(frozen=True, eq=False)
class Clip:
    """``ticks``: rising, (k,); ``boxes``: (k, 4) int64 x0, y0, x1, y1, half-open, inside the
    picture. ``person``: number in the recipe; ``split``: train or test."""

    sequence: recordings.Sequence
    person: int
    person_id: str
    split: str
    ticks: np.ndarray
    boxes: np.ndarray


def find_clips(recorded: recordings.Recorded, *, junk: bool = False) -> list[Clip]:
    """All clips, by person, camera, sequence and time. What is missing for more than ``MAX_GAP``
    seconds divides two of them. ``junk``: instead those in which tested people are seen, but not as
    the rules want it."""
    split, rules = splits(recorded), recorded.recipe.annotation
    found: list[Clip] = []
    for one in recorded.sequences:
        shown = _shown(one, rules, junk)
        for index, rows in shown.groupby("person_index"):
            person, ticks = int(str(index)), rows["tick"].to_numpy()
            if junk and split[person] != "test":
                continue
            ends = np.flatnonzero(np.diff(ticks) > MAX_GAP * one.fps) + 1
            for part in np.split(np.arange(len(ticks)), ends):
                if len(part) >= LEAST_PICTURES:
                    boxes = rows[list(FULL_BOX)].to_numpy(np.int64)[part]
                    name = str(rows["person_id"].iloc[0])
                    found.append(Clip(one, person, name, split[person], ticks[part], boxes))
    found.sort(key=lambda clip: (clip.person, clip.sequence.camera, clip.sequence.name))
    return found


def splits(recorded: recordings.Recorded) -> dict[int, str]:
    """Who is trained on and who is tested, of everybody recorded. Who has crops stays where the
    data set put them, and their look-alikes; of others the recipe's share is tested."""
    recipe = recorded.recipe
    people = sorted({int(who) for one in recorded.sequences for who in one.tracks["person_index"]})
    if recipe.splits.worlds is not None:
        places, size = Places(recipe), recipe.shards.people_per_shard
        return {who: "test" if places.is_tested(who // size) else "train" for who in people}
    table = recorded.reader.table(["person_index", "split"]).to_pydict()
    published = dict(zip(table["person_index"], table["split"]))
    specs = sample_people(recipe.people, recipe.seed, [*people, *published], 0)
    unit = {
        who: f"group {spec.look_alike.group_id}" if spec.look_alike else f"person {who}"
        for who, spec in zip([*people, *published], specs)
    }
    decided = {unit[who]: split for who, split in published.items()}
    others = {who: unit[who] for who in people if unit[who] not in decided}
    test = test_people(others, recipe.splits.test_share, recipe.seed)
    return {who: decided.get(unit[who], "test" if who in test else "train") for who in people}


def _shown(one: recordings.Sequence, rules: AnnotationRules, junk: bool) -> pd.DataFrame:
    """Rows of tracks that make a picture, or junk, their full boxes within the frame."""
    rows = one.tracks.dropna(subset=list(FULL_BOX))
    x0, y0, x1, y1 = rows[list(FULL_BOX)].to_numpy(float).T
    within = {
        "full_x0": np.clip(np.floor(x0), 0, one.width),
        "full_y0": np.clip(np.floor(y0), 0, one.height),
        "full_x1": np.clip(np.ceil(x1), 0, one.width),
        "full_y1": np.clip(np.ceil(y1), 0, one.height),
    }
    rows = rows.assign(**within)
    good = rows["visibility"] >= rules.min_visibility
    good &= rows["visible_pixels"] >= max(1, rules.min_visible_pixels)
    good &= rows["full_y1"] - rows["full_y0"] >= rules.min_height
    real = (rows["full_x1"] > rows["full_x0"]) & (rows["full_y1"] > rows["full_y0"])
    real &= rows["visible_pixels"] > 0
    return rows[real & (~good if junk else good)]


def write_clips(
    recorded: recordings.Recorded, clips: Sequence[Clip], path: Placing, folder: Path
) -> int:
    """Cut and write every picture of ``clips`` that was recorded; how many there are.

    Pictures are JPEG or PNG, as their paths end.
    """
    wanted: defaultdict[tuple[str, int], list[tuple[str, np.ndarray]]] = defaultdict(list)
    for number, clip in enumerate(clips):
        for k, tick in enumerate(clip.ticks.tolist()):
            wanted[clip.sequence.name, tick].append((path(number, k), clip.boxes[k]))
    written = 0
    for picture in recorded.pictures():
        cuts = wanted.get((picture.sequence.name, picture.tick))
        if not cuts:
            continue
        pixels = cv2.imdecode(np.frombuffer(picture.lit, np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            raise CorruptData(f"{picture.sequence.name}: tick {picture.tick} cannot be read")
        for name, (x0, y0, x1, y1) in cuts:
            coding = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if name.endswith(".jpg") else []
            cut = np.ascontiguousarray(pixels[y0:y1, x0:x1])
            place(folder, name).write_bytes(cv2.imencode(name[-4:], cut, coding)[1].tobytes())
            written += 1
    return written


def told(clips: Sequence[Clip], columns: Mapping[str, Sequence[object]]) -> bytes:
    """A Parquet file with a row per clip, and ``columns`` of the format's own: what its names and
    numbers stand for."""
    rows = {
        **columns,
        "person_id": [clip.person_id for clip in clips],
        "person_index": [clip.person for clip in clips],
        "split": [clip.split for clip in clips],
        "scene": [clip.sequence.scene for clip in clips],
        "light": [clip.sequence.light for clip in clips],
        "camera": [clip.sequence.camera for clip in clips],
        "recording": [clip.sequence.recording for clip in clips],
        "fps": [clip.sequence.fps for clip in clips],
        "ticks": [clip.ticks.tolist() for clip in clips],
        "boxes": [clip.boxes.tolist() for clip in clips],
    }
    stream = io.BytesIO()
    pq.write_table(pa.table(rows), stream)
    return stream.getvalue()
