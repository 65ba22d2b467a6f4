"""What is published of channels that a recipe asks for, read off the bundles of its data set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.channels import IMAGES, Channel
from manifests.dataset import Dataset
from manifests.ground_truth import (
    BOX3D,
    GROUND_TRUTH_FILE,
    ORDER,
    PEOPLE_FILE,
    PEOPLE_INSTANCES,
    SCHEMAS,
)
from manifests.identity import recording_id, render_id
from manifests.layout import PublishedFile
from manifests.shards import ShardSpec
from tasks.publish.kept_frames import kept_frames

_PLAIN = ("camera", "instant", "time", "width", "height", "frame")
_JOINT_NAMES, _CLASSES, _SCENERY = b"joint_names", b"classes", b"scenery"


def read_ground_truth(
    dataset: Dataset, channels: Sequence[Channel], plans: Sequence[str]
) -> dict[PublishedFile, pa.Table]:
    """By file, what shards of the kept ``plans`` (digests) have of ``channels``, in order.

    ``CorruptData`` if a bundle is gone or damaged.
    """
    images: list[Channel] = [name for name in IMAGES if name in channels]
    solids: list[Channel] = [name for name in channels if name not in IMAGES]
    found: dict[PublishedFile, list[pa.Table]] = {}
    if images:
        found[GROUND_TRUTH_FILE] = []
    if solids:
        found[PEOPLE_FILE] = []
    said: dict[PublishedFile, dict[str, Any]] = {name: {} for name in found}
    wanted = [*_PLAIN, "people", *images, *solids]
    if "instances" in images:
        wanted.append(PEOPLE_INSTANCES)
    for shard, told, table in kept_frames(dataset, plans, wanted):
        if images:
            found[GROUND_TRUTH_FILE].append(_pictures(shard, table, images))
            if _CLASSES in told:
                said[GROUND_TRUTH_FILE]["classes"] = json.loads(told[_CLASSES])
                scenes = said[GROUND_TRUTH_FILE].setdefault("scenery", {})
                scenes[shard.scene] = json.loads(told[_SCENERY])
        if solids:
            found[PEOPLE_FILE].append(_people(shard, table, solids))
            said[PEOPLE_FILE]["joint_names"] = json.loads(told.get(_JOINT_NAMES, b"[]"))
    return {name: _ordered(name, tables, said[name]) for name, tables in found.items()}


def _ordered(name: PublishedFile, tables: Sequence[pa.Table], said: Mapping[str, Any]) -> pa.Table:
    table = pa.concat_tables([SCHEMAS[name].empty_table(), *tables])
    table = table.sort_by([(column, "ascending") for column in ORDER[name]])
    return table.replace_schema_metadata(
        {word: json.dumps(value, sort_keys=True) for word, value in sorted(said.items())}
    )


def _pictures(shard: ShardSpec, table: pa.Table, images: Sequence[Channel]) -> pa.Table:
    columns = {name: table[name] for name in _PLAIN}
    for name in images:
        digests = [hashlib.sha256(image).digest() for image in table[name].to_pylist()]
        columns[f"{name}_sha256"] = pa.array(digests, pa.binary(32))
    if "instances" in images:
        listed = table["people"].combine_chunks()
        indices = listed.flatten().field("person_index")
        columns["people"] = pa.ListArray.from_arrays(listed.offsets, indices)
        columns[PEOPLE_INSTANCES] = table[PEOPLE_INSTANCES]
    return _rows(GROUND_TRUTH_FILE, shard, table.num_rows, columns)


def _people(shard: ShardSpec, table: pa.Table, solids: Sequence[Channel]) -> pa.Table:
    listed = table["people"].combine_chunks()
    frame = np.repeat(np.arange(table.num_rows), np.diff(listed.offsets.to_numpy()))
    people = pa.Table.from_struct_array(listed.flatten())
    columns = {name: people[name] for name in ("person_id", "person_index")}
    columns |= {name: table[name].take(pa.array(frame)) for name in ("instant", "time")}
    if "boxes3d" in solids:
        boxes = table["boxes3d"].combine_chunks().flatten().flatten().to_numpy()
        values = boxes.reshape(len(frame), len(BOX3D))
        columns |= {f"box_{name}": pa.array(values[:, k]) for k, name in enumerate(BOX3D)}
    if "joints3d" in solids:
        columns["joints3d"] = table["joints3d"].combine_chunks().flatten()
    # Everybody once in an instant, whichever cameras see them.
    keys = np.column_stack([columns[n].to_numpy() for n in ("instant", "person_index")])
    first = np.sort(np.unique(keys, axis=0, return_index=True)[1])
    once = {name: column.take(pa.array(first)) for name, column in columns.items()}
    return _rows(PEOPLE_FILE, shard, len(first), once)


def _rows(
    name: PublishedFile,
    shard: ShardSpec,
    count: int,
    columns: dict[str, pa.Array | pa.ChunkedArray],
) -> pa.Table:
    said = {
        "scene": shard.scene,
        "light": shard.light,
        "recording": recording_id(shard),
        "render_id": render_id(shard),
    }
    columns = columns | {key: pa.array([value] * count, pa.string()) for key, value in said.items()}
    schema = SCHEMAS[name]
    rows = [columns.get(f.name, pa.nulls(count, f.type)).cast(f.type) for f in schema]
    return pa.table(rows, schema=schema)
