"""MATLAB's files are read as SciPy reads them, but none of them ends the process."""

from __future__ import annotations

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
    ],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "other.mat").write_bytes(data)
    with pytest.raises(ValueError, match=reason):
        matlab_variables(tmp_path / "other.mat")
