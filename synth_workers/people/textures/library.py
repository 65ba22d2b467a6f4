"""Tiles made from a folder of pictures, cached by content, and which of them a garment gets.

Preparing a folder reads every picture once; afterwards any process on the host opens the tiles
from the cache. A tile's key names the library's content, never a path, so specs that use it
mean the same everywhere.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, MissingRequirement
from manifests.files_of_others import files_below
from manifests.identity import digest, sha256_hex
from manifests.people import BadTexture, TextureMode
from manifests.pictures import is_plain
from manifests.whole_files import whole_file, write_whole
from synth_workers.cache_folder import cache_root
from synth_workers.people.spec import Colour, FabricSpec
from synth_workers.people.textures.patches import largest_rectangle, random_square, seamless_tile
from synth_workers.people.textures.sources import (
    Garment,
    Picture,
    UnusablePictureError,
    other_pictures,
    pictures,
)

LIBRARY_VERSION = 1

_NAMED = 20
_log = logging.getLogger(__name__)

SMALLEST_SIDE = 40
"""Pixels; smaller rectangles of cloth are not worth a tile."""

TILE_METRES = 0.4

DARK = 60.0
"""Mean luminance below which a tile serves dark clothing."""

_PREFERENCE = {
    "top": ("top", "outer", "dress"),
    "outer": ("outer", "top"),
    "bottom": ("bottom",),
    "skirt": ("skirt", "dress", "bottom"),
    "dress": ("dress", "skirt", "top"),
    "bag": ("bag",),
    "scarf": ("scarf",),
}
"""Categories that serve each use, best first; ``any`` serves every use but bags and scarves."""


@dataclass(frozen=True)
class Tile:
    """One tile: what it was cut from, what it serves, its mean colour."""

    category: str
    colour: Colour
    picture: str


@dataclass(frozen=True)
class TextureLibrary:
    """All tiles of a prepared folder. ``skipped``: (picture, why) of those that gave none."""

    key: str
    tiles: tuple[Tile, ...]
    skipped: tuple[tuple[str, str], ...]

    @cached_property
    def _rows(self) -> dict[tuple[str, bool], list[int]]:
        """Rows of the tiles of each category, all of them and the dark ones."""
        rows: dict[tuple[str, bool], list[int]] = {}
        for row, tile in enumerate(self.tiles):
            rows.setdefault((tile.category, False), []).append(row)
            if luminance(tile.colour) < DARK:
                rows.setdefault((tile.category, True), []).append(row)
        return rows

    def fabric(self, rng: np.random.Generator, use: str, dark: bool) -> FabricSpec | None:
        """A cloth for a use (a garment's slot, ``bag`` or ``scarf``); None when none serves."""
        categories = [*_PREFERENCE[use]] + ([] if use in ("bag", "scarf") else ["any"])
        for category in categories:
            rows = self._rows.get((category, dark))
            if rows:
                row = rows[int(rng.integers(len(rows)))]
                return FabricSpec(
                    kind="image",
                    colours=(self.tiles[row].colour,),
                    image=f"{self.key}/{row}",
                    tile=TILE_METRES,
                )
        return None


def luminance(colour: Colour) -> float:
    """Rec. 601 luma, 0..255."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def open_library(
    folder: str | Path, mode: TextureMode, bad: BadTexture = BadTexture.skip
) -> TextureLibrary:
    """The library of a folder, prepared on first use.

    ``random`` cuts squares out of whole pictures even where garments are labelled. Raises
    ``BadRecipe`` when the folder does not exist, holds no usable picture, or holds an unusable
    one and ``bad`` is ``refuse``.
    """
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise BadRecipe(
            f"people.texture_folder {str(folder)!r} is not a folder; give the folder that holds "
            "the clothing images"
        )
    library = _open(path.resolve(), TextureMode(mode), _stamp(path))
    if library.skipped and bad is BadTexture.refuse:
        listed = "; ".join(f"{name} {why}" for name, why in library.skipped[:5])
        more = len(library.skipped) - 5
        raise BadRecipe(
            f"people.texture_folder {str(folder)!r}: {len(library.skipped)} unusable pictures: "
            f"{listed}{f'; and {more} more' if more > 0 else ''}. Remove them or set "
            "people.bad_textures to skip"
        )
    if not library.tiles:
        first = next((f"; {name} {why}" for name, why in library.skipped), "")
        raise BadRecipe(
            f"people.texture_folder {str(folder)!r} has no usable picture "
            f"({len(library.skipped)} were skipped); use JPEG, PNG, BMP or WebP files of at least "
            f"{SMALLEST_SIDE} pixels{first}"
        )
    return library


def _stamp(folder: Path) -> str:
    """Changes whenever a file of the folder does (sizes and times, for this host only)."""
    found = []
    for path in files_below(folder):
        if path.is_file():
            status = path.stat()
            # Of names that are no text, too.
            name = os.fsencode(path.relative_to(folder)).decode(errors="backslashreplace")
            found.append([name, status.st_size, status.st_mtime_ns])
    return digest(found)


@lru_cache(maxsize=8)
def _open(folder: Path, mode: TextureMode, stamp: str) -> TextureLibrary:
    root = cache_root() / "textures"
    pointer = root / f"read-{digest([str(folder), mode, stamp, LIBRARY_VERSION])}.txt"
    if pointer.exists():
        key = pointer.read_text().strip()
        if (root / key / "index.json").exists():
            return _reported(root / key, folder)
    found = _plain_view(folder, mode)
    key = _content_key(found, mode)
    if not (root / key / "index.json").exists():
        _prepare(found, mode, root, key)
    write_whole(pointer, key)
    return _reported(root / key, folder)


def _reported(prepared: Path, folder: Path) -> TextureLibrary:
    """Say once per process which pictures of the folder gave no tile, and why."""
    library = _read_index(prepared)
    library = replace(library, skipped=(*library.skipped, *other_pictures(folder)))
    for name, why in library.skipped[:_NAMED]:
        _log.warning("The picture %s %s: it is left out", folder / name, why)
    if len(library.skipped) > _NAMED:
        _log.warning("%d more pictures of %s are left out", len(library.skipped) - _NAMED, folder)
    return library


def _plain_view(folder: Path, mode: TextureMode) -> list[Picture]:
    """The folder's pictures; in ``random`` mode without their garments' categories."""
    found = pictures(folder)
    if mode is not TextureMode.random:
        return found

    def whole(picture: Picture) -> Iterator[Garment]:
        # The masks of garments are not asked; that of a cut-out is.
        return (
            (pixels, "any", mask if category == "any" else None)
            for pixels, category, mask in islice(picture.garments(), 1)
        )

    return [replace(picture, garments=partial(whole, picture)) for picture in found]


def _content_key(found: Sequence[Picture], mode: TextureMode) -> str:
    content = [[picture.name, *map(_content, picture.files)] for picture in found]
    return digest([LIBRARY_VERSION, str(mode), content])


def _content(file: Path) -> str:
    """Names the pixels of a file; those that earlier versions read wrong have another name now."""
    data = file.read_bytes()
    return sha256_hex(data) if is_plain(data) else f"{sha256_hex(data)} as seen"


def cut_tile(pixels: np.ndarray, mask: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """The seamless tile of one garment (inside its mask) or of a picture (a random square)."""
    if mask is not None:
        top, left, bottom, right = largest_rectangle(mask)
    else:
        top, left, bottom, right = random_square(rng, *pixels.shape[:2])
    if min(bottom - top, right - left) < SMALLEST_SIDE:
        raise UnusablePictureError(
            f"shows too little cloth ({right - left} x {bottom - top} pixels, "
            f"at least {SMALLEST_SIDE} needed)"
        )
    return seamless_tile(pixels[top:bottom, left:right])


def _prepare(found: Sequence[Picture], mode: TextureMode, root: Path, key: str) -> None:
    """Cut all tiles and keep the library; who finds its index finds the tiles, too."""
    tiles: list[np.ndarray] = []
    index: list[Tile] = []
    skipped: list[tuple[str, str]] = []
    for picture in found:
        rng = np.random.default_rng(int(digest([key, picture.name])[:12], 16))
        reason, before = "shows no garment", len(tiles)
        try:
            for pixels, category, mask in picture.garments():
                try:
                    tile = cut_tile(pixels, mask, rng)
                except UnusablePictureError as error:
                    reason = str(error)
                    continue
                red, green, blue = (int(c) for c in np.rint(tile.mean(axis=(0, 1))))
                tiles.append(tile)
                index.append(Tile(category, (red, green, blue), picture.name))
        except UnusablePictureError as error:
            reason = str(error)
        if len(tiles) == before:
            skipped.append((picture.name, reason))
    with whole_file(root / key / "tiles.npy") as file:
        np.save(file, np.stack(tiles) if tiles else np.zeros((0, 1, 1, 3), "u1"))
    content = {"key": key, "tiles": [asdict(tile) for tile in index], "skipped": skipped}
    write_whole(root / key / "index.json", json.dumps(content))


def _read_index(folder: Path) -> TextureLibrary:
    content = json.loads((folder / "index.json").read_text())
    tiles = tuple(
        Tile(tile["category"], tuple(tile["colour"]), tile["picture"]) for tile in content["tiles"]
    )
    return TextureLibrary(content["key"], tiles, tuple(tuple(pair) for pair in content["skipped"]))


@lru_cache(maxsize=8)
def _tiles(key: str) -> np.ndarray:
    path = cache_root() / "textures" / key / "tiles.npy"
    if not path.exists():
        raise MissingRequirement(
            f"The clothing textures {key} are not prepared on this machine: sample people with a "
            "recipe whose people.texture_folder holds the same pictures"
        )
    return np.load(path, mmap_mode="r")


def library_tile(image: str) -> np.ndarray:
    """The (128, 128, 3) uint8 tile an ``image`` fabric names (``key/row``)."""
    key, _, row = image.partition("/")
    return np.array(_tiles(key)[int(row)])
