"""Clothes textured from folders of pictures: cutting, layouts, caching, bad pictures."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from manifests.errors import BadRecipe, CorruptData, MissingRequirement
from manifests.people import BadTexture, PeopleRecipe, TextureMode
from synth_workers.people.looks.colours import distance
from synth_workers.people.looks.sampling import sample_people, sample_person
from synth_workers.people.spec import FabricSpec, Slot
from synth_workers.people.textures.fabrics import render_tile
from synth_workers.people.textures.library import library_tile, open_library
from synth_workers.people.textures.patches import largest_rectangle, seamless_tile
from synth_workers.people.textures.sources import CO_PARSING_LABELS

RED, BLUE, DARK = (170, 40, 40), (40, 60, 160), (20, 20, 24)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))


def _picture(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (120, 160)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(1).integers(-12, 13, (size[1], size[0], 3))
    Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("red.png", RED), ("more/blue.png", BLUE), ("more/dark.png", DARK)):
        _picture(tmp_path / "cloth" / name, colour)
    return tmp_path / "cloth"


def _brute_force(mask: np.ndarray) -> int:
    best = 0
    for top in range(mask.shape[0]):
        for bottom in range(top + 1, mask.shape[0] + 1):
            full = np.asarray(mask[top:bottom].all(axis=0))
            run = longest = 0
            for good in full.tolist():
                run = run + 1 if good else 0
                longest = max(longest, run)
            best = max(best, (bottom - top) * longest)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_largest_rectangle_is_exact(seed: int) -> None:
    mask = np.random.default_rng(seed).random((14, 11)) < 0.78
    top, left, bottom, right = largest_rectangle(mask)
    assert mask[top:bottom, left:right].all()
    assert (bottom - top) * (right - left) == _brute_force(mask)


def test_the_largest_rectangle_of_nothing_is_empty() -> None:
    assert largest_rectangle(np.zeros((5, 5), bool)) == (0, 0, 0, 0)


def test_a_tile_cut_from_a_gradient_has_no_seam() -> None:
    ramp = np.linspace(0, 255, 200).astype(np.uint8)
    patch = np.stack([np.tile(ramp, (200, 1)), np.tile(ramp[:, None], (1, 200))] * 2, -1)[..., :3]
    tile = seamless_tile(patch).astype(float)
    for axis in (0, 1):
        steps = np.abs(np.diff(tile, axis=axis)).max()
        seam = np.abs(np.take(tile, 0, axis) - np.take(tile, -1, axis)).max()
        assert seam <= steps + 1


def test_people_wear_the_folder(folder: Path) -> None:
    recipe = PeopleRecipe(count=1, texture_folder=str(folder), dark_clothing=0)
    for spec in sample_people(recipe, 1, range(12)):
        for garment in spec.garments:
            pictured = garment.fabric.kind == "image"
            assert pictured == (garment.slot is not Slot.shoes)
            if pictured and spec.look_alike is None:
                tile = render_tile(garment.fabric)
                nearest = min(distance(tuple(tile.mean((0, 1)).astype(int)), c)
                              for c in (RED, BLUE, DARK))  # fmt: skip
                assert nearest < 6


def test_dark_people_get_dark_pictures(folder: Path) -> None:
    recipe = PeopleRecipe(count=1, texture_folder=str(folder), dark_clothing=1, look_alikes=0)
    for spec in sample_people(recipe, 1, range(10)):
        assert all(max(garment.fabric.main_colour) < 60 for garment in spec.garments)


def test_specs_name_content_not_paths(folder: Path, tmp_path: Path) -> None:
    """The same pictures in another place give the same people."""
    first = sample_person(PeopleRecipe(count=1, texture_folder=str(folder)), 1, 0)
    moved = folder.rename(tmp_path / "elsewhere")
    second = sample_person(PeopleRecipe(count=1, texture_folder=str(moved)), 1, 0)
    assert first == second
    assert str(tmp_path) not in first.model_dump_json()


def test_changed_pictures_change_the_library(folder: Path) -> None:
    before = open_library(folder, TextureMode.real)
    _picture(folder / "red.png", (30, 120, 30))
    assert open_library(folder, TextureMode.real).key != before.key


def test_litter_is_no_picture_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    before = open_library(folder, TextureMode.real)
    for name in ("._red.png", "more/Thumbs.db", "__MACOSX/red.png", "more/~$blue.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"no picture")
    assert open_library(folder, TextureMode.real) is before
    _picture(tmp_path / "blobs" / "green.png", (40, 150, 60))
    (folder / "green.png").symlink_to(tmp_path / "blobs" / "green.png")
    (folder / "all").symlink_to(tmp_path / "blobs", target_is_directory=True)
    after = open_library(folder, TextureMode.real, BadTexture.refuse)
    assert {tile.picture for tile in after.tiles} - {tile.picture for tile in before.tiles} == {
        "green.png", "all/green.png"
    }  # fmt: skip


def test_names_that_are_no_text_are_refused_for_pictures_alone(folder: Path) -> None:
    before = open_library(folder, TextureMode.real)
    (folder / os.fsdecode(b"lies mich f\xfcr.txt")).touch()
    assert open_library(folder, TextureMode.real).tiles == before.tiles
    (folder / "red.png").rename(folder / os.fsdecode(b"r\xf6t.png"))
    with pytest.raises(CorruptData, match=r"r\\udcf6t\.png: its name is not UTF-8"):
        open_library(folder, TextureMode.real)


def test_unreadable_pictures_are_skipped_and_named(folder: Path, caplog) -> None:
    (folder / "broken.jpg").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    _picture(folder / "tiny.png", RED, size=(20, 20))
    with caplog.at_level(logging.WARNING):
        sample_person(PeopleRecipe(count=1, texture_folder=str(folder)), 1, 0)
    assert "broken.jpg cannot be read: image broken.jpg: this is a Git LFS pointer" in caplog.text
    library = open_library(folder, TextureMode.real)
    assert {name for name, _ in library.skipped} == {"broken.jpg", "tiny.png"}
    assert len(library.tiles) == 3


def test_pictures_are_told_by_their_content_not_their_names(folder: Path) -> None:
    for name, kind in (("bitmap.png", "BMP"), ("web.jpg", "WEBP"), ("tiff.jpg", "TIFF")):
        Image.new("RGB", (120, 120), RED).save(folder / name, kind)
    (folder / "cut.bmp").write_bytes((folder / "bitmap.png").read_bytes()[:5000])
    library = open_library(folder, TextureMode.real)
    assert dict(library.skipped) == {
        "cut.bmp": "cannot be read: image cut.bmp: truncated BMP, it ends after 5,000 bytes; "
        "get the file again",
        "tiff.jpg": "cannot be read: image tiff.jpg: this is a TIFF; supported are JPEG, PNG, "
        "BMP, WebP",
    }
    assert {"bitmap.png", "web.jpg"} < {tile.picture for tile in library.tiles}


@pytest.mark.parametrize("mode", [TextureMode.real, TextureMode.random])
def test_cloth_is_cut_out_of_what_is_not_transparent(tmp_path: Path, mode: TextureMode) -> None:
    pixels = np.zeros((200, 160, 4), np.uint8)
    pixels[40:150, 30:130] = (*RED, 255)
    (tmp_path / "cloth").mkdir()
    Image.fromarray(pixels).save(tmp_path / "cloth" / "shirt.png")
    library = open_library(tmp_path / "cloth", mode)
    assert [tile.colour for tile in library.tiles] == [RED]
    tile = library_tile(f"{library.key}/0")
    assert np.abs(tile.astype(int) - RED).max() < 3


def test_grey_cloth_of_sixteen_bits_is_grey(tmp_path: Path) -> None:
    (tmp_path / "cloth").mkdir()
    noise = np.random.default_rng(0).integers(-900, 900, (90, 90))
    Image.fromarray((30_000 + noise).astype(np.uint16)).save(tmp_path / "cloth" / "weave.png")
    (tile,) = open_library(tmp_path / "cloth", TextureMode.real).tiles
    assert np.ptp(tile.colour) == 0
    assert tile.colour[0] == pytest.approx(30_000 / 257, abs=2)


def test_pictures_of_other_formats_are_named_and_change_no_library(folder: Path, caplog) -> None:
    key = open_library(folder, TextureMode.real).key
    Image.new("F", (90, 90), 0.5).save(folder / "map.tif")
    with caplog.at_level(logging.WARNING):
        library = open_library(folder, TextureMode.real)
    assert library.key == key
    assert library.skipped == (("map.tif", "is called .tif; supported are JPEG, PNG, BMP, WebP"),)
    assert "map.tif is called .tif" in caplog.text
    with pytest.raises(BadRecipe, match=r"map\.tif"):
        open_library(folder, TextureMode.real, BadTexture.refuse)


def test_unreadable_pictures_refuse_the_recipe_when_it_says_so(folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"nothing")
    recipe = PeopleRecipe(count=1, texture_folder=str(folder), bad_textures=BadTexture.refuse)
    with pytest.raises(BadRecipe, match=r"broken\.jpg"):
        sample_person(recipe, 1, 0)


@pytest.mark.parametrize("content", [None, "empty"])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "pictures"
    if content:
        folder.mkdir()
    with pytest.raises(BadRecipe, match="texture_folder"):
        open_library(folder, TextureMode.real)


def test_without_a_folder_our_own_fabrics_are_used() -> None:
    person = sample_person(PeopleRecipe(count=1), 1, 0)
    assert all(garment.fabric.kind != "image" for garment in person.garments)


def test_a_missing_library_says_what_to_do() -> None:
    fabric = FabricSpec(kind="image", colours=(RED,), image="0" * 32 + "/0")
    with pytest.raises(MissingRequirement, match="texture_folder"):
        render_tile(fabric)


def _dressed_figure(size: tuple[int, int] = (200, 300)) -> tuple[np.ndarray, np.ndarray]:
    """A picture with a red top and blue trousers, and where they are (0, 1, 2)."""
    width, height = size
    pixels = np.full((height, width, 3), 235, np.uint8)
    labels = np.zeros((height, width), np.uint8)
    labels[60:160, 50:150], labels[160:290, 60:140] = 1, 2
    labels[90:95, 90:95] = 0
    pixels[labels == 1], pixels[labels == 2] = RED, BLUE
    return pixels, labels


def test_clothing_co_parsing_folders(tmp_path: Path) -> None:
    pixels, labels = _dressed_figure()
    folder = tmp_path / "ccp"
    (folder / "photos").mkdir(parents=True)
    (folder / "annotations" / "pixel-level").mkdir(parents=True)
    numbers = np.array([0, CO_PARSING_LABELS.index("blouse"), CO_PARSING_LABELS.index("jeans")])
    for stem, label in (("0001", numbers[labels]), ("0002", np.full_like(labels, 41))):
        Image.fromarray(pixels).save(folder / "photos" / f"{stem}.png")
        savemat(folder / "annotations" / "pixel-level" / f"{stem}.mat", {"groundtruth": label})
    library = open_library(folder, TextureMode.real)
    assert [(tile.category, tile.colour) for tile in library.tiles] == [
        ("bottom", BLUE),
        ("top", RED),
    ]
    assert library.skipped == (("photos/0002.png", "shows no garment"),)
    assert (library_tile(f"{library.key}/1") == RED).all()


@pytest.mark.parametrize("compressed", [True, False])
def test_annotations_that_are_cut_off_leave_their_picture_out(
    tmp_path: Path, compressed: bool
) -> None:
    _picture(tmp_path / "photos" / "0001.jpg", RED, (60, 60))
    file = tmp_path / "annotations" / "pixel-level" / "0001.mat"
    file.parent.mkdir(parents=True)
    labels = np.random.default_rng(0).integers(0, 50, (60, 60), dtype=np.uint8)
    savemat(file, {"groundtruth": labels}, do_compression=compressed)
    whole = file.read_bytes()
    for share in (0.01, 0.04, 0.3, 0.9):
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(BadRecipe, match=r"0001\.mat is not a MATLAB file"):
            open_library(tmp_path, TextureMode.real)


def test_an_annotation_of_another_size_is_named(tmp_path: Path) -> None:
    pixels, labels = _dressed_figure()
    folder = tmp_path / "ccp"
    (folder / "photos").mkdir(parents=True)
    (folder / "annotations" / "pixel-level").mkdir(parents=True)
    Image.fromarray(pixels).save(folder / "photos" / "0001.png")
    savemat(folder / "annotations" / "pixel-level" / "0001.mat", {"groundtruth": labels[:10]})
    with pytest.raises(BadRecipe, match="no usable picture"):
        open_library(folder, TextureMode.real)


def test_deep_fashion_folders(tmp_path: Path) -> None:
    pixels, labels = _dressed_figure()
    colours = np.array([[255, 255, 255], [255, 250, 250], [211, 211, 211]], np.uint8)
    folder = tmp_path / "deepfashion" / "WOMEN" / "Tees" / "id_00000001"
    folder.mkdir(parents=True)
    Image.fromarray(pixels).save(folder / "01_1_front.jpg", quality=95)
    Image.fromarray(colours[labels]).save(folder / "01_1_front_segment.png")
    library = open_library(tmp_path / "deepfashion", TextureMode.real)
    assert [tile.category for tile in library.tiles] == ["bottom", "top"]
    assert distance(library.tiles[1].colour, RED) < 5


def test_random_mode_ignores_garments(tmp_path: Path) -> None:
    pixels, labels = _dressed_figure()
    colours = np.array([[255, 255, 255], [255, 250, 250], [211, 211, 211]], np.uint8)
    folder = tmp_path / "deepfashion"
    folder.mkdir()
    Image.fromarray(pixels).save(folder / "a.jpg")
    Image.fromarray(colours[labels]).save(folder / "a_segment.png")
    library = open_library(folder, TextureMode.random)
    assert [tile.category for tile in library.tiles] == ["any"]
