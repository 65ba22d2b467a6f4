"""Makes claimed crop shards without rendering: small distinct JPEGs with plausible labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg

from manifests.claims import Claim, claim
from manifests.dataset import Dataset
from manifests.identity import digest, person_id
from manifests.recipe import Recipe
from manifests.recipes_io import parse_recipe
from manifests.schema import CROPS

CAMERAS = {
    "street": ("street_c01", "street_c02", "street_c03"),
    "supermarket": ("supermarket_c01", "supermarket_c02", "supermarket_c03"),
}


def recipe(people: int = 20, images: int = 6, **changes: object) -> Recipe:
    """A small valid recipe called `toy`, without extras."""
    base = parse_recipe(
        "name: toy\nseed: 5\nscenes: [{name: street}, {name: supermarket}]\n"
        f"people: {{count: {people}}}\nimages_per_person: {images}\n"
        "shards: {people_per_shard: 1}\n"
    )
    return Recipe.model_validate(base.model_dump(mode="json") | changes)


def crop_row(
    person: int, scene: str, camera: str, frame: int, *, group: str | None = None, **labels: object
) -> dict:
    """One row of ``CROPS``; its image depends on all arguments."""
    name = f"{person}/{camera}/{frame}"
    noise = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint8)
    height, width = 32, 16
    image = np.tile(noise[:, None, None], (1, width, 3))
    jpeg = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality=90)
    return {
        "crop_key": f"{digest([camera, person])}/{frame}/{person}",
        "person_id": person_id(5, person),
        "person_index": person,
        "scene": scene,
        "camera": camera,
        "light": "day",
        "render_id": digest([scene]),
        "frame": frame,
        "instant": frame,
        "time": frame * 0.5,
        "frame_width": 1280,
        "frame_height": 720,
        **{f"{box}_{corner}": 10 for box in ("box", "crop") for corner in ("x0", "y0")},
        **{f"{box}_x1": 10 + width for box in ("box", "crop")},
        **{f"{box}_y1": 10 + height for box in ("box", "crop")},
        "visible_pixels": 400,
        "full_pixels": 500,
        "fill": 0.78,
        "visibility": 0.8,
        "visibility_exact": True,
        "truncation": 0.0,
        "occluders": [],
        "distance": 900.0,
        "viewpoint": 90.0,
        "viewpoint_class": "right",
        "joints": None,
        "mask_rle": None,
        "gender": "female",
        "age": 30.0,
        "stature": 170.0,
        "garments": ["t-shirt", "jeans"],
        "garment_colours": [0xFF0000, 0x0000FF],
        "accessories": [],
        "outfit": 0,
        "look_alike_group": group,
        "dark_clothing": False,
        "luminance": 120.0,
        "sharpness": 50.0,
        "width": width,
        "height": height,
        "crop_digest": hashlib.sha256(jpeg).digest(),
        "jpeg": jpeg,
        **labels,
    }


class Nobody:
    """Runs no jobs: nothing is to be rendered."""

    def run(self, module: str, job_file: Path, log_file: Path, on_event: object) -> dict:
        raise AssertionError(f"{module} was asked for")


def claim_rows(
    dataset: Dataset, name: str, rows: list[dict], tmp: Path, attempt: str = "a1"
) -> Claim:
    """Store ``rows`` as the crops of the shard ``name`` and claim it."""
    path = tmp / f"{name}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=CROPS), path)
    data = path.read_bytes()
    path.unlink()
    id = digest(["crops", name])
    key = dataset.crops_key(id, attempt)
    dataset.store.put(key, data)
    people: dict[int, int] = {}
    for row in rows:
        people[row["person_index"]] = people.get(row["person_index"], 0) + 1
    mine = Claim(
        id=id,
        render_id=digest(["frames", name]),
        attempt=attempt,
        key=key,
        sha256=hashlib.sha256(data).hexdigest(),
        rows=len(rows),
        bytes=len(data),
        frames=10,
        people=people,
        cpu_seconds={"render": 2.0, "annotate": 0.5},
        host="host-a",
        renderer="llvmpipe",
        engine_version="1",
        created="2030-01-01T00:00:00+00:00",
    )
    return claim(dataset, "crops", mine)


def claim_shards(
    dataset: Dataset,
    tmp: Path,
    people: Iterable[int] = range(20),
    per_camera: int = 2,
    groups: dict[int, str] | None = None,
    **labels: object,
) -> dict[str, Claim]:
    """Two shards, one per scene: ``per_camera`` crops of everybody in every camera."""
    claims, people = {}, list(people)
    for scene, cameras in CAMERAS.items():
        rows = [
            crop_row(person, scene, camera, frame, group=(groups or {}).get(person), **labels)
            for frame in range(per_camera)
            for camera in cameras
            for person in people
        ]
        made = claim_rows(dataset, f"{scene}-{people[0]}-{people[-1]}", rows, tmp)
        claims[made.id] = made
    return claims
