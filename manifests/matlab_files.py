"""MATLAB's files of version 5 (``.mat``), as data sets and annotations come in.

SciPy's reader trusts what a file says of itself, and a damaged one may end the process. Here every
size is checked against the bytes that are there.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

_MAX_BYTES = 1 << 28
"""Of a file, and of all that its compressed parts hold."""

_MAX_ARRAYS = 1 << 21
_MAX_DEPTH = 16
_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_UTF_8 = 16
_TEXTS = {_UTF_8: "utf-8", 17: "utf-16", 18: "utf-32"}
_CODES = {1, 2, 4}
_NUMBERS = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_WHOLE = {1, 2, 3, 4, 5, 6, 12, 13}
_CELL, _STRUCT, _CHAR, _OPAQUE = 1, 2, 4, 17
_CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
_COMPLEX = 0x0800


def matlab_variables(path: Path) -> dict[str, Any]:
    """Its variables by name.

    Numbers and cells are arrays of two and more dimensions, cells of dtype object; texts arrays of
    strings, one a row; structs arrays of dtype object of dictionaries. Variables of other kinds
    are left out, and None in cells and structs. Raises ``ValueError`` for what is no such file, is
    cut off or contradicts itself, and ``OSError``.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError("larger than a list of labels is")
    if data[:10] == b"MATLAB 7.3" or data[:4] == b"\x89HDF":
        raise ValueError("this is a MATLAB file of version 7.3; save it with -v7")
    order = {b"IM": "<", b"MI": ">"}.get(data[126:_HEADER])
    if order is None:
        raise ValueError("this is no MATLAB file of version 5 to 7; save it with -v7")
    return dict(_Elements(order).variables(data[_HEADER:], _MATRIX, _COMPRESSED))


