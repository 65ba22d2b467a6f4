"""CUHK03 as its authors publish it, one MATLAB file, written as picture files that are read here:

    python -m training.targets.cuhk03_release ~/data/cuhk03_release/cuhk-03.mat --to ~/data/cuhk03

``images_detected`` and ``images_labeled`` (PNG, nothing is lost) and the twenty test sets,
``splits_classic_*.json``. What is there already is left as it is. Needs the extra ``cuhk03``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from manifests.errors import CorruptData, FactoryError, MissingRequirement, NotFound
from manifests.whole_files import write_whole

BOXES = ("detected", "labeled")
_VIEWS = 2
_OF_A_VIEW = 5


def main(arguments: list[str] | None = None) -> int:
    """Write the files; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.targets.cuhk03_release", description=__doc__
    )
    parser.add_argument("release", type=Path, help="cuhk-03.mat")
    parser.add_argument("--to", type=Path, help="a folder; by default that of the file")
    given = parser.parse_args(arguments)
    try:
        counts = unpacked(given.release, given.to or given.release.parent)
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(", ".join(f"{count:,} {boxes}" for boxes, count in counts.items()))
    return 0


def unpacked(release: Path, folder: Path) -> dict[str, int]:
    """Write all pictures of a release to ``folder``; how many there are of each kind of boxes.

    Raises ``NotFound`` without the file, ``MissingRequirement`` without ``h5py``, ``CorruptData``
    for another file.
    """
    if not release.is_file():
        raise NotFound(f"{release}: no such file; it is the cuhk-03.mat of CUHK03's release")
    try:
        hdf5: Any = import_module("h5py")
    except ImportError as error:
        raise MissingRequirement(
            f"{release} is read with h5py, which is not there ({error}); install the extra "
            '`cuhk03`: pip install -c constraints.txt -e ".[training,cuhk03]"'
        ) from error
    try:
        with hdf5.File(release, "r") as file:
            return {boxes: _write_boxes(file, boxes, folder) for boxes in BOXES}
    except (OSError, KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise CorruptData(
            f"{release}: not the release of CUHK03 ({error}); get it again"
        ) from error


def _write_boxes(file: Any, boxes: str, folder: Path) -> int:
    count = 0
    for name, picture in _pictures(file, boxes):
        path = folder / f"images_{boxes}" / name
        count += 1
        if path.is_file():
            continue
        encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        write_whole(path, encoded.tobytes())
    splits = [
        {"query": [[f"images_{boxes}/{pair}_{person:03d}_1_01.png"] for pair, person in tested]}
        for tested in _test_sets(file)
    ]
    write_whole(folder / f"splits_classic_{boxes}.json", json.dumps(splits))
    return count


def _pictures(file: Any, boxes: str) -> Iterator[tuple[str, np.ndarray]]:
    """(name, (H, W, 3) uint8 sRGB), by pair of cameras, person, and number: five of each view.

    MATLAB keeps columns together and HDF5 rows, so that every array is turned round.
    """
    for pair, of_pair in enumerate(file[boxes][0], start=1):
        for person, of_person in enumerate(file[of_pair][:].T, start=1):
            for number, reference in enumerate(of_person[: _VIEWS * _OF_A_VIEW]):
                found = file[reference][:]
                if found.ndim != 3:  # a person who has fewer: an empty cell
                    continue
                if found.dtype != np.uint8 or found.shape[0] != 3:
                    raise ValueError(f"a picture of shape {found.shape}, {found.dtype}")
                view = 1 + number // _OF_A_VIEW
                name = f"{pair}_{person:03d}_{view}_{number + 1:02d}.png"
                yield name, np.ascontiguousarray(found.T)


def _test_sets(file: Any) -> Iterator[list[tuple[int, int]]]:
    """(pair, person) of everybody who is tested, set by set."""
    for reference in file["testsets"][0]:
        yield [(int(pair), int(person)) for pair, person in file[reference][:].T]


if __name__ == "__main__":
    sys.exit(main())
