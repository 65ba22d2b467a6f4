"""What selection needs to know of every accepted crop: a few numbers each, never its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from manifests.claims import Claim
from manifests.errors import CorruptData
from manifests.stores import Store

_COLUMNS = [
    "person_index",
    "person_id",
    "scene",
    "camera",
    "time",
    "visibility",
    "look_alike_group",
    "crop_digest",
]
_READERS = 4


@dataclass(frozen=True)
class Candidates:
    """Accepted crops of all claimed shards, each distinct image once.

    Arrays of one entry per crop: ``person`` int32; ``scene``, ``camera`` int16 codes into
    ``scenes``, ``cameras`` (sorted names); ``time`` float64; ``visibility`` float32; ``digest``
    (n, 2) uint64, the first 16 bytes of the image's SHA-256; ``file`` int32 index into
    ``files``; ``row`` int32 within that file. ``split_group`` maps a person to the unit that
    must not be divided by a split: the look-alike group, else the person itself.
    """

    files: tuple[Claim, ...]
    scenes: tuple[str, ...]
    cameras: tuple[str, ...]
    person: np.ndarray
    scene: np.ndarray
    camera: np.ndarray
    time: np.ndarray
    visibility: np.ndarray
    digest: np.ndarray
    file: np.ndarray
    row: np.ndarray
    split_group: dict[int, str]

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: np.ndarray) -> Candidates:
        """Only the crops ``rows`` (indices or mask), in that order."""
        return Candidates(
            self.files,
            self.scenes,
            self.cameras,
            self.person[rows],
            self.scene[rows],
            self.camera[rows],
            self.time[rows],
            self.visibility[rows],
            self.digest[rows],
            self.file[rows],
            self.row[rows],
            self.split_group,
        )


def read_candidates(store: Store, claims: Mapping[str, Claim]) -> Candidates:
    """The candidates of all claimed crop files, in an order that depends on the claims alone."""
    files = tuple(claims[id] for id in sorted(claims))
    with ThreadPoolExecutor(_READERS) as pool:
        tables = list(pool.map(lambda claim: _read(store, claim), files))
    scenes, scene = _codes([table["scene"] for table in tables])
    cameras, camera = _codes([table["camera"] for table in tables])
    candidates = Candidates(
        files,
        scenes,
        cameras,
        _column(tables, "person_index", np.int32),
        scene,
        camera,
        _column(tables, "time", np.float64),
        _column(tables, "visibility", np.float32),
        _digests(tables),
        np.repeat(np.arange(len(files), dtype=np.int32), [table.num_rows for table in tables]),
        _concatenate([np.arange(table.num_rows, dtype=np.int32) for table in tables], np.int32),
        _split_groups(tables),
    )
    return candidates.take(_first_of_each_image(candidates.digest))


def _read(store: Store, claim: Claim) -> pa.Table:
    file = store.open_parquet(claim.key)
    if file.metadata.num_rows != claim.rows:
        raise CorruptData(
            f"{store.uri}/{claim.key}: has {file.metadata.num_rows} rows, its claim says "
            f"{claim.rows}; delete the claim of {claim.id} and build again"
        )
    try:
        return file.read(columns=_COLUMNS)
    except (pa.ArrowException, OSError) as error:
        raise CorruptData(f"{store.uri}/{claim.key}: cannot be read: {error}") from None


def _codes(columns: Sequence[pa.ChunkedArray]) -> tuple[tuple[str, ...], np.ndarray]:
    """Sorted distinct names of all columns, and the code of every entry."""
    encoded = [column.combine_chunks().dictionary_encode() for column in columns]
    names = sorted({name for column in encoded for name in column.dictionary.to_pylist()})
    code = {name: number for number, name in enumerate(names)}
    parts = []
    for column in encoded:
        own = np.array([code[name] for name in column.dictionary.to_pylist()], dtype=np.int16)
        indices = column.indices.to_numpy(zero_copy_only=False)
        parts.append(own[indices] if own.size else np.empty(0, np.int16))
    return tuple(names), _concatenate(parts, np.int16)


def _column(tables: Sequence[pa.Table], name: str, kind: type) -> np.ndarray:
    return _concatenate([table[name].to_numpy().astype(kind) for table in tables], kind)


def _digests(tables: Sequence[pa.Table]) -> np.ndarray:
    parts = []
    for table in tables:
        for chunk in table["crop_digest"].chunks:
            data = np.frombuffer(chunk.buffers()[1], dtype=np.uint64)
            parts.append(
                data[chunk.offset * 4 : (chunk.offset + len(chunk)) * 4].reshape(-1, 4)[:, :2]
            )
    return np.concatenate(parts) if parts else np.empty((0, 2), np.uint64)


def _split_groups(tables: Sequence[pa.Table]) -> dict[int, str]:
    groups: dict[int, str] = {}
    for table in tables:
        people = table["person_index"].to_numpy()
        _, first = np.unique(people, return_index=True)
        rows = table.select(["person_index", "person_id", "look_alike_group"]).take(pa.array(first))
        for row in rows.to_pylist():
            group = row["look_alike_group"]
            unit = f"group {group}" if group else f"person {row['person_id']}"
            if groups.setdefault(row["person_index"], unit) != unit:
                raise CorruptData(
                    f"person {row['person_index']} has different look-alike groups in different "
                    "shards; these shards do not belong to one recipe"
                )
    return groups


def _first_of_each_image(digest: np.ndarray) -> np.ndarray:
    """Rising indices of the first crop of every distinct image."""
    order = np.lexsort((np.arange(len(digest)), digest[:, 1], digest[:, 0]))
    ordered = digest[order]
    first = np.ones(len(digest), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return np.sort(order[first])


def _concatenate(parts: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, kind)