class _Elements:
    """Reads elements: a kind and a size, then so many bytes."""

    def __init__(self, order: str) -> None:
        self._order = order
        self._bytes_left = _MAX_BYTES
        self._arrays_left = _MAX_ARRAYS

    def variables(self, data: bytes, *expected: int) -> Iterator[tuple[str, Any]]:
        for kind, body in self._split(data):
            if kind not in expected:
                raise ValueError(f"an element of an unknown kind ({kind})")
            if kind == _COMPRESSED:
                yield from self.variables(self._inflated(body), _MATRIX)
            else:
                name, value = self._matrix(body, 0)
                if value is not None:
                    yield name, value

    def _split(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at < len(data):
            if at + 8 > len(data):
                raise ValueError("it ends in the middle of an element")
            kind, size = struct.unpack_from(f"{self._order}II", data, at)
            start, end = at + 8, at + 8 + size
            if kind >> 16:  # a small one: both in four bytes, and four of data
                kind, size = kind & 0xFFFF, kind >> 16
                start, end = at + 4, at + 4 + size
                if size > 4:
                    raise ValueError("a small element is larger than four bytes")
                at += 8
            else:
                # Compressed ones are not filled up to eight bytes.
                at = end if kind == _COMPRESSED else end + -size % 8
            if end > len(data):
                raise ValueError("it ends in the middle of an element")
            yield kind, data[start:end]

    def _matrix(self, data: bytes, depth: int) -> tuple[str, Any]:
        """Name and value; the value is None if it is of a kind that is not read."""
        self._arrays_left -= 1
        if self._arrays_left < 0:
            raise ValueError("more cells than a list of labels has")
        if not data:  # an empty cell
            return "", np.zeros((0, 0))
        if depth > _MAX_DEPTH:
            raise ValueError("its cells lie too deep in each other")
        parts = self._split(data)
        flags = self._integers(*_next(parts))
        if not flags:
            raise ValueError("an array without a kind")
        kind = flags[0] & 0xFF
        if kind == _OPAQUE:  # an object of MATLAB's own, which says no shape
            return "", None
        shape = tuple(self._integers(*_next(parts)))
        if len(shape) < 2 or min(shape) < 0:
            raise ValueError(f"an array of the shape {shape}")
        name = _next(parts)[1].decode("latin-1")
        count = math.prod(shape)
        if kind == _CELL:
            return name, self._filled(shape, (self._cell(parts, depth) for _ in range(count)))
        if kind == _STRUCT:
            width = sum(self._integers(*_next(parts))[:1])
            words = _next(parts)[1]
            if width < 1 or len(words) % width:
                raise ValueError("names of fields that do not fit")
            fields = [
                words[at : at + width].split(b"\0")[0].decode("latin-1")
                for at in range(0, len(words), width)
            ]
            if not fields:
                return name, np.empty((0, 0), object)
            rows = ({field: self._cell(parts, depth) for field in fields} for _ in range(count))
            return name, self._filled(shape, rows)
        if kind == _CHAR:
            return name, _texts(self._letters(*_next(parts)), shape)
        if kind not in _CLASSES or flags[0] & _COMPLEX:
            return name, None
        numbers = self._numbers(*_next(parts))
        if len(numbers) != count:
            raise ValueError(f"{len(numbers)} numbers in an array of the shape {shape}")
        with np.errstate(invalid="ignore"):
            return name, numbers.astype(_CLASSES[kind]).reshape(shape, order="F")

    def _cell(self, parts: Iterator[tuple[int, bytes]], depth: int) -> Any:
        kind, body = _next(parts)
        if kind != _MATRIX:
            raise ValueError(f"a cell that is no array (kind {kind})")
        return self._matrix(body, depth + 1)[1]

    def _filled(self, shape: tuple[int, ...], values: Iterator[Any]) -> np.ndarray:
        # A list first: a shape that is a lie ends with the bytes, before memory is asked for.
        found = list(values)
        flat = np.empty(len(found), object)
        for at, value in enumerate(found):
            flat[at] = value
        return flat.reshape(shape, order="F")

    def _numbers(self, kind: int, body: bytes) -> np.ndarray:
        if kind not in _NUMBERS:
            raise ValueError(f"numbers of an unknown kind ({kind})")
        form = np.dtype(self._order + _NUMBERS[kind])
        if len(body) % form.itemsize:
            raise ValueError("it ends in the middle of a number")
        return np.frombuffer(body, form)

    def _integers(self, kind: int, body: bytes) -> list[int]:
        if kind not in _WHOLE:
            raise ValueError(f"whole numbers of the kind {kind}")
        return self._numbers(kind, body).tolist()

    def _letters(self, kind: int, body: bytes) -> str:
        if kind in _TEXTS:
            end = "" if kind == _UTF_8 else "-be" if self._order == ">" else "-le"
            return body.decode(_TEXTS[kind] + end)
        if kind not in _CODES:
            raise ValueError(f"letters of the kind {kind}")
        return "".join(map(chr, self._numbers(kind, body).tolist()))

    def _inflated(self, body: bytes) -> bytes:
        inflater = zlib.decompressobj()
        try:
            data = inflater.decompress(body, self._bytes_left + 1)
        except zlib.error as error:
            raise ValueError(f"its compressed part is damaged ({error})") from error
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise ValueError("larger than a list of labels is")
        if not inflater.eof:
            raise ValueError("it ends in the middle of its compressed part")
        return data


def _next(parts: Iterator[tuple[int, bytes]]) -> tuple[int, bytes]:
    part = next(parts, None)
    if part is None:
        raise ValueError("an array ends before all of it is said")
    return part


def _texts(letters: str, shape: tuple[int, ...]) -> np.ndarray:
    rows, columns = shape[0], math.prod(shape[1:])
    if len(letters) != rows * columns:
        raise ValueError(f"{len(letters)} letters in a text of the shape {shape}")
    return np.array([letters[row::rows] for row in range(rows)] if columns else [], np.str_)
