"""The training part of a data set as a test: for copies whose test part is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import CorruptData, NotFound
from tests.training.targets.trees import write_images
from training.targets.registry import open_for_training, open_target
from training.targets.training_part import TestOn

MARKET = [
    "0002_c1s1_000451_03.jpg",
    "0002_c1s1_000551_01.jpg",
    "0002_c3s1_000776_01.jpg",
    "0007_c2s3_070952_01.jpg",
    "0007_c3s3_077419_03.jpg",
]


@pytest.mark.parametrize("folder", ["train", "bounding_box_train"])
def test_one_query_a_person_and_camera(tmp_path: Path, folder: str) -> None:
    write_images(tmp_path / folder, MARKET)
    (target,) = open_target("market1501", tmp_path, partial=True, test_on=TestOn.train)
    assert target.split == "tested on train"
    assert [(image.path.name, image.role) for image in target.images] == [
        (MARKET[0], "query"),
        (MARKET[1], "gallery"),
        (MARKET[2], "query"),
        (MARKET[3], "query"),
        (MARKET[4], "query"),
    ]


def test_only_what_is_published_of_the_training_part_is_checked(tmp_path: Path) -> None:
    write_images(tmp_path / "train", MARKET)
    with pytest.raises(CorruptData, match=r"\(train: 5 images, .*; train: 2 people, [^;]*\);"):
        open_target("market1501", tmp_path, test_on=TestOn.train)


def test_whoever_forgets_it_is_told(tmp_path: Path) -> None:
    write_images(tmp_path / "train", MARKET)
    with pytest.raises(NotFound, match=r"no folder query .*found train/; --test-on train makes"):
        open_target("market1501", tmp_path, partial=True)


def test_training_needs_no_test_part(tmp_path: Path) -> None:
    write_images(tmp_path / "train", MARKET)
    (target,) = open_for_training("market1501", tmp_path, partial=True)
    assert (target.split, target.counts()) == ("", {"train": 5})
    with pytest.raises(CorruptData, match="train: 5 images, officially 12936"):
        open_for_training("market1501", tmp_path)
    with pytest.raises(NotFound, match="no folder bounding_box_train or train"):
        open_for_training("market1501", tmp_path / "train")
    with pytest.raises(NotFound, match="viper: no folder"):
        open_for_training("viper", tmp_path.parent)


def test_lists_unions_and_drawn_halves(tmp_path: Path) -> None:
    write_images(tmp_path / "market1501", [f"train/{name}" for name in MARKET])
    write_images(tmp_path, [f"viper/cam_{c}/{i:03d}_0.bmp" for i in range(6) for c in "ab"])
    rows = [f"viper/cam_{c}/00{i}_0.bmp,{i},{c},train" for i in range(2) for c in "ab"]
    junk = "viper/cam_a/005_0.bmp,5,a,junk"
    (tmp_path / "own.csv").write_text("\n".join(["path,person,camera,role", *rows, junk]))
    (own,) = open_target("own.csv", tmp_path, test_on=TestOn.train)
    assert own.counts() == {"query": 4}
    halves = open_target("viper", tmp_path / "viper", partial=True, test_on=TestOn.train)
    assert [target.split for target in halves][:2] == ["ours-0 tested on train"] + [
        "ours-1 tested on train"
    ]
    assert {target.people("query") for target in halves} == {3}
    write_images(tmp_path / "dukemtmc-reid", ["train/0001_c2_f0046182.jpg"])
    (both,) = open_target("market1501+dukemtmc-reid", tmp_path, partial=True, test_on=TestOn.train)
    assert both.counts() == {"query": 5, "gallery": 1}
    assert both.split == "tested on train"


def test_a_set_without_training_images(tmp_path: Path) -> None:
    write_images(tmp_path, ["one.jpg"])
    (tmp_path / "own.csv").write_text("path,person,camera,role\none.jpg,a,b,query\n")
    with pytest.raises(NotFound, match="no training images to test on"):
        open_target("own.csv", tmp_path, test_on=TestOn.train)
