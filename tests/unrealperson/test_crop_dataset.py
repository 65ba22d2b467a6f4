"""Crops in a loop of one's own: shuffled, by workers, decoded beforehand, in batches of people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from manifests.errors import BadRecipe, TrainingFailed
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tests.tasks.report.publishing import publish_small
from training.data.crop_dataset import CropDataset


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    return publish_small(open_store(tmp_path_factory.mktemp("store")), people=8)


@pytest.fixture(scope="module")
def crops(reader: SnapshotReader) -> CropDataset:
    return CropDataset(reader, "train")


# Workers are started anew and not forked: a process that has run other tests has threads and
# drivers of graphics in it, with which a copy of it once did not end well.
def test_workers_deliver_every_crop_once_shuffled(crops: CropDataset) -> None:
    order = torch.Generator().manual_seed(0)
    loader = DataLoader(
        crops,
        batch_size=10,
        shuffle=True,
        num_workers=2,
        generator=order,
        multiprocessing_context="spawn",
    )
    batches = list(loader)
    images = torch.cat([images for images, _, _ in batches])
    labels = [
        pair for _, who, where in batches for pair in zip(who.tolist(), where.tolist(), strict=True)
    ]
    assert images.dtype == torch.uint8 and images.shape == (len(crops), 3, 256, 128)
    expected = list(zip(crops.person, crops.camera, strict=True))
    assert Counter(labels) == Counter(expected) and labels != expected
    seen = {picture.numpy().tobytes() for picture in images}
    assert seen == {crops[i][0].contiguous().numpy().tobytes() for i in range(len(crops))}


def test_decoded_beforehand_they_are_the_same(
    reader: SnapshotReader, crops: CropDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = CropDataset(reader, "train", decoded=True)
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path))
    monkeypatch.setattr("training.data.crops.IN_MEMORY_BYTES", 0)
    for there in (in_memory, CropDataset(reader, "train", decoded=True)):
        assert len(there) == len(crops)
        for i in (0, 7, len(crops) - 1):
            assert torch.equal(there[i][0], crops[i][0]) and there[i][1:] == crops[i][1:]
        there[0][0].zero_()
        assert there[0][0].any(), "somebody's changes stay their own"
    (file,) = (tmp_path / "pictures").iterdir()
    assert file.name.startswith("cdcd") and "train-train" in file.name


def test_epochs_differ_and_any_of_them_can_be_had_again(crops: CropDataset) -> None:
    batches = crops.batches(people=3, images=2, seed=5)
    loader = DataLoader(crops, batch_sampler=batches)
    first, second = ([who.tolist() for _, who, _ in loader] for _ in range(2))
    assert len(first) == len(batches) == len(crops) // 6
    for who in first:
        assert sorted(Counter(who).values()) == [2, 2, 2]
    assert first != second
    again = crops.batches(people=3, images=2, seed=5)
    again.set_epoch(1)
    assert [[crops.person[row] for row in rows] for rows in again] == second
    assert list(crops.batches(people=3, images=2, seed=6)) != list(
        crops.batches(people=3, images=2, seed=5)
    )


def test_batches_of_cameras(crops: CropDataset) -> None:
    for rows in crops.batches(cameras=3, people=2, images=2):
        of_camera = Counter(crops.camera[row] for row in rows)
        assert list(of_camera.values()) == [4, 4, 4]


def test_what_makes_no_batch_is_refused(reader: SnapshotReader, crops: CropDataset) -> None:
    with pytest.raises(BadRecipe, match=r"batches: people: .*0"):
        crops.batches(people=0)
    with pytest.raises(BadRecipe, match="leave one of both out"):
        CropDataset(reader, "train", transform=np.asarray, decoded=True)
    alone = CropDataset(reader, "train")
    alone.person = [0] * len(alone)
    with pytest.raises(TrainingFailed, match="at least two people"):
        alone.batches()
