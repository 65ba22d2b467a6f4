"""What selection needs to know of every accepted crop: a few numbers each, never its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from manifests.claims import Claim
from manifests.errors import CorruptData, NotFound
from manifests.layout import repairing
from manifests.parquet import reading_parquet
from manifests.schema import CROPS
from manifests.stores import Store
from tasks.publish.row_stream import united

_KEPT = ["person_index", "scene", "camera", "time", "visibility"]
_HEIGHT = ["box_y0", "box_y1"]
_COLUMNS = [*_KEPT, *_HEIGHT, "person_id", "look_alike_group", "crop_digest"]
_READERS = 4

KEPT_BYTES = 256 << 20
"""Most that is remembered of crop files between rounds: about seven million crops."""


@dataclass(frozen=True)
class Candidates:
    """Accepted crops of all claimed shards, each distinct image once.

    Arrays of one entry per crop: ``person`` int32; ``scene``, ``camera`` int16 codes into
    ``scenes``, ``cameras`` (sorted names); ``time`` float64; ``visibility`` float32; ``height``
    int16, of the tight box, pixels; ``digest`` (n, 2) uint64, the first 16 bytes of the image's
    SHA-256; ``file`` int32 index into ``files``; ``row`` int32 within that file. ``split_group``
    maps a person to the unit that must not be divided by a split: the look-alike group, else the
    person itself.
    """

    files: tuple[Claim, ...]
    scenes: tuple[str, ...]
    cameras: tuple[str, ...]
    person: np.ndarray
    scene: np.ndarray
    camera: np.ndarray
    time: np.ndarray
    visibility: np.ndarray
    height: np.ndarray
    digest: np.ndarray
    file: np.ndarray
    row: np.ndarray
    split_group: dict[int, str]

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: np.ndarray) -> Candidates:
        """Only the crops ``rows`` (indices or mask), in that order."""
        columns = {name: of for name, of in vars(self).items() if isinstance(of, np.ndarray)}
        return replace(self, **{name: of[rows] for name, of in columns.items()})


class ReadCrops:
    """What was read of claimed crop files, so that no round of a build reads a file again.

    Files are known by their SHA-256. What does not fit into ``most_bytes`` is read every time.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._left = most_bytes
        self._known: dict[str, _Shard] = {}

    def of(self, store: Store, files: Sequence[Claim]) -> list[_Shard]:
        """Each of ``files``, remembered or read now."""
        with ThreadPoolExecutor(_READERS) as pool:
            shards = list(
                pool.map(lambda claim: self._known.get(claim.sha256) or _read(store, claim), files)
            )
        for claim, shard in zip(files, shards, strict=True):
            if claim.sha256 not in self._known and shard.bytes <= self._left:
                self._known[claim.sha256] = shard
                self._left -= shard.bytes
        return shards


def read_candidates(
    store: Store, claims: Mapping[str, Claim], known: ReadCrops | None = None
) -> Candidates:
    """The candidates of all claimed crop files, in an order that depends on the claims alone.

    ``known``: what earlier rounds have read; what is read now is added to it.
    """
    files = tuple(claims[id] for id in sorted(claims))
    shards = (known or ReadCrops(0)).of(store, files)
    nothing = _compact(CROPS.empty_table())
    rows = united([nothing, *(shard.rows for shard in shards)])
    scene, camera = rows["scene"].cat, rows["camera"].cat
    sizes = [len(shard.rows) for shard in shards]
    candidates = Candidates(
        files,
        tuple(scene.categories),
        tuple(camera.categories),
        rows["person_index"].to_numpy(),
        scene.codes.to_numpy(np.int16),
        camera.codes.to_numpy(np.int16),
        rows["time"].to_numpy(),
        rows["visibility"].to_numpy(),
        rows["height"].to_numpy(),
        rows[["high", "low"]].to_numpy(),
        np.repeat(np.arange(len(files), dtype=np.int32), sizes),
        np.concatenate([np.arange(size, dtype=np.int32) for size in (0, *sizes)]),
        _split_groups(shards),
    )
    first = _first_of_each_image(candidates.digest)
    return candidates if len(first) == len(candidates) else candidates.take(first)


@dataclass(frozen=True)
class _Shard:
    """One crop file; of its Arrow table the few columns of ``_compact`` are kept."""

    rows: pd.DataFrame
    split_groups: dict[int, str]

    @property
    def bytes(self) -> int:
        """Of its rows, which are nearly all of it."""
        return int(self.rows.memory_usage(index=False).sum())


def _read(store: Store, claim: Claim) -> _Shard:
    try:
        file = store.open_parquet(claim.key)
    except (NotFound, CorruptData) as error:
        raise CorruptData(f"{error}; {repairing(claim.key)}") from None
    if file.metadata.num_rows != claim.rows:
        raise CorruptData(
            f"{store.uri}/{claim.key}: has {file.metadata.num_rows} rows, its claim says "
            f"{claim.rows}; {repairing(claim.key)}"
        )
    with reading_parquet(f"{store.uri}/{claim.key}", repairing(claim.key)):
        table = file.read(columns=_COLUMNS).combine_chunks()
        return _Shard(_compact(table), _groups_of(table))


def _compact(crops: pa.Table) -> pd.DataFrame:
    """What is kept of crops: names as categories, ``high`` and ``low`` of their digests."""
    rows = crops.select(_KEPT).to_pandas(strings_to_categorical=True)
    high, low = digest_words(crops["crop_digest"]).T
    top, bottom = (crops[corner].to_numpy() for corner in _HEIGHT)
    return rows.assign(height=bottom - top, high=high, low=low)


def digest_words(column: pa.ChunkedArray) -> np.ndarray:
    """(n, 2) uint64: the first sixteen bytes of SHA-256 digests, which tell crops apart."""
    parts = [np.empty((0, 2), np.uint64)]
    for chunk in column.chunks:
        words = np.frombuffer(chunk.buffers()[1], dtype=np.uint64).reshape(-1, 4)
        parts.append(words[chunk.offset : chunk.offset + len(chunk), :2])
    return np.concatenate(parts)


def _groups_of(table: pa.Table) -> dict[int, str]:
    _, first = np.unique(table["person_index"].to_numpy(), return_index=True)
    rows = table.select(["person_index", "person_id", "look_alike_group"]).take(pa.array(first))
    return {
        row["person_index"]: f"group {row['look_alike_group']}"
        if row["look_alike_group"]
        else f"person {row['person_id']}"
        for row in rows.to_pylist()
    }


def _split_groups(shards: Sequence[_Shard]) -> dict[int, str]:
    groups: dict[int, str] = {}
    for shard in shards:
        for person, unit in shard.split_groups.items():
            if groups.setdefault(person, unit) != unit:
                raise CorruptData(
                    f"person {person} has different look-alike groups in different shards; "
                    "these shards do not belong to one recipe"
                )
    return groups


def _first_of_each_image(digest: np.ndarray) -> np.ndarray:
    """Rising indices of the first crop of every distinct image."""
    if len(np.unique(digest[:, 0])) == len(digest):
        return np.arange(len(digest))
    order = np.lexsort((digest[:, 1], digest[:, 0]))  # stable: equal images keep their order
    ordered = digest[order]
    first = np.ones(len(digest), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return np.sort(order[first])
