"""Draws frames whose truth is known: people as flat shapes, written as real frame bundles."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.capture_rules import CaptureRules, ImageSpec
from manifests.engine_request import EngineRequest
from manifests.schema import FRAMES, KEYPOINT_NAMES
from manifests.shards import PersonRef, ShardSpec, Wanted
from tests.synth_workers.encoding import encode_lit, encode_mask


@dataclass(frozen=True)
class Looks:
    """A person of whom only the labels matter."""

    index: int
    activities: tuple[str, ...] = ()

    @property
    def person_id(self) -> str:
        return f"7-{self.index:06d}"

    def attributes(self) -> dict[str, Any]:
        return {
            "gender": "female" if self.index % 2 else "male",
            "age": 30.0 + self.index,
            "stature": 170.0,
            "garments": ["jacket", "jeans"],
            "garment_colours": [0xFF0000, 0x00FF00],
            "accessories": ["backpack"],
            "outfit": 0,
            "look_alike_group": None,
            "dark_clothing": False,
        }


@dataclass
class Scene:
    """A picture under construction; shapes drawn later stand in front.

    ``owner``: (h, w) index of the person seen at each pixel, -1 for nobody.
    """

    width: int = 640
    height: int = 480
    camera: str = "street_c01"
    frame: int = 0
    time: float = 0.0
    location: tuple[float, float, float] = (0.0, 0.0, 400.0)
    people: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owner = np.full((self.height, self.width), -1, np.int32)
        ramp = np.linspace(40, 200, self.width, dtype=np.float32)
        self.pixels = np.repeat(np.repeat(ramp[None], self.height, 0)[..., None], 3, 2)
        self.pixels = self.pixels.astype(np.uint8)

    def person(
        self,
        index: int,
        box: tuple[int, int, int, int],
        shape: str = "ellipse",
        *,
        distance: float = 1000.0,
        position: tuple[float, float] = (1000.0, 0.0),
        yaw: float = 0.0,
        colour: int | None = None,
        full_box: tuple[float, float, float, float] | None = None,
        exact: bool = True,
        joints: np.ndarray | None = None,
    ) -> Scene:
        """Add a person who would fill ``box`` (half-open, may leave the frame) if unoccluded."""
        x0, y0, x1, y1 = box
        yy, xx = np.mgrid[y0:y1, x0:x1]
        inside = np.ones(yy.shape, bool)
        if shape == "ellipse":
            cx, cy = (x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2
            inside = ((xx - cx) / (x1 - x0) * 2) ** 2 + ((yy - cy) / (y1 - y0) * 2) ** 2 <= 1
        seen = inside & (xx >= 0) & (yy >= 0) & (xx < self.width) & (yy < self.height)
        self.owner[yy[seen], xx[seen]] = index
        self.pixels[yy[seen], xx[seen]] = np.random.default_rng(index).integers(30, 225, 3)
        self.know(
            index,
            distance=distance,
            position=position,
            yaw=yaw,
            colour=colour,
            full_box=full_box or box,
            full_pixels=int(inside.sum()) if exact else None,
            exact=exact,
            joints=None if joints is None else joints.ravel().tolist(),
        )
        return self

    def know(self, index: int, **truth: Any) -> Scene:
        """Add a person to the ground truth without drawing one."""
        colour = truth.get("colour")
        position = truth.get("position", (1000.0, 0.0))
        full = truth.get("full_box", (0.0, 0.0, 0.0, 0.0))
        self.people.append(
            {
                "person_index": index,
                "person_id": f"7-{index:06d}",
                "colour": colour_of(index) if colour is None else colour,
                "x": position[0],
                "y": position[1],
                "z": 0.0,
                "yaw": truth.get("yaw", 0.0),
                "animation": "walk",
                "phase": 0.25,
                "distance": truth.get("distance", 1000.0),
                **dict(zip(("full_x0", "full_y0", "full_x1", "full_y1"), full, strict=True)),
                "full_pixels": truth.get("full_pixels"),
                "joints": truth.get("joints"),
                "exact": truth.get("exact", True),
            }
        )
        return self

    def pole(self, x0: int, x1: int) -> Scene:
        """Cover columns ``x0`` to ``x1`` with something that is nobody."""
        self.owner[:, x0:x1] = -1
        self.pixels[:, x0:x1] = 90
        return self

    def colours(self) -> np.ndarray:
        """(h, w) uint32 mask colours."""
        table = {person["person_index"]: person["colour"] for person in self.people}
        image = np.zeros(self.owner.shape, np.uint32)
        for index in np.unique(self.owner[self.owner >= 0]):
            image[self.owner == index] = table[int(index)]
        return image

    def row(self, *, mask: str = "palette", lit: str = "png") -> dict[str, Any]:
        """This frame as a row of the bundle schema."""
        encoded = encode_lit(self.pixels, lit)
        return {
            "frame": self.frame,
            "instant": self.frame,
            "time": self.time,
            "camera": self.camera,
            "light": "day",
            "width": self.width,
            "height": self.height,
            "fov": 60.0,
            "camera_location": list(self.location),
            "camera_rotation": [-15.0, 0.0, 0.0],
            "camera_distortion": [0.0, 0.0],
            "lit": encoded,
            "lit_format": lit,
            "mask": encode_mask(self.colours(), mask),
            "people": self.people,
        }


def colour_of(index: int) -> int:
    """A distinct colour for every index below 28,000, at least 8 apart in some channel."""
    step = index + 1
    return (step % 31 * 8) << 16 | (step // 31 % 31 * 8) << 8 | (step // 961 * 8 + 3)


def write_bundle(path: Path, rows: list[dict[str, Any]], group: int = 2) -> Path:
    """Write rows as a frame bundle with small row groups."""
    table = pa.Table.from_pylist(rows, schema=FRAMES)
    with pq.ParquetWriter(path, FRAMES) as writer:
        writer.write_table(table, row_group_size=group)
        writer.add_key_value_metadata({"joint_names": json.dumps(KEYPOINT_NAMES)})
    return path


def shard_of(
    people: int, scene: str = "street", contract: Literal["person", "unrealperson"] = "person"
) -> ShardSpec:
    """A shard with that many people."""
    return ShardSpec(
        data_version=1,
        dataset_seed=7,
        scene=scene,
        scene_version=1,
        light="day",
        cameras=("street_c01",),
        people=tuple(
            PersonRef(index=i, person_id=f"7-{i:06d}", spec_digest="0" * 32) for i in range(people)
        ),
        wanted=(Wanted(person=0, camera="street_c01", images=1),),
        window=0,
        round=0,
        max_frames=100,
        image=ImageSpec(width=640, height=480),
        capture=CaptureRules(),
        engine=EngineRequest(contract=contract),
        engine_version="test",
    )


def everybody(people: int) -> list[Looks]:
    return [Looks(i) for i in range(people)]
