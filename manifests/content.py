"""The digest of what a data set *is*: its rows in canonical order, and through them its bytes.

Rows carry the SHA-256 of their image, so that the digest of the rows covers the pixels. Left
out are the columns that say which shard delivered a crop (``PROVENANCE``): the same crops
from differently cut shards, other attempts or another day are the same data set.
"""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.schema import MANIFEST

PROVENANCE = frozenset({"crop_key", "render_id", "dedupe_id"})
"""Columns of the manifest that do not belong to the content; all of them name a shard."""

CONTENT_COLUMNS = tuple(name for name in MANIFEST.names if name not in PROVENANCE)

CANONICAL_ORDER = ("person_index", "scene", "camera", "time", "crop_digest")
"""Published rows are sorted by these columns; together they are unique."""


class ContentDigest:
    """Digest of rows, fed in canonical order in batches of any size; by default of a manifest's.

    A column that is null in every row adds nothing, so that data keep their digest when a
    later version of the schema adds a (nullable) column.
    """

    def __init__(self, columns: Sequence[str] = CONTENT_COLUMNS) -> None:
        self._columns = {name: _ColumnDigest() for name in columns}
        self._rows = 0

    def update(self, rows: pa.Table) -> None:
        """Add the next rows; they must have every column."""
        self._rows += rows.num_rows
        for name, column in self._columns.items():
            for chunk in rows[name].chunks:
                column.update(chunk)

    def hexdigest(self) -> str:
        """64 hexadecimal characters."""
        total = hashlib.blake2b(str(self._rows).encode(), digest_size=32)
        for name, column in sorted(self._columns.items()):
            if column.has_values:
                total.update(name.encode() + b"\0" + column.digest())
        return total.hexdigest()


class _ColumnDigest:
    """One column, independent of how its rows are cut into batches.

    Null flags, lengths and values go to hashers of their own (children of lists likewise), so
    that appending a batch only ever appends to each of them.
    """

    def __init__(self) -> None:
        self._nulls = hashlib.blake2b(digest_size=32)
        self._lengths = hashlib.blake2b(digest_size=32)
        self._values = hashlib.blake2b(digest_size=32)
        self._child: _ColumnDigest | None = None
        self.has_values = False

    def update(self, array: pa.Array) -> None:
        self.has_values |= array.null_count < len(array)
        self._nulls.update(_bytes(np.asarray(array.is_null(), dtype=np.uint8)))
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        kind = array.type
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            self._lengths.update(_int64(pc.list_value_length(array)))
            self._child = self._child or _ColumnDigest()
            self._child.update(array.flatten())
        elif pa.types.is_fixed_size_binary(kind):
            self._values.update(b"".join(v for v in array.to_pylist() if v is not None))
        elif pa.types.is_string(kind) or pa.types.is_binary(kind):
            self._lengths.update(_int64(pc.binary_length(array)))
            self._values.update(_binary_values(array))
        elif pa.types.is_boolean(kind):
            self._values.update(_bytes(np.asarray(pc.fill_null(array, False), dtype=np.uint8)))
        elif pa.types.is_primitive(kind):
            filled = pc.fill_null(array, pa.scalar(0, kind)) if array.null_count else array
            self._values.update(_bytes(filled.to_numpy(zero_copy_only=False)))
        else:
            raise TypeError(f"no canonical bytes for columns of type {kind}")

    def digest(self) -> bytes:
        parts = self._nulls.digest() + self._lengths.digest() + self._values.digest()
        return hashlib.blake2b(
            parts + (self._child.digest() if self._child else b""), digest_size=32
        ).digest()


def _int64(lengths: pa.Array) -> bytes:
    return _bytes(np.asarray(pc.fill_null(lengths, 0)).astype("<i8"))


def _binary_values(array: pa.Array) -> memoryview:
    if array.null_count:
        array = array.drop_null()
    _, offsets, values = array.buffers()
    if values is None or not len(array):
        return memoryview(b"")
    ends = np.frombuffer(offsets, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    return memoryview(values)[int(ends[0]) : int(ends[-1])]


def _bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
