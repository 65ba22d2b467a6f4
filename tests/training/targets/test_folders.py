"""Data sets that are labelled by their file names."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from manifests.errors import CorruptData, NotFound
from tests.training.targets.trees import write_images
from training.targets.images import Target, union
from training.targets.registry import TARGETS, open_target

TREES = {
    "market1501": [
        "bounding_box_train/0002_c1s1_000451_03.jpg",
        "bounding_box_train/0007_c3s3_077419_03.jpg",
        "query/0001_c1s1_001051_00.jpg",
        "bounding_box_test/0001_c2s1_002301_01.jpg",
        "bounding_box_test/0000_c1s1_000151_01.jpg",
        "bounding_box_test/-1_c1s1_000401_03.jpg",
    ],
    "dukemtmc-reid": [
        "bounding_box_train/0001_c2_f0046182.jpg",
        "query/0005_c2_f0046985.jpg",
        "bounding_box_test/0005_c5_f0051781.jpg",
    ],
    "cuhk03-np-detected": [
        "bounding_box_train/0003_c1_21.png",
        "query/0001_c1_1.png",
        "bounding_box_test/0001_c2_6.png",
    ],
    "market-black": ["query/b_0012_c1s1_000001_00.jpg", "gallery/b_0012_c3s1_000401_01.jpg"],
    "duke-black": ["query/b_0053_c1_f0058541.jpg", "gallery/0053_c5_f0062345.jpg"],
    "lips": ["query/0001_c1_000001.jpg", "gallery/0001_c2_000002.jpg"],
    "personx": ["1/bounding_box_train/0001_c1s1_05_1_01.jpg"],
    "randperson": ["randperson_subset/0000_s00_c00_f000023.jpg"],
    "syri": ["0_3_12.jpg", "0_2_7.jpg"],
    "somaset": ["id_007/outfit/img_1.jpg"],
    "unrealperson": [
        "unreal_v3.1/images/333_c001_78.jpg",
        "unreal_v4.1/images/333_c001_9.jpg",
        "unreal_v3.2/images/333_c001_5.jpg",
    ],
    "clonedperson": [
        "train/700000_s02_c00_f023389.jpg",
        "test/query/705227_s02_c02_f001117.jpg",
        "test/gallery/705228_s06_c02_f005521.jpg",
    ],
    "ccup": [
        "train/0001_cloth3_C012_000123.jpg",
        "query/0900_cloth1_C001_000001.jpg",
        "gallery/0900_cloth2_C044_000007.jpg",
    ],
}


def read(tmp_path: Path, name: str) -> Target:
    write_images(tmp_path, TREES[name])
    return open_target(name, tmp_path, partial=True)[0]


@pytest.mark.parametrize("name", sorted(TREES))
def test_official_names_are_understood(tmp_path: Path, name: str) -> None:
    target = read(tmp_path, name)
    assert len(target.images) == len(TREES[name])
    crops = target.crops(sorted(target.counts()), 32, 16)
    assert crops.images.shape == (len(TREES[name]), 32, 16, 3)
    assert sorted(crops.keys.tolist()) == sorted(TREES[name])


def test_market_distractors_and_junk(tmp_path: Path) -> None:
    target = read(tmp_path, "market1501")
    assert target.counts() == {"train": 2, "query": 1, "gallery": 1, "distractor": 1, "junk": 1}
    assert {i.camera for i in target.images if i.role == "train"} == {"1", "3"}


def test_people_and_cameras_of_synthetic_sets(tmp_path: Path) -> None:
    unreal = read(tmp_path / "unreal", "unrealperson")
    # A person is (version, number), a camera (scene, number).
    assert {(i.person, i.camera) for i in unreal.images} == {
        ("1-333", "3-001"),
        ("1-333", "4-001"),
        ("2-333", "3-001"),
    }
    syri = read(tmp_path / "syri", "syri")
    assert {(i.person, i.camera) for i in syri.images} == {("0", "1")}
    changed = read(tmp_path / "ccup", "ccup")
    assert [i.outfit for i in changed.images] == [3, 1, 2]


def test_wrong_counts_are_explained(tmp_path: Path) -> None:
    write_images(tmp_path, TREES["market1501"])
    with pytest.raises(CorruptData, match="train: 2 images, officially 12936"):
        open_target("market1501", tmp_path)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("personx", "train: 1 people, officially 1266"),
        ("syri", "train: 1 people, officially 100"),
        ("somaset", "train: 1 images, officially 100000"),
        ("randperson", "train: 1 people, officially 8000"),
        ("unrealperson", "train: 3 images, officially 1256381; train: 2 people, officially 6799"),
        ("clonedperson", r"train\+query\+gallery: 3 people, officially 5621"),
        ("ccup", "3 images, officially 1179976"),
        ("lips", r"query\+gallery: 1 people, officially 50"),
        ("duke-black", "query: 1 images, officially 436"),
    ],
)
def test_counts_of_synthetic_and_small_sets_are_checked(
    tmp_path: Path, name: str, complaint: str
) -> None:
    write_images(tmp_path, TREES[name])
    with pytest.raises(CorruptData, match=complaint):
        open_target(name, tmp_path)


def test_missing_folders_and_foreign_files_are_named(tmp_path: Path) -> None:
    write_images(tmp_path, TREES["dukemtmc-reid"][:2])
    with pytest.raises(NotFound, match="no folder bounding_box_test"):
        open_target("dukemtmc-reid", tmp_path, partial=True)
    (tmp_path / "bounding_box_test").mkdir()
    with pytest.raises(NotFound, match=r"no pictures in .*bounding_box_test, found nothing"):
        open_target("dukemtmc-reid", tmp_path, partial=True)
    write_images(tmp_path, [*TREES["dukemtmc-reid"], "query/holiday.jpg"])
    with pytest.raises(CorruptData, match=r"holiday\.jpg is not named"):
        open_target("dukemtmc-reid", tmp_path, partial=True)
    with pytest.raises(NotFound, match="known are"):
        open_target("market1502", tmp_path)


def test_files_that_are_no_pictures_are_left_alone(tmp_path: Path) -> None:
    write_images(tmp_path, TREES["market1501"])
    for name in (
        "Thumbs.db",
        "readme.txt",
        "._0001_c1s1_001051_00.jpg",
        "query.mat",
        "0001_c1s1_001051_00.jpg.part",
        "~0001_c1s1_001051_00.tmp",
        "@eaDir/0001_c1s1_001051_00.jpg",
        "__MACOSX/._0001_c1s1_001051_00.jpg",
        ".ipynb_checkpoints/0001_c1s1_001051_00.jpg",
    ):
        path = tmp_path / "query" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no picture")
    assert open_target("market1501", tmp_path, partial=True)[0].counts()["query"] == 1


def test_folders_of_litter_are_none_of_a_data_set(tmp_path: Path) -> None:
    """Where a data set's folders may lie anywhere below its root."""
    write_images(tmp_path, TREES["personx"])
    write_images(tmp_path / "__MACOSX", ["1/bounding_box_test/0001_c1s1_05_1_01.jpg"])
    assert open_target("personx", tmp_path, partial=True)[0].counts() == {"train": 1}


