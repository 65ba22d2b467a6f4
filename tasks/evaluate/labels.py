"""What a data set of ours says of its crops beyond who is to be seen: what failures are told by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from manifests.reader import SnapshotReader
    from training.data.crops import CropSet

_COLUMNS = (
    "crop_key",
    "person_id",
    "scene",
    "camera",
    "light",
    "viewpoint",
    "visibility",
    "box_y0",
    "box_y1",
    "luminance",
    "gender",
    "garment_colours",
    "accessories",
    "look_alike_group",
    "dark_clothing",
)
_LUMA = np.array([0.299, 0.587, 0.114])
_COLOURS = 2
"""Of so many garments, which are those that cover most."""


@dataclass(frozen=True)
class Labels:
    """Labels of N crops, arrays (N,).

    ``key``, ``person``, ``scene``, ``camera``, ``light``, ``gender`` and ``look_alike`` (empty if
    none): texts; ``viewpoint``: azimuth of the camera seen from the body, degrees;
    ``visibility``: share of the body; ``height``: of the visible person in the frame, pixels;
    ``luminance``: mean of the crop, 0 to 255; ``dark``: whether all clothes are; ``colours``
    (N, 2, 3) float32: sRGB of the first two garments, 0 to 255, NaN where there are fewer;
    ``accessories`` (N,) objects: frozen sets of names.
    """

    key: np.ndarray
    person: np.ndarray
    scene: np.ndarray
    camera: np.ndarray
    light: np.ndarray
    viewpoint: np.ndarray
    visibility: np.ndarray
    height: np.ndarray
    luminance: np.ndarray
    gender: np.ndarray
    look_alike: np.ndarray
    dark: np.ndarray
    colours: np.ndarray
    accessories: np.ndarray

    def __len__(self) -> int:
        return len(self.key)

    def rows(self, chosen: np.ndarray) -> Labels:
        """A part of the crops, by mask or row numbers."""
        return Labels(**{name: value[chosen] for name, value in vars(self).items()})

    def of(self, keys: Iterable[str]) -> Labels:
        """Those of some crops in their order; all must be known."""
        place = {key: row for row, key in enumerate(self.key.tolist())}
        return self.rows(np.array([place[key] for key in keys], np.int64))


def snapshot_labels(reader: SnapshotReader) -> Labels:
    """Labels of all crops of a snapshot, in canonical order."""
    rows: dict[str, list[Any]] = reader.table(list(_COLUMNS)).to_pydict()
    accessories = np.empty(len(rows["crop_key"]), object)
    accessories[:] = [frozenset(names) for names in rows["accessories"]]
    top, bottom = (np.asarray(rows[name], np.float64) for name in ("box_y0", "box_y1"))
    return Labels(
        key=np.asarray(rows["crop_key"], np.str_),
        person=np.asarray(rows["person_id"], np.str_),
        scene=np.asarray(rows["scene"], np.str_),
        camera=np.asarray(rows["camera"], np.str_),
        light=np.asarray(rows["light"], np.str_),
        viewpoint=np.asarray(rows["viewpoint"], np.float64),
        visibility=np.asarray(rows["visibility"], np.float64),
        height=bottom - top,
        luminance=np.asarray(rows["luminance"], np.float64),
        gender=np.asarray(rows["gender"], np.str_),
        look_alike=np.asarray([group or "" for group in rows["look_alike_group"]], np.str_),
        dark=np.asarray(rows["dark_clothing"], bool),
        colours=_colours(rows["garment_colours"]),
        accessories=accessories,
    )


def picture_labels(crops: CropSet) -> Labels:
    """What pictures alone tell: who, by which camera, how bright. Everything else is unknown: NaN,
    empty or false."""
    count = len(crops)
    unknown, none = np.full(count, np.nan), np.full(count, "", np.str_)
    accessories = np.empty(count, object)
    accessories[:] = [frozenset[str]()] * count
    return Labels(
        key=crops.keys,
        person=np.array(crops.person_ids, np.str_)[crops.person],
        scene=none,
        camera=np.array(crops.camera_names, np.str_)[crops.camera],
        light=none,
        viewpoint=unknown,
        visibility=unknown,
        height=unknown,
        luminance=crops.images.reshape(count, -1, 3).mean(axis=1) @ _LUMA,
        gender=none,
        look_alike=none,
        dark=np.zeros(count, bool),
        colours=np.full((count, _COLOURS, 3), np.nan, np.float32),
        accessories=accessories,
    )


def _colours(of_each: list[list[int]]) -> np.ndarray:
    found = np.full((len(of_each), _COLOURS, 3), np.nan, np.float32)
    for row, colours in enumerate(of_each):
        for place, colour in enumerate(colours[:_COLOURS]):
            found[row, place] = colour >> 16 & 255, colour >> 8 & 255, colour & 255
    return found
