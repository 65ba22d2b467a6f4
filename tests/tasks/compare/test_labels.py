"""What manifests say of a crop, as measures take it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tasks.compare.labels import LABEL_COLUMNS, labels_of


def row(frame: int, x: int, occluders: tuple[str, ...] = (), shard: str = "s") -> dict[str, Any]:
    """A person 40 wide and 100 high at ``x``, cut out with 10 pixels on every side."""
    return {
        "render_id": shard,
        "frame": frame,
        "box_x0": x,
        "box_y0": 50,
        "box_x1": x + 40,
        "box_y1": 150,
        "crop_x0": x - 10,
        "crop_y0": 40,
        "crop_x1": x + 50,
        "crop_y1": 160,
        "visible_pixels": 1800,
        "visibility": 0.9,
        "truncation": 0.1,
        "occluders": list(occluders),
    }


def labels(*rows: dict[str, Any], chosen: list[int]):
    table = pa.Table.from_pylist(list(rows)).select(LABEL_COLUMNS)
    return labels_of(table, np.array(chosen))


def test_boxes_are_shares_of_the_crop() -> None:
    found = labels(row(1, 300), chosen=[0])

    assert found.box[0] == pytest.approx([10 / 60, 10 / 120, 50 / 60, 110 / 120])
    assert found.filled == pytest.approx(1800 / (60 * 120))
    assert (found.visibility[0], found.truncation[0]) == (0.9, 0.1)


def test_others_are_occluders_and_whoever_reaches_into_the_crop() -> None:
    rows = [
        row(1, 300),
        row(1, 345),  # reaches five pixels into the crop before, and is reached
        row(1, 251),  # touches it by a pixel
        row(1, 500),  # the same frame, far away
        row(2, 300, occluders=("somebody",)),
        row(2, 320, shard="another"),  # no frame of the same shard
    ]
    assert labels(*rows, chosen=[0, 1, 2, 3, 4, 5]).others.tolist() == [1, 1, 0, 0, 1, 0]
    assert labels(*rows, chosen=[3, 4]).others.tolist() == [0, 1], "of all rows, for some"