@pytest.mark.parametrize(
    ("name", "beside", "inner"),
    [
        ("market1501", "query/0001_c1s1_001051_00.jpg", "query/more/0001_c2s1_001051_00.jpg"),
        ("dukemtmc-reid", "query/0005_c2_f0046985.jpg", "query/a/b/holiday.png"),
        ("syri", "0_3_12.jpg", "night/1_3_12.jpg"),
        # Of a root that many data sets share, only what is named like this one's.
        ("3dpes", "1_7_FRAME_17_RGB.bmp", "more/1_8_FRAME_19_RGB.bmp"),
        ("prid2011", "single_shot/cam_a/person_0001.png", "single_shot/cam_a/b/person_0002.png"),
    ],
)
def test_pictures_in_a_folder_beside_others_are_never_left_out_unsaid(
    name: str, beside: str, inner: str, tmp_path: Path
) -> None:
    write_images(tmp_path, [*TREES.get(name, []), beside, inner])
    if name == "prid2011":
        write_images(tmp_path, ["single_shot/cam_b/person_0001.png"])
    with pytest.raises(CorruptData, match=rf"pictures of its own and others.*first .*{inner}"):
        open_target(name, tmp_path, partial=True)


def test_folders_of_other_data_sets_may_lie_in_a_root_they_share(tmp_path: Path) -> None:
    write_images(tmp_path, ["1_7_FRAME_17_RGB.bmp", "1_8_FRAME_19_RGB.bmp", "masks/holiday.png"])
    assert open_target("3dpes-all", tmp_path, partial=True)[0].counts() == {
        "query": 1, "gallery": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    "behind",
    [
        " (1)",
        "(2)",
        " - Copy",
        " copy",
        " copy 2",
        " - Kopie",
        " \u2013 copie (3)",
        " \u526f\u672c",
    ],
)
def test_a_second_copy_of_a_picture_is_refused(behind: str, tmp_path: Path) -> None:
    """Its name still says a person and a camera: it would be asked for twice."""
    write_images(tmp_path, [*TREES["market1501"], f"query/0001_c1s1_001051_00{behind}.jpg"])
    with pytest.raises(CorruptData, match="is named like a second copy"):
        open_target("market1501", tmp_path, partial=True)


