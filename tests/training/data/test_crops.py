"""Crops from a snapshot as arrays."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

import training.data.crops
from manifests.errors import CorruptData, TrainingFailed
from tests.full_disk import full_disk, refusing_folder
from tests.training.striped_people import StripedReader
from training.data.crops import load_crops
from training.data.decoding import decode_crop, resized


def test_rows_and_pictures_belong_together() -> None:
    reader = StripedReader(people=3, cameras=2, test_people=0)
    crops = load_crops(reader, "train", 64, 32)
    table = reader.table()
    jpegs = list(reader.images())
    assert crops.images.shape == (12, 64, 32, 3)
    assert crops.keys.tolist() == table.column("crop_key").to_pylist()
    assert [crops.person_ids[p] for p in crops.person] == table.column("person_id").to_pylist()
    assert [crops.camera_names[c] for c in crops.camera] == table.column("camera").to_pylist()
    np.testing.assert_array_equal(
        crops.images[7], simplejpeg.decode_jpeg(jpegs[7], colorspace="RGB")
    )


def test_shrinking_averages_areas() -> None:
    fine = np.zeros((64, 32, 3), np.uint8)
    fine[::2] = 200
    assert (abs(resized(fine, 32, 16).astype(int) - 100) <= 1).all()
    assert resized(fine, 128, 64).shape == (128, 64, 3)


@pytest.mark.parametrize(("subsampling", "tolerance"), [("420", 2), ("444", 0.5)])
@pytest.mark.parametrize("size", [(256, 128), (128, 64)])
def test_wildly_coloured_pictures_are_within_two_grey_levels_of_torchvision(
    subsampling: str, tolerance: float, size: tuple[int, int]
) -> None:
    # Not while tests are collected: the import takes seconds.
    from torchvision.transforms import Resize

    coarse = np.random.default_rng(0).integers(0, 256, (15, 6, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (120, 300), interpolation=cv2.INTER_CUBIC)
    jpeg = simplejpeg.encode_jpeg(picture, 90, "RGB", subsampling)
    reference = Resize(size)(Image.open(io.BytesIO(jpeg)))
    ours = resized(decode_crop(jpeg, "crop"), *size)
    assert abs(ours.astype(int) - np.asarray(reference)).mean() < tolerance


def test_large_sets_live_in_a_file_that_is_reused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.data.crops, "IN_MEMORY_BYTES", 1000)
    reader = StripedReader(people=3, cameras=2)
    direct = load_crops(reader, "train", 32, 16)
    mapped = load_crops(reader, "train", 32, 16, cache=tmp_path, digest="abc")
    np.testing.assert_array_equal(mapped.images, direct.images)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    again = load_crops(reader, "train", 32, 16, cache=tmp_path, digest="abc")
    assert isinstance(again.images, np.memmap)
    assert file.stat().st_mtime_ns == written


def test_what_came_over_a_network_is_kept_however_small(tmp_path: Path) -> None:
    reader = StripedReader(people=3, cameras=2)
    fetched = load_crops(reader, "train", 32, 16, cache=tmp_path, digest="abc", remote=True)
    assert isinstance(fetched.images, np.memmap)
    read_again: list[bool] = []

    class Unread(StripedReader):
        def images(self, rows: np.ndarray | Sequence[int] | None = None) -> Iterator[bytes]:
            def never() -> Iterator[bytes]:
                read_again.append(True)
                yield from ()

            return never()

    unread = Unread(people=3, cameras=2)
    kept = load_crops(unread, "train", 32, 16, cache=tmp_path, digest="abc", remote=True)
    np.testing.assert_array_equal(kept.images, fetched.images)
    assert not read_again


@pytest.mark.parametrize("disk", ["full", "refusing"])
def test_without_room_for_a_cache_pictures_are_kept_in_memory(
    disk: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = StripedReader(people=3, cameras=2)
    direct = load_crops(reader, "train", 32, 16)
    folder = tmp_path if disk == "full" else refusing_folder(tmp_path)
    with full_disk() if disk == "full" else nullcontext():
        crops = load_crops(reader, "train", 32, 16, folder, "abc", remote=True)
    np.testing.assert_array_equal(crops.images, direct.images)
    assert not isinstance(crops.images, np.memmap)
    assert "kept in memory" in caplog.text and "abc-train-32x16" in caplog.text
    assert list(tmp_path.glob("*abc*")) == []


def test_broken_pictures_are_named() -> None:
    image = np.full((40, 20, 3), 99, np.uint8)
    good = simplejpeg.encode_jpeg(image, colorspace="RGB")
    with pytest.raises(CorruptData, match="person/7: truncated JPEG"):
        decode_crop(good[: len(good) // 2], "person/7")
    with pytest.raises(CorruptData, match="person/7: broken JPEG"):
        decode_crop(good[:20] + bytes(99) + good[-2:], "person/7")
    with pytest.raises(CorruptData, match="person/8"):
        decode_crop(b"\x89PNG not a JPEG", "person/8")
    with pytest.raises(CorruptData, match="person/9: this is a TIFF; supported are"):
        decode_crop(cv2.imencode(".tiff", image)[1].tobytes(), "person/9")


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".webp"])
def test_pictures_without_loss_are_told_by_their_content(
    suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 21, 3), dtype=np.uint8)
    options = [cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == ".webp" else []
    data = cv2.imencode(suffix, image[..., ::-1], options)[1].tobytes()
    np.testing.assert_array_equal(decode_crop(data, "called.jpg"), image)
    np.testing.assert_array_equal(decode_crop(memoryview(data), "called.jpg"), image)
    with pytest.raises(CorruptData, match=r"called\.jpg: truncated"):
        decode_crop(data[: len(data) // 2], "called.jpg")
    assert capfd.readouterr().err == ""


def test_huge_pictures_are_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.data.decoding.MAX_PIXELS", 100)
    data = simplejpeg.encode_jpeg(np.zeros((40, 20, 3), np.uint8), colorspace="RGB")
    with pytest.raises(CorruptData, match="above 100 pixels"):
        decode_crop(data, "bomb")
    for suffix in (".png", ".bmp", ".webp"):
        data = cv2.imencode(suffix, np.zeros((40, 20, 3), np.uint8))[1].tobytes()
        # What the header says counts, before anything is missed.
        with pytest.raises(CorruptData, match="20x40 is above 100 pixels"):
            decode_crop(data[:40], "bomb")


def test_an_empty_split_is_an_error() -> None:
    with pytest.raises(TrainingFailed, match="no crops in split 'test'"):
        load_crops(StripedReader(test_people=0), "test", 64, 32)
