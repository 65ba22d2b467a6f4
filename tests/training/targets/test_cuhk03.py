"""CUHK03's classic and new protocol, from picture files named as toolkits name them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from manifests.errors import CorruptData
from tests.training.targets.trees import write_images
from training.targets.registry import open_target

PEOPLE = [(pair, person) for pair in range(1, 6) for person in range(1, 5)]


def picture(pair: int, person: int, view: int, number: int) -> str:
    return f"{pair}_{person:03d}_{view}_{number:02d}.png"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for boxes in ("detected", "labeled"):
        names = [picture(*who, 1 + n // 2, 1 + n) for who in PEOPLE for n in range(4)]
        write_images(tmp_path / f"images_{boxes}", names)
    return tmp_path


def test_twenty_classic_splits_of_ours(root: Path) -> None:
    detected, labeled = (
        open_target(f"cuhk03-{boxes}", root, partial=True) for boxes in ("detected", "labeled")
    )
    assert [target.split for target in detected] == [f"ours-{n}" for n in range(20)]
    for one, other in zip(detected, labeled, strict=True):
        asked = one.people_in("query")
        assert asked == other.people_in("query")
        assert {person[0] for person in asked} <= set("123")
        # Both pictures of the first view, one of the second; the other counts nowhere.
        assert one.counts() == {"query": 12, "gallery": 6, "junk": 6, "train": 56}
        assert one.people_in("gallery") == asked
        assert not asked & one.people_in("train")
    shown = [{i.path.name for i in t.images if i.role == "gallery"} for t in detected]
    assert len(set(map(frozenset, shown))) > 10
    with pytest.raises(CorruptData, match="80 images, officially 14097"):
        open_target("cuhk03-detected", root)


def test_classic_splits_that_torchreid_wrote(root: Path) -> None:
    tested = [[(1, 2), (3, 4)], [(2, 1)]]
    splits = []
    for people in tested:
        rows = [[f"/elsewhere/{picture(*who, 1, 1)}", 0, 0] for who in people]
        splits.append({"train": [], "query": rows, "gallery": rows})
    path = root / "splits_classic_detected.json"
    path.write_text(json.dumps(splits))
    first, second = open_target("cuhk03-detected", root, partial=True)
    assert (first.split, first.people_in("query")) == ("0", {"1-002", "3-004"})
    assert (second.split, second.people_in("gallery")) == ("1", {"2-001"})
    path.write_text('[{"query": 3}]')
    with pytest.raises(CorruptData, match="not the splits that torchreid writes"):
        open_target("cuhk03-detected", root, partial=True)


def test_the_new_protocol_by_its_configuration(root: Path) -> None:
    names = [picture(1, person, view, 2 * view) for person in (1, 2) for view in (1, 2)]
    told = {
        "filelist": np.array([[name] for name in names], object),
        "labels": np.array([[3], [3], [7], [7]]),
        "train_idx": np.array([[1], [2]]),
        "query_idx": np.array([[3]]),
        "gallery_idx": np.array([[4]]),
    }
    path = root / "cuhk03_new_protocol_config_labeled.mat"
    scipy.io.savemat(path, told)
    (target,) = open_target("cuhk03-np-labeled", root, partial=True)
    assert [(i.path.name, i.person, i.camera, i.role) for i in target.images] == [
        (names[0], "0003", "1", "train"),
        (names[1], "0003", "2", "train"),
        (names[2], "0007", "1", "query"),
        (names[3], "0007", "2", "gallery"),
    ]
    (root / "images_labeled" / names[3]).unlink()
    with pytest.raises(CorruptData, match="1 of its images are missing"):
        open_target("cuhk03-np-labeled", root, partial=True)
    scipy.io.savemat(path, {"filelist": told["filelist"]})
    with pytest.raises(CorruptData, match="not a configuration of the new protocol"):
        open_target("cuhk03-np-labeled", root, partial=True)


def test_the_new_protocol_as_folders(tmp_path: Path) -> None:
    folders = {"bounding_box_train": 3, "query": 1, "bounding_box_test": 1}
    names = [f"labeled/{folder}/{who:04d}_c1_{who}.png" for folder, who in folders.items()]
    write_images(tmp_path, names)
    (target,) = open_target("cuhk03-np-labeled", tmp_path, partial=True)
    assert target.counts() == {"train": 1, "query": 1, "gallery": 1}
