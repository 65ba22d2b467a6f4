"""Makes the golden files of today's schema version: ``python -m tests.manifests.golden.make``.

Run it once when ``SCHEMA_VERSION`` rises, before the first data set of that version; files of
a version that data sets were published in are never made again.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.schema import CROPS, FRAMES, SCHEMA_VERSION
from manifests.stores import open_store
from tasks.publish.publish import publish_dataset
from tests.manifests.claimed_shards import CAMERAS, claim_rows, crop_row, recipe

FOLDER = Path(__file__).parent


def expected(table: pa.Table) -> list[dict]:
    """Rows as JSON-ready dictionaries; bytes as hexadecimal text."""
    return json.loads(json.dumps(table.to_pylist(), default=lambda value: value.hex()))


def frames() -> pa.Table:
    """One frame with one person."""
    person = {
        "person_index": 3,
        "person_id": "5-000003",
        "colour": 0x10FF20,
        "x": 1.5,
        "y": -2.5,
        "z": 0.0,
        "yaw": 90.0,
        "animation": "walk",
        "phase": 0.25,
        "distance": 812.5,
        "full_x0": 10.0,
        "full_y0": 20.0,
        "full_x1": 50.0,
        "full_y1": 160.0,
        "full_pixels": 4000,
        "joints": [1.0, 2.0, 3.0],
        "exact": True,
    }
    frame = {
        "frame": 7,
        "instant": 2,
        "moment": "00112233445566778899aabbccddeeff",
        "time": 3.25,
        "camera": "street_c01",
        "light": "day",
        "width": 1280,
        "height": 720,
        "fov": 60.0,
        "camera_location": [0.0, 0.0, 400.0],
        "camera_rotation": [-15.0, 90.0, 0.0],
        "camera_distortion": [-0.03, 0.0],
        "calibration": {
            "K": [1108.5, 0.0, 639.5, 0.0, 1108.5, 359.5, 0.0, 0.0, 1.0],
            "R": [0.0, 1.0, 0.0, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0],
            "t": [0.0, 400.0, 0.0],
            "distortion": [-0.03, 0.0, 0.0, 0.0, 0.0],
        },
        "lit": b"lit bytes",
        "lit_format": "jpg",
        "mask": b"mask bytes",
        "people": [person],
    }
    return pa.Table.from_pylist([frame], schema=FRAMES)


def crops() -> list[dict]:
    """Two people in two cameras, with every nullable column once filled and once null."""
    rows = []
    for person in range(2):
        for scene, cameras in CAMERAS.items():
            filled = {"joints": [1.0, 2.0, 1.0], "mask_rle": b"rle", "occluders": ["5-000001"]}
            filled |= {"dedupe_id": -1, "activity": ["walk", "call"]}
            for frame in range(2):
                row = crop_row(person, scene, cameras[0], frame, group="g0" if person else None)
                rows.append(row | (filled if person else {"full_pixels": None}))
    return rows


def main() -> None:
    target = FOLDER / f"v{SCHEMA_VERSION}"
    if target.exists():
        sys.exit(f"{target} exists: golden files of a published version are never made again")
    target.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        golden = Dataset("golden", open_store(target / "store"))
        made = claim_rows(golden, "g", crops(), Path(scratch))
        wanted = recipe(people=2, images=4, name="golden", splits={"test_share": 0.5})
        publish_dataset(wanted, golden, [], {made.id: made})
    pq.write_table(frames(), target / "frames.parquet")
    reader = open_snapshot(golden)
    answers = {
        "content_digest": reader.snapshot.content_digest,
        "manifest": expected(reader.table()),
        "crops": expected(pa.Table.from_pylist(crops(), schema=CROPS)),
        "frames": expected(frames()),
        "tracklets": expected(reader.tracklets()),
    }
    (target / "expected.json").write_text(json.dumps(answers, indent=1))


if __name__ == "__main__":
    main()
