"""Folders of clothing pictures: Clothing Co-Parsing, DeepFashion in-shop, or plain images.

Each layout yields garments as (picture, category, mask). As in UnrealPerson (CVPR 2021,
section 3.1) the two largest garments of a labelled picture are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import loadmat

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")

GARMENTS_PER_PICTURE = 2

CO_PARSING_LABELS = (
    "null", "accessories", "bag", "belt", "blazer", "blouse", "bodysuit", "boots", "bra",
    "bracelet", "cape", "cardigan", "clogs", "coat", "dress", "earrings", "flats", "glasses",
    "gloves", "hair", "hat", "heels", "hoodie", "intimate", "jacket", "jeans", "jumper",
    "leggings", "loafers", "necklace", "panties", "pants", "pumps", "purse", "ring", "romper",
    "sandals", "scarf", "shirt", "shoes", "shorts", "skin", "skirt", "sneakers", "socks",
    "stockings", "suit", "sunglasses", "sweater", "sweatshirt", "swimwear", "t-shirt", "tie",
    "tights", "top", "vest", "wallet", "watch", "wedges",
)  # fmt: skip
"""Label numbers of Clothing Co-Parsing."""

_CO_PARSING_CATEGORY = {
    "top": {"blouse", "cardigan", "hoodie", "jumper", "shirt", "sweater", "sweatshirt", "t-shirt",
            "top", "vest", "bodysuit"},
    "outer": {"blazer", "cape", "coat", "jacket", "suit"},
    "bottom": {"jeans", "leggings", "pants", "shorts", "stockings", "tights"},
    "skirt": {"skirt"},
    "dress": {"dress", "romper"},
    "bag": {"bag", "purse"},
    "scarf": {"scarf"},
}  # fmt: skip

_DEEP_FASHION_CATEGORY = {
    (255, 250, 250): "top",
    (250, 235, 215): "skirt",
    (255, 250, 205): "dress",
    (220, 220, 220): "outer",
    (211, 211, 211): "bottom",
}
"""Colours of the garments in DeepFashion's in-shop segmentation."""


class UnusablePictureError(Exception):
    """A picture of a texture folder that cannot become a tile; the text says why."""


@dataclass(frozen=True)
class Picture:
    """One picture of a folder: its files, and how to find garments in it.

    ``name``: the picture's path relative to the folder. ``files``: all files it is made of.
    ``garments``: yields (pixels (h, w, 3) uint8, category, mask (h, w) bool or None).
    """

    name: str
    files: tuple[Path, ...]
    garments: Callable[[], Iterator[tuple[np.ndarray, str, np.ndarray | None]]]


def pictures(folder: Path) -> list[Picture]:
    """All pictures of a folder in a fixed order, by the layout the folder has."""
    if (folder / "annotations" / "pixel-level").is_dir() and (folder / "photos").is_dir():
        return _co_parsing(folder)
    segmented = sorted(folder.rglob("*_segment.png"))
    if segmented:
        return _deep_fashion(folder, segmented)
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    return [Picture(_name(folder, path), (path,), _plain(path)) for path in files]


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def read_pixels(path: Path) -> np.ndarray:
    """(h, w, 3) uint8 of a picture; ``UnusablePictureError`` when it is none."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnusablePictureError(
            f"cannot be read as a picture ({type(error).__name__})"
        ) from error


def _plain(path: Path) -> Callable[[], Iterator[tuple[np.ndarray, str, None]]]:
    def garments() -> Iterator[tuple[np.ndarray, str, None]]:
        yield read_pixels(path), "any", None

    return garments


def _largest(
    labels: dict[str, np.ndarray],
) -> list[tuple[str, np.ndarray]]:
    """The two largest masks among labelled garments, largest first."""
    sized = sorted(labels.items(), key=lambda item: int(item[1].sum()), reverse=True)
    return [(name, mask) for name, mask in sized[:GARMENTS_PER_PICTURE] if mask.any()]


def _co_parsing(folder: Path) -> list[Picture]:
    category = {name: kind for kind, names in _CO_PARSING_CATEGORY.items() for name in names}
    found = []
    for path in sorted((folder / "photos").iterdir()):
        if path.suffix.lower() not in PICTURES:
            continue
        annotation = folder / "annotations" / "pixel-level" / f"{path.stem}.mat"
        if not annotation.exists():
            continue

        def garments(
            path: Path = path, annotation: Path = annotation
        ) -> Iterator[tuple[np.ndarray, str, np.ndarray]]:
            pixels = read_pixels(path)
            labels = _label_image(annotation, pixels.shape[:2])
            masks = {
                CO_PARSING_LABELS[number]: labels == number
                for number in np.unique(labels).tolist()
                if 0 <= number < len(CO_PARSING_LABELS) and CO_PARSING_LABELS[number] in category
            }
            for name, mask in _largest(masks):
                yield pixels, category[name], mask

        found.append(Picture(_name(folder, path), (path, annotation), garments))
    return found


def _label_image(annotation: Path, shape: tuple[int, ...]) -> np.ndarray:
    try:
        labels = np.asarray(loadmat(annotation)["groundtruth"])
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise UnusablePictureError(
            f"its annotation {annotation.name} is not a MATLAB file with `groundtruth`"
        ) from error
    if labels.shape != tuple(shape):
        raise UnusablePictureError(
            f"is {shape[1]} x {shape[0]} but its annotation {labels.shape[::-1]}"
        )
    return labels


def _deep_fashion(folder: Path, segmented: list[Path]) -> list[Picture]:
    found = []
    for annotation in segmented:
        stem = annotation.name.removesuffix("_segment.png")
        path = annotation.with_name(f"{stem}.jpg")
        if not path.exists():
            continue

        def garments(
            path: Path = path, annotation: Path = annotation
        ) -> Iterator[tuple[np.ndarray, str, np.ndarray]]:
            pixels, colours = read_pixels(path), read_pixels(annotation)
            if pixels.shape != colours.shape:
                raise UnusablePictureError("and its segmentation differ in size")
            masks = {
                category: (colours == np.array(colour, dtype=np.uint8)).all(axis=2)
                for colour, category in _DEEP_FASHION_CATEGORY.items()
            }
            for category, mask in _largest(masks):
                yield pixels, category, mask

        found.append(Picture(_name(folder, path), (path, annotation), garments))
    return found
