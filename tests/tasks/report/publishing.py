"""A small published snapshot with drawn pictures, in a real store on disk."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.dataset import Dataset
from manifests.reader import SnapshotReader
from manifests.schema import MANIFEST, PUBLISHED
from manifests.snapshots import PartInfo, Snapshot, commit_snapshot
from manifests.stores import Store
from tasks.annotate.labels import viewpoint_class
from tasks.annotate.rle import encode_rle

CAMERAS = ("street_c01", "street_c02", "street_c03", "mall_c01", "mall_c02", "mall_c03")

ROLE_OF_IMAGE = {0: "query", 1: "gallery", 2: "junk"}


def drawn_crop(person: int, camera: int, image: int) -> bytes:
    """A figure in this person's colours before this camera's wall, as JPEG."""
    rng = np.random.default_rng([person, camera, image])
    looks = np.random.default_rng(person)
    top, legs, skin = (tuple(map(int, looks.integers(30, 225, 3))) for _ in range(3))
    height, width = int(rng.integers(120, 260)), 0
    width = int(height * rng.uniform(0.35, 0.5))
    wall = np.random.default_rng(100 + camera).integers(80, 200, 3)
    picture = np.full((height, width, 3), wall, np.uint8)
    centre = width // 2
    cv2.circle(picture, (centre, height // 9), height // 14, skin, -1)
    cv2.rectangle(
        picture, (centre - width // 5, height // 6), (centre + width // 5, height // 2), top, -1
    )
    cv2.rectangle(
        picture, (centre - width // 6, height // 2), (centre + width // 6, height - 6), legs, -1
    )
    noise = rng.normal(0, 6, picture.shape)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def crop_row(
    person: int, camera: int, image: int, test: bool, labelled: bool = False
) -> dict[str, Any]:
    rng = np.random.default_rng([9, person, camera, image])
    jpeg = drawn_crop(person, camera, image)
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    height, width = decoded.shape[:2]
    azimuth = float(rng.uniform(0, 360))
    name = CAMERAS[camera]
    frame = camera * 1000 + image * 7 + person
    role = ROLE_OF_IMAGE.get(image, "gallery")
    cx, cy, half = 98 + width / 2, 97 + height / 2, width / 4
    shares = np.linspace(0.05, 0.95, 17)
    joints = np.column_stack(
        [cx + half * np.sin(np.arange(17)), 97 + shares * height, shares < 0.9]
    )
    yy, xx = np.mgrid[0:height, 0:width]
    body = (xx + 0.5 - width / 2) ** 2 / half**2 + (yy + 0.5 - height / 2) ** 2 / (
        cy - 97
    ) ** 2 <= 1
    return {
        "image": {"bytes": jpeg, "path": f"{person}_{camera}_{image}.jpg"},
        "crop_key": f"{name}/{frame:06d}/{person:06d}",
        "person_id": f"0-{person:06d}",
        "person_index": person,
        "scene": name.split("_")[0],
        "camera": name,
        "light": ("day", "afternoon", "night")[image % 3] if camera < 3 else "day",
        "render_id": name,
        "frame": frame,
        "instant": frame,
        "time": image * 2.0,
        "frame_width": 1280,
        "frame_height": 720,
        "box_x0": 100,
        "box_y0": 100,
        "box_x1": 100 + width,
        "box_y1": 100 + height,
        "crop_x0": 98,
        "crop_y0": 97,
        "crop_x1": 98 + width,
        "crop_y1": 97 + height,
        "visible_pixels": int(body.sum()),
        "full_pixels": 10000,
        "fill": 0.45,
        "visibility": float(min(1, rng.normal(0.95, 0.08))),
        "visibility_exact": True,
        "truncation": 0.0,
        "occluders": [],
        "distance": float(rng.uniform(400, 1500)),
        "viewpoint": azimuth,
        "viewpoint_class": viewpoint_class(np.array([azimuth]))[0],
        "joints": joints.ravel().tolist() if labelled else None,
        "mask_rle": encode_rle(body, 98, 97, 720) if labelled else None,
        "gender": "female" if person % 2 else "male",
        "age": 30.0,
        "stature": 165.0 + person % 20,
        "garments": ["jacket", "jeans", "shoes"],
        "garment_colours": [int(c) for c in np.random.default_rng(person).integers(0, 1 << 24, 3)],
        "accessories": ["backpack"] if person % 3 == 0 else [],
        "outfit": 0,
        "look_alike_group": None,
        "dark_clothing": False,
        "luminance": float(rng.uniform(40, 160)),
        "sharpness": 300.0,
        "width": width,
        "height": height,
        "crop_digest": hashlib.sha256(jpeg).digest(),
        "split": "test" if test else "train",
        "role": role if test else "train",
    }


def publish_small(
    store: Store, people: int = 16, images: int = 2, labelled: bool = False
) -> SnapshotReader:
    """Publish ``people`` people, the last quarter of them for testing, seen by every camera.

    The third image of a test person and camera is junk. ``labelled``: with masks and joints.
    """
    first_test = people - people // 4
    rows = [
        crop_row(person, camera, image, person >= first_test, labelled)
        for person in range(people)
        for camera in range(len(CAMERAS))
        for image in range(images)
        if (person * 7 + camera * 3) % 11  # some people miss some cameras
    ]
    return publish_rows(store, rows, len(CAMERAS) * images)


def publish_rows(
    store: Store, rows: list[dict[str, Any]], images_per_person: int = 1
) -> SnapshotReader:
    """Publish rows of crops (see ``crop_row``) as the data set ``small``."""
    dataset = Dataset("small", store)
    people = {
        split: len({row["person_id"] for row in rows if row["split"] == split})
        for split in ("train", "test")
    }
    table = pa.Table.from_pylist(rows, schema=PUBLISHED)
    part = _put(store, dataset.part_key("p1", 0), table)
    manifest = _put(
        store, dataset.published_key("p1", "manifest.parquet"), table.select(MANIFEST.names)
    )
    test = sum(row["split"] == "test" for row in rows)
    snapshot = Snapshot(
        number=1,
        dataset="small",
        schema_version=1,
        recipe_digest="ab" * 16,
        data_version=1,
        annotation_version=1,
        content_digest="cd" * 16,
        selection_digest="ef" * 16,
        publish_id="p1",
        parts=(part,),
        manifest=manifest,
        people=sum(people.values()),
        crops=len(rows),
        images_per_person=images_per_person,
        counts={"train": {"train": len(rows) - test}, "test": {"query": test}},
        people_by_split=people,
        statistics={"rejected": {"occluded": 120, "few-pixels": 80}},
        lineage={"renderer": "llvmpipe", "engine": {"kind": "embedded", "version": "1"}},
        licence="CC0-1.0",
        created="2026-01-02T03:04:05Z",
    )
    return SnapshotReader(dataset, commit_snapshot(dataset, snapshot))


def _put(store: Store, key: str, table: pa.Table) -> PartInfo:
    stream = io.BytesIO()
    pq.write_table(table, stream, row_group_size=50)
    data = stream.getvalue()
    store.put(key, data)
    digest = hashlib.sha256(data).hexdigest()
    return PartInfo(key=key, sha256=digest, rows=table.num_rows, bytes=len(data))
