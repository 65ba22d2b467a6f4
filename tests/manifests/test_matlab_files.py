"""MATLAB's files are read as SciPy reads them, but none of them ends the process."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from manifests.matlab_files import matlab_variables
from tests.damaging import damaged

NUMBERS: dict[str, Any] = {
    "labels": np.array([[1], [2]], np.uint8),
    "measured": np.array([[0.5, -1.0, np.nan]]),
    "single": np.array([[2.5]], np.float32),
    "cube": np.arange(24).reshape(2, 3, 4),
    "wide": np.array([[-(2**40), 2**40]]),
    "yes": np.array([[True, False]]),
    "nothing": np.zeros((0, 3)),
}


def cells(*values: Any) -> np.ndarray:
    """A column of cells."""
    column = np.empty((len(values), 1), object)
    column[:, 0] = values
    return column


NESTED = {
    "people": cells({"a": np.zeros(1), "b": "text", "c": np.arange(4)[None]}, {"a": 1, "d": "x"}),
    "files": cells("1_001.png", "Stra\xdfe.png", ""),
    "deep": cells(cells(cells(7))),
}


def saved(path: Path, variables: dict[str, Any], compressed: bool) -> Path:
    scipy.io.savemat(path, variables, do_compression=compressed)
    return path


@pytest.mark.parametrize("compressed", [True, False])
def test_numbers_are_those_of_scipy(tmp_path: Path, compressed: bool) -> None:
    path = saved(tmp_path / "numbers.mat", NUMBERS, compressed)
    read, theirs = matlab_variables(path), scipy.io.loadmat(path)
    assert read.keys() == NUMBERS.keys()
    for name, value in read.items():
        np.testing.assert_array_equal(value, theirs[name])
        assert value.shape == theirs[name].shape


@pytest.mark.parametrize("compressed", [True, False])
def test_cells_texts_and_structs(tmp_path: Path, compressed: bool) -> None:
    read = matlab_variables(saved(tmp_path / "nested.mat", NESTED, compressed))
    first, second = read["people"][:, 0]
    assert list(first[0, 0]) == ["a", "b", "c"]
    assert first[0, 0]["c"].tolist() == [[0, 1, 2, 3]]
    assert first[0, 0]["b"].tolist() == ["text"]
    assert second[0, 0]["d"].tolist() == ["x"]
    assert [file.tolist() for file in read["files"][:, 0]] == [["1_001.png"], ["Stra\xdfe.png"], []]
    assert read["deep"][0, 0][0, 0][0, 0].tolist() == [[7]]


def element(order: str, kind: int, body: bytes) -> bytes:
    return struct.pack(f"{order}II", kind, len(body)) + body + bytes(-len(body) % 8)


def array(order: str, kind: int, shape: tuple[int, ...], name: bytes, *parts: bytes) -> bytes:
    said = element(order, 6, struct.pack(f"{order}II", kind, 0))
    said += element(order, 5, struct.pack(f"{order}{len(shape)}i", *shape)) + element(
        order, 1, name
    )
    return element(order, 14, said + b"".join(parts))


def written(path: Path, order: str, *elements: bytes) -> Path:
    mark = {"<": b"\0\1IM", ">": b"\1\0MI"}[order]
    path.write_bytes(b"MATLAB 5.0".ljust(124) + mark + b"".join(elements))
    return path


def packed(order: str, *elements: bytes) -> bytes:
    body = zlib.compress(b"".join(elements))
    return struct.pack(f"{order}II", 15, len(body)) + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_orders_of_bytes(tmp_path: Path, order: str) -> None:
    numbers = np.arange(6, dtype=f"{order}i2").tobytes()
    letters = np.array([ord(letter) for letter in "adbecf"], f"{order}u2").tobytes()
    inner = array(order, 6, (2, 3), b"", element(order, 3, numbers))
    path = written(
        tmp_path / "ordered.mat",
        order,
        array(order, 1, (1, 2), b"cells", inner, element(order, 14, b"")),
        array(order, 4, (2, 3), b"rows", element(order, 4, letters)),
        array(order, 4, (1, 2), b"bytes", element(order, 1, b"ab")),
        packed(order, array(order, 6, (2, 3), b"packed", element(order, 3, numbers))),
    )
    read, theirs = matlab_variables(path), scipy.io.loadmat(path)
    assert read["packed"].tolist() == [[0, 2, 4], [1, 3, 5]] == theirs["packed"].tolist()
    assert read["cells"][0, 0].tolist() == theirs["cells"][0, 0].tolist()
    assert read["cells"][0, 1].size == 0
    assert read["rows"].tolist() == ["abc", "def"] == theirs["rows"].tolist()
    assert read["bytes"].tolist() == ["ab"]


def test_small_files_do_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = element("<", 14, b"")
    many = packed("<", array("<", 1, (1, 1000), b"many", empty * 1000))
    path = written(tmp_path / "large.mat", "<", many, many)
    assert matlab_variables(path)["many"].shape == (1, 1000)
    monkeypatch.setattr("manifests.matlab_files._MAX_ARRAYS", 1500)
    with pytest.raises(ValueError, match="more cells than"):
        matlab_variables(path)
    monkeypatch.setattr("manifests.matlab_files._MAX_BYTES", 12_000)
    with pytest.raises(ValueError, match="larger than a list"):
        matlab_variables(path)


def test_no_damage_ends_the_process(tmp_path: Path) -> None:
    path, outcomes = tmp_path / "damaged.mat", set[bool]()
    for compressed in (True, False):
        whole = saved(path, {**NUMBERS, **NESTED}, compressed).read_bytes()
        for data in damaged(whole, f"matlab {compressed}", 250):
            path.write_bytes(data)
            try:
                matlab_variables(path)
            except ValueError as error:
                assert str(error)
                outcomes.add(False)
            else:
                outcomes.add(True)
    assert outcomes == {True, False}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no MATLAB file"),
        (b"MATLAB 7.3 MAT-file, Platform: GLNXA64" + b" " * 200, "save it with -v7"),
        (b"\x89HDF\r\n\x1a\n", "save it with -v7"),
        (b"GIF89a" * 40, "no MATLAB file"),
        (struct.pack("<5i", 0, 1, 1, 0, 2) + b"a\0" + bytes(120), "5 to 7; save it with -v7"),
    ],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "other.mat").write_bytes(data)
    with pytest.raises(ValueError, match=reason):
        matlab_variables(tmp_path / "other.mat")
