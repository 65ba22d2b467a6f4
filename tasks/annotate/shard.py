"""Annotating one shard: a frame bundle in, labelled crops and counted refusals out.

Pure and deterministic: the same bundle, rules, shard and people give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.annotation_rules import AnnotationRules
from manifests.errors import CorruptData, FrameRefused
from manifests.identity import child_seed, recording_id, render_id
from manifests.schema import CROPS, REFUSALS
from manifests.shards import ShardSpec
from synth_workers.contracts.registry import CONTRACTS
from synth_workers.images import decode_mask, read_lit
from synth_workers.people.motion.activities import labels_of
from tasks.annotate.bundle import Frame, read_frames
from tasks.annotate.crop_looks import FrameLook, brightness_of, look_of_camera
from tasks.annotate.frames import annotate_frame
from tasks.annotate.rows import (
    UNKNOWN_LOOKS,
    WHOLE_FRAME,
    Described,
    crop_row,
    looks_columns,
    refusal_row,
)
from tasks.annotate.statistics import DEDUPE_COLUMNS, dedupe_ids, shard_statistics

_GRAIN = 1


@dataclass(frozen=True)
class AnnotatedShard:
    """``crops``: schema ``CROPS``, ordered by frame and person; ``refusals``: schema ``REFUSALS``.

    ``statistics``: JSON-ready counts, see ``statistics.shard_statistics``, and ``calibrations``: by
    camera, as ``manifests.schema.CALIBRATION`` with the width and height of its frames.
    """

    crops: pa.Table
    refusals: pa.Table
    statistics: dict[str, Any]


def annotate_bundle(
    bundle_path: Path, rules: AnnotationRules, shard: ShardSpec, specs: Sequence[Described]
) -> AnnotatedShard:
    """Cut and label every acceptable person of every frame of a bundle, a few frames at a time.

    Raises ``CorruptData`` for a damaged bundle; see ``annotate_frames`` for the rest.
    """
    return annotate_frames(read_frames(bundle_path), rules, shard, specs)


def annotate_frames(
    frames: Iterable[Frame], rules: AnnotationRules, shard: ShardSpec, specs: Sequence[Described]
) -> AnnotatedShard:
    """Cut and label every acceptable person of every frame.

    ``specs``: at least the people of the shard, in any order. A frame that fails validation
    yields one refusal with ``person_index`` -1 and no crops; somebody who is visible but not
    acceptable yields one refusal. Of a recording frames ``capture.min_seconds_between`` apart are
    cut from. Raises ``CorruptData`` for frames that show people whose specs are not given.
    """
    contract = CONTRACTS[shard.engine.contract]
    unknown = contract.level_owns_people(shard.engine)
    looks = {spec.index: dict(UNKNOWN_LOOKS) if unknown else looks_columns(spec) for spec in specs}
    active = set() if unknown else {spec.index for spec in specs if spec.activities}
    identity = render_id(shard)
    recording = recording_id(shard)
    entropy = child_seed(shard.dataset_seed, "enlarge", recording or identity)
    entropy = entropy.generate_state(4).tolist()
    same = {"scene": shard.scene, "render_id": identity, "recording": recording}
    spacing = _ticks_between(shard)

    batches: list[pa.RecordBatch] = []
    refusals: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    calibrations: dict[str, dict[str, Any]] = {}
    for frame in frames:
        if not seen[frame.camera]:
            size = {"width": frame.width, "height": frame.height}
            calibrations[frame.camera] = size | frame.calibration.stored()
        seen[frame.camera] += 1
        _check_people(frame, looks)
        if frame.instant % spacing:
            continue

        def draw(person: int, number: int = frame.frame) -> np.random.Generator:
            return np.random.default_rng([*entropy, number, person])

        try:
            lit = read_lit(frame.lit, frame.lit_format, frame.size)
            mask = decode_mask(frame.mask, frame.size)
            annotation = annotate_frame(frame, mask, rules, contract.foreign_colours, draw)
        except FrameRefused as error:
            refusals.append(refusal_row(frame, WHOLE_FRAME, error.reason))
            continue
        look = _look(frame, lit, rules, entropy)
        rows = []
        for i, reason in enumerate(annotation.verdicts.reasons):
            person = int(annotation.candidates.person[i])
            if reason:
                refusals.append(refusal_row(frame, person, reason))
            else:
                row = crop_row(frame, annotation, i, lit, rules, look)
                if person in active:
                    clip = frame.people.animation[int(annotation.known[i])]
                    row["activity"] = labels_of(clip)
                rows.append(row | looks[person] | same)
        rows.sort(key=lambda row: row["person_index"])
        batches.append(_batch(rows, identity))
    refusals.sort(key=lambda row: (row["frame"], row["person_index"]))
    crops = pa.Table.from_batches(batches, schema=CROPS)
    crops = crops.sort_by([("frame", "ascending"), ("person_index", "ascending")])
    ids = pa.array(dedupe_ids(crops.select(DEDUPE_COLUMNS).to_pandas()), pa.int64())
    crops = crops.set_column(CROPS.get_field_index("dedupe_id"), CROPS.field("dedupe_id"), ids)
    refused = pa.Table.from_pylist(refusals, schema=REFUSALS)
    statistics = shard_statistics(crops, refused, seen) | {"calibrations": calibrations}
    return AnnotatedShard(crops, refused, statistics)


def _look(
    frame: Frame, lit: np.ndarray, rules: AnnotationRules, entropy: Sequence[int]
) -> FrameLook | None:
    found = look_of_camera(frame.camera, rules.looks)
    if found is None:
        return None

    def draw(person: int) -> np.random.Generator:
        # Not the generator of the person's box, so that looks move no boxes.
        return np.random.default_rng([*entropy, frame.frame, person, _GRAIN])

    return FrameLook(found, brightness_of(lit), draw)


def _ticks_between(shard: ShardSpec) -> int:
    """Every how many instants of a shard crops are cut; chosen moments are all cut from."""
    if shard.video is None:
        return 1
    return max(1, round(shard.capture.min_seconds_between * shard.video.fps))


def _check_people(frame: Frame, looks: Mapping[int, Any]) -> None:
    strangers = [int(index) for index in frame.people.index if int(index) not in looks]
    if strangers:
        raise CorruptData(
            f"frame {frame.frame} of {frame.camera} shows people {strangers[:5]} whose specs "
            "were not given; annotate it with the recipe it was rendered from"
        )


def _batch(rows: Iterable[dict[str, Any]], identity: str) -> pa.RecordBatch:
    keyed = [
        row | {"crop_key": f"{identity}/{row['frame']:06d}/{row['person_index']:06d}"}
        for row in rows
    ]
    return pa.RecordBatch.from_pylist(keyed, schema=CROPS)
