"""Folders of clothing pictures: Clothing Co-Parsing, DeepFashion in-shop, or plain images.

Each layout yields garments as (picture, category, mask). As in UnrealPerson (CVPR 2021,
section 3.1) the two largest garments of a labelled picture are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from manifests.errors import CorruptData
from manifests.files_of_others import files_below, pictures_below
from manifests.matlab_files import matlab_variables
from manifests.picture_files import OTHER_PICTURE_SUFFIXES, SUPPORTED
from manifests.pictures import DecodedPicture, decode_picture

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


Shape = tuple[int, ...]
Masks = list[tuple[str, np.ndarray]]
Garment = tuple[np.ndarray, str, np.ndarray | None]
"""Pixels (h, w, 3) uint8, category, mask (h, w) bool or None for the whole picture."""


class UnusablePictureError(Exception):
    """A picture of a texture folder that cannot become a tile; the text says why."""


@dataclass(frozen=True)
class Picture:
    """One picture of a folder: its files, and how to find garments in it.

    ``name``: the picture's path relative to the folder. ``files``: all files it is made of.
    """

    name: str
    files: tuple[Path, ...]
    garments: Callable[[], Iterator[Garment]]


def pictures(folder: Path) -> list[Picture]:
    """All pictures of a folder in a fixed order, by the layout the folder has."""
    if (folder / "annotations" / "pixel-level").is_dir() and (folder / "photos").is_dir():
        return _co_parsing(folder)
    files = pictures_below(folder)
    segmented = [path for path in files if path.name.endswith("_segment.png")]
    if segmented:
        return _deep_fashion(folder, segmented)
    return [Picture(_name(folder, path), (path,), partial(_whole, path)) for path in files]


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def other_pictures(folder: Path) -> list[tuple[str, str]]:
    """Pictures of formats that are not read, and what to do about them."""
    found = [p for p in files_below(folder) if p.suffix.lower() in OTHER_PICTURE_SUFFIXES]
    return [
        (_name(folder, path), f"is called {path.suffix}; supported are {SUPPORTED}")
        for path in found
    ]


def _whole(path: Path) -> Iterator[Garment]:
    """All of a picture as one garment of any kind, without what is transparent."""
    picture = _read(path)
    yield picture.pixels, "any", picture.opaque


def _read(path: Path) -> DecodedPicture:
    try:
        return decode_picture(path.read_bytes(), path.name)
    except OSError as error:
        raise UnusablePictureError(f"cannot be read ({error.strerror})") from error
    except CorruptData as error:
        raise UnusablePictureError(f"cannot be read: {error}") from error


def _labelled(
    folder: Path, pairs: Iterable[tuple[Path, Path]], masks: Callable[[Path, Shape], Masks]
) -> list[Picture]:
    """Pictures with the file of their labels, where both exist.

    ``masks``: reads the labels of a picture of this shape.
    """
    return [
        Picture(_name(folder, path), (path, labels), partial(_largest, path, labels, masks))
        for path, labels in pairs
        if path.exists() and labels.exists()
    ]


def _largest(path: Path, labels: Path, masks: Callable[[Path, Shape], Masks]) -> Iterator[Garment]:
    """The two largest of the labelled garments, largest first."""
    pixels = _read(path).pixels
    sized = sorted(
        masks(labels, pixels.shape[:2]), key=lambda item: int(item[1].sum()), reverse=True
    )
    for category, mask in sized[:GARMENTS_PER_PICTURE]:
        if mask.any():
            yield pixels, category, mask


def _co_parsing(folder: Path) -> list[Picture]:
    photos = pictures_below(folder / "photos")
    labels = folder / "annotations" / "pixel-level"
    return _labelled(folder, ((path, labels / f"{path.stem}.mat") for path in photos), _numbers)


def _numbers(annotation: Path, shape: Shape) -> Masks:
    try:
        labels = np.asarray(matlab_variables(annotation)["groundtruth"])
    except (OSError, ValueError, KeyError) as error:
        raise UnusablePictureError(
            f"its annotation {annotation.name} is not a MATLAB file with `groundtruth`"
        ) from error
    if labels.shape != shape:
        raise UnusablePictureError(
            f"is {shape[1]} x {shape[0]} but its annotation {labels.shape[::-1]}"
        )
    names = dict(enumerate(CO_PARSING_LABELS))
    kinds = {name: kind for kind, words in _CO_PARSING_CATEGORY.items() for name in words}
    found = [(kinds.get(names.get(number, "")), number) for number in np.unique(labels).tolist()]
    return [(kind, labels == number) for kind, number in found if kind]


def _deep_fashion(folder: Path, segmented: list[Path]) -> list[Picture]:
    stems = [(path, path.name.removesuffix("_segment.png")) for path in segmented]
    pairs = ((path.with_name(f"{stem}.jpg"), path) for path, stem in stems)
    return _labelled(folder, pairs, _colours)


def _colours(annotation: Path, shape: Shape) -> Masks:
    colours = _read(annotation).pixels
    if colours.shape[:2] != shape:
        raise UnusablePictureError("and its segmentation differ in size")
    return [
        (category, (colours == np.array(colour, dtype=np.uint8)).all(axis=2))
        for colour, category in _DEEP_FASHION_CATEGORY.items()
    ]