def test_links_into_a_cache_are_pictures_and_broken_ones_are_named(tmp_path: Path) -> None:
    write_images(tmp_path / "blobs", ["train/0002_c1s1_000451_03.jpg", "b1.jpg"])
    root = tmp_path / "snapshot"
    write_images(root, TREES["market1501"][4:])
    (root / "query").mkdir()
    (root / "query" / "0001_c1s1_001051_00.jpg").symlink_to("../../blobs/b1.jpg")
    (root / "bounding_box_train").symlink_to("../blobs/train", target_is_directory=True)
    (root / "query" / "again").symlink_to(".", target_is_directory=True)
    (target,) = open_target("market1501", root, partial=True)
    assert target.counts()["train"] == target.counts()["query"] == 1
    assert len(target.content_digest()) == 32
    assert len(union([target]).crops(["train", "query"], 24, 12).keys) == 2
    (tmp_path / "blobs" / "b1.jpg").unlink()
    with pytest.raises(CorruptData, match=r"0001_c1s1_001051_00\.jpg cannot be read: No such file"):
        target.content_digest()


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    write_images(tmp_path, TREES["market1501"])
    (tmp_path / "query" / os.fsdecode(b"0009_c1s1_J\xf6rg.jpg")).write_bytes(b"x")
    with pytest.raises(CorruptData, match=r"query/0009_c1s1_J\\udcf6rg\.jpg: .* not UTF-8"):
        open_target("market1501", tmp_path, partial=True)


def test_a_root_of_another_level_is_named(tmp_path: Path) -> None:
    root = tmp_path / "Market-1501-v15.09.15"
    write_images(root, TREES["market1501"])
    found = re.escape(f"found Market-1501-v15.09.15/; point --root at {root}")
    with pytest.raises(NotFound, match=found):
        open_target("market1501", tmp_path)
    with pytest.raises(NotFound, match=re.escape(f"point --root at {root}")):
        open_target("market1501", root / "query")


def test_broken_images_are_named(tmp_path: Path) -> None:
    target = read(tmp_path, "cuhk03-np-detected")
    broken = tmp_path / "query/0001_c1_1.png"
    broken.write_bytes(broken.read_bytes()[:60])
    with pytest.raises(CorruptData, match=r"query/0001_c1_1\.png"):
        target.crops(["query"], 32, 16)


def test_a_union_keeps_people_and_cameras_apart(tmp_path: Path) -> None:
    for name in ("market1501", "dukemtmc-reid"):
        write_images(tmp_path / name, TREES[name])
    (both,) = open_target("market1501+dukemtmc-reid", tmp_path, partial=True)
    assert both.counts()["train"] == 3
    assert both.people("train") == 3
    crops = both.crops(["train"], 32, 16)
    assert set(crops.camera_names) == {"market1501:1", "market1501:3", "dukemtmc-reid:2"}
    with pytest.raises(NotFound, match="different data sets"):
        union([both, both])


def test_content_digest_follows_the_files_not_their_place(tmp_path: Path) -> None:
    first, second = (read(tmp_path / place, "market1501") for place in ("a", "b"))
    assert first.content_digest() == second.content_digest()
    (tmp_path / "b" / "query" / "0001_c1s1_001051_00.jpg").write_bytes(b"shorter")
    assert first.content_digest() != second.content_digest()


@pytest.mark.parametrize("name", sorted(set(TARGETS.names) - set(TREES)))
def test_every_data_set_says_what_is_missing(tmp_path: Path, name: str) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "notes.txt").write_text("not here")
    with pytest.raises(NotFound, match=rf"{name[:4]}.* (folder|missing|pictures).*found holiday/"):
        open_target(name, tmp_path)
    with pytest.raises(
        NotFound, match=r"nowhere(, which is no folder|/list_train\.txt is missing)"
    ):
        open_target(name, tmp_path / "nowhere")
