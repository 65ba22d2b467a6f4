"""Tracklets: consecutive crops of one person in one camera, as rows of their own."""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.errors import BadRecipe
from manifests.schema import TRACKLETS

MAX_GAP = 3.0
"""Seconds without a crop that end a tracklet, unless somebody asks for others."""

_OF_THE_FIRST_CROP = ("person_id", "person_index", "scene", "camera", "light")

TRACKLET_COLUMNS = (*_OF_THE_FIRST_CROP, "crop_key", "render_id", "recording", "frame", "time")
"""Columns of a crop or manifest table that tracklets are made from; ``split`` if it has one."""


def find_tracklets(crops: pa.Table, max_gap: float = MAX_GAP, min_length: int = 2) -> pa.Table:
    """Group crops into tracklets (schema ``TRACKLETS``), ordered by person, camera, shard, time.

    Crops of one person in one camera and shard, or recording, are of one tracklet as long as the
    time from each to the next is at most ``max_gap`` seconds; frames are ordered by time, never by
    the text of a name. Tracklets of fewer than ``min_length`` crops are left out.
    """
    if not max_gap > 0 or min_length < 1:
        raise BadRecipe(
            "tracklets need max_gap > 0 seconds and min_length >= 1, "
            f"got {max_gap} and {min_length}"
        )
    person = crops["person_index"].to_numpy()
    # Windows of one recording go on where others end.
    clock = pc.coalesce(crops["recording"], crops["render_id"])
    camera, shard = _ranks(crops["camera"]), _ranks(clock)
    time = crops["time"].to_numpy()
    order = np.lexsort((crops["frame"].to_numpy(), time, shard, camera, person))
    track = np.stack([person, camera, shard], axis=1)[order]
    time = time[order]
    gap = np.diff(time, prepend=np.nan)
    new_track = np.ones(len(order), dtype=bool)
    new_track[1:] = (track[1:] != track[:-1]).any(axis=1)
    starts = np.flatnonzero(new_track | (gap > max_gap))
    ends = np.append(starts[1:], len(order))
    # Numbered within their track, short ones included.
    numbers = np.arange(len(starts))
    first = np.maximum.accumulate(np.where(new_track[starts], numbers, 0))
    ordinal = numbers - first
    long = ends - starts >= min_length
    starts, ends, ordinal = starts[long], ends[long], ordinal[long]

    gap[starts] = 0.0
    lengths = ends - starts
    inside = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    heads, members = crops.take(pa.array(order[starts])), pa.array(order[inside])
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())

    def listed(name: str) -> pa.ListArray:
        return pa.ListArray.from_arrays(offsets, crops[name].take(members).combine_chunks())

    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: heads[name] for name in (*_OF_THE_FIRST_CROP, "split") if name in heads.column_names
    }
    columns |= {
        "tracklet": pc.binary_join_element_wise(
            clock.take(pa.array(order[starts])),
            heads["camera"],
            _padded(heads["person_index"], 6),
            _padded(pa.array(ordinal), 3),
            "/",
        ),
        "start": pa.array(time[starts]),
        "end": pa.array(time[ends - 1]),
        "frames": listed("frame"),
        "times": listed("time"),
        "crop_keys": listed("crop_key"),
        "longest_gap": pa.array(np.maximum.reduceat(gap, starts) if len(starts) else gap[:0]),
    }
    columns.setdefault("split", pa.nulls(len(starts), pa.string()))
    return pa.table({name: columns[name] for name in TRACKLETS.names}).cast(TRACKLETS)


def _ranks(names: pa.ChunkedArray) -> np.ndarray:
    """The rank of every name among the sorted distinct ones."""
    encoded = names.combine_chunks().dictionary_encode()
    ranks = np.argsort(np.argsort(np.array(encoded.dictionary.to_pylist(), dtype=str)))
    return ranks[encoded.indices.to_numpy(zero_copy_only=False)] if len(encoded) else ranks


def _padded(numbers: pa.Array | pa.ChunkedArray, width: int) -> pa.Array | pa.ChunkedArray:
    return pc.utf8_lpad(pc.cast(numbers, pa.string()), width, "0")
