"""Sets of people between cameras, in their official layouts and as they lie in PETA.

All trees are fabricated: official names, pictures of noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from manifests.errors import CorruptData, NotFound
from tests.training.targets.trees import write_images
from training.targets.images import Target
from training.targets.registry import open_target

TEN = [f"ours-{draw}" for draw in range(10)]
PETA = "PETA dataset/{}/archive"


def viper(people: Iterable[int], angle: int = 90) -> list[str]:
    return [f"cam_{c}/{i:03d}_{angle * (c == 'b')}.bmp" for i in people for c in "ab"]


def viper_of_peta(people: Iterable[int]) -> list[str]:
    return [f"{PETA.format('VIPeR')}/{i:03d}_{c * 45}_{c}.bmp" for i in people for c in (1, 2)]


def prid(pairs: int, only_a: int, only_b: int) -> list[str]:
    """Beyond the pairs both cameras count on from the same number."""
    counts = {"a": pairs + only_a, "b": pairs + only_b}
    return [
        f"prid_2011/single_shot/cam_{camera}/person_{i:04d}.png"
        for camera, count in counts.items()
        for i in range(1, count + 1)
    ]


def everybody(target: Target) -> set[tuple[str, str]]:
    return {(image.person, image.role) for image in target.images}


def expect_draws(splits: list[Target], tested: int) -> None:
    """Ten different halves, nobody both trained on and asked for, everybody to be found."""
    assert [target.split for target in splits] == TEN
    assert len({frozenset(target.people_in("query")) for target in splits}) == 10
    for target in splits:
        asked = target.people_in("query")
        assert len(asked) == tested
        assert target.people_in("gallery") == asked
        assert not asked & target.people_in("train", "distractor")


def test_viper_in_both_layouts(tmp_path: Path) -> None:
    write_images(tmp_path / "official/VIPeR", viper(range(632)))
    write_images(tmp_path / "peta", viper_of_peta(range(632)))
    official, peta = (open_target("viper", tmp_path / place) for place in ("official", "peta"))
    expect_draws(official, 316)
    assert official[0].counts() == {"query": 316, "gallery": 316, "train": 632}
    # A draw depends on nothing but the people's names.
    assert [everybody(target) for target in official] == [everybody(target) for target in peta]
    (whole,) = open_target("viper-632", tmp_path / "official/VIPeR")
    assert whole.counts() == {"query": 632, "gallery": 632}
    assert whole.name == "viper-632"


def test_our_draws_stay_what_they_were(tmp_path: Path) -> None:
    """Published figures lean on them."""
    write_images(tmp_path, viper(range(8)))
    splits = open_target("viper", tmp_path, partial=True)
    drawn = ["".join(sorted(p[-1] for p in target.people_in("query"))) for target in splits]
    assert drawn[:4] == ["2567", "0126", "1567", "2567"]


def test_prid2011(tmp_path: Path) -> None:
    write_images(tmp_path, prid(200, 185, 549))
    splits = open_target("prid2011", tmp_path)
    expect_draws(splits, 100)
    assert splits[0].counts() == {"query": 100, "gallery": 100, "train": 200, "distractor": 549}
    (whole,) = open_target("prid2011-200", tmp_path / "prid_2011")
    assert whole.counts() == {"query": 200, "gallery": 200, "distractor": 549}
    # The 201st person of camera b is another one than the 201st of camera a.
    assert not whole.people_in("query") & whole.people_in("distractor")


def test_prid_as_in_peta(tmp_path: Path) -> None:
    names = ["0001_a.png", "0001_b.png", "0002_a.png", "0002_b.png", "0201_a.png", "0386_b.png"]
    write_images(tmp_path / PETA.format("PRID"), names)
    (tmp_path / PETA.format("PRID") / "Label.txt").write_text("0001 accessoryHat\n")
    (whole,) = open_target("prid2011-200", tmp_path, partial=True)
    assert everybody(whole) == {
        ("0001", "query"), ("0001", "gallery"), ("0002", "query"), ("0002", "gallery"),
        ("b0386", "distractor"),
    }  # fmt: skip


def test_grid_without_its_partitions_is_drawn_by_us(tmp_path: Path) -> None:
    names = [f"{i:04d}_{c}_25004_1_2_3_4.jpeg" for i in range(1, 21) for c in (2, 5)]
    alone = ["0251_6_1_2_3_4_5.jpeg", "0252_1_1_2_3_4_5.jpeg"]
    write_images(tmp_path / PETA.format("GRID"), [*names, *alone])
    splits = open_target("grid", tmp_path, partial=True)
    expect_draws(splits, 10)
    (whole,) = open_target("grid-250-distractors", tmp_path, partial=True)
    assert whole.counts() == {"query": 20, "gallery": 20, "distractor": 2}
    assert {image.camera for image in whole.images if image.role == "query"} == {"2"}


def test_caviar4reid(tmp_path: Path) -> None:
    counts = {i: 20 if i <= 50 else 10 for i in range(1, 73)}
    write_images(
        tmp_path / "CAVIAR4REID",
        [f"{i:04d}{n:03d}.jpg" for i, count in counts.items() for n in range(1, count + 1)],
    )
    splits = open_target("caviar4reid", tmp_path)
    expect_draws(splits, 25)
    assert splits[0].counts() == {"train": 720, "query": 250, "gallery": 250}
    (whole,) = open_target("caviar4reid-50", tmp_path)
    assert whole.counts() == {"query": 500, "gallery": 500}
    write_images(
        tmp_path / "peta" / PETA.format("CAVIAR4REID"),
        [f"{i:04d}_{n:03d}.jpg" for i in (1, 2, 60) for n in range(1, counts[i] + 1)],
    )
    (few,) = open_target("caviar4reid-50", tmp_path / "peta", partial=True)
    assert few.counts() == {"query": 20, "gallery": 20}


def test_3dpes_deals_recordings_to_two_sides(tmp_path: Path) -> None:
    names = [
        "1_7_FRAME_17_RGB.bmp", "1_7_FRAME_18_RGB.bmp", "1_12_FRAME_4_RGB.bmp",
        "1_113_FRAME_9_RGB.bmp", "2_5_FRAME_1_RGB.bmp", "2_6_FRAME_1280_105_RGB.bmp",
        "3_8_FRAME_2_RGB.bmp", "3_8_FRAME_5_RGB.bmp",
    ]  # fmt: skip
    write_images(tmp_path / "3DPeS_ReId_Snap/RGB", names)
    (whole,) = open_target("3dpes-all", tmp_path)
    shown = {image.path.name[:5]: (image.camera, image.role) for image in whole.images}
    assert shown == {
        "1_7_F": ("a", "query"), "1_12_": ("b", "gallery"), "1_113": ("a", "query"),
        "2_5_F": ("a", "query"), "2_6_F": ("b", "gallery"),
    }  # fmt: skip
    splits = open_target("3dpes", tmp_path, partial=True)
    assert {target.people("query") for target in splits} == {1}
    assert all("3" in target.people_in("train") for target in splits)
    with pytest.raises(CorruptData, match=r"8 images, officially 1011 or 1012; .*192 or 193"):
        open_target("3dpes", tmp_path)
    write_images(tmp_path / "peta" / PETA.format("3DPeS"), names)
    assert open_target("3dpes-all", tmp_path / "peta")[0].counts() == whole.counts()


def ilids_vid(root: Path, people: Iterable[int]) -> None:
    names = [f"cam{c}/person{i:03d}/cam{c}_person{i:03d}.png" for i in people for c in (1, 2)]
    write_images(root / "i-LIDS-VID/images", names)


def test_ilids_vid(tmp_path: Path) -> None:
    numbers = [*range(1, 291), *range(300, 310)]
    ilids_vid(tmp_path, numbers)
    expect_draws(open_target("ilids-vid", tmp_path), 150)
    (whole,) = open_target("ilids-vid-300", tmp_path / "i-LIDS-VID")
    assert whole.counts() == {"query": 300, "gallery": 300}
    rng = np.random.default_rng(0)
    rows = np.stack([rng.permutation(300) + 1 for _ in range(10)])
    rows[0] = np.roll(np.arange(300) + 1, 150)
    official = tmp_path / "train-test people splits/train_test_splits_ilidsvid.mat"
    official.parent.mkdir()
    scipy.io.savemat(official, {"ls_set": rows})
    splits = open_target("ilids-vid", tmp_path)
    assert [target.split for target in splits] == [str(i) for i in range(10)]
    # Places in order, of which the first half is tested: 151 to 300, so numbers 151 to 309.
    assert splits[0].people_in("query") == {f"{i:03d}" for i in numbers[150:]}
    scipy.io.savemat(official, {"ls_set": rows + 1})
    with pytest.raises(CorruptData, match="does not divide the 300 people"):
        open_target("ilids-vid", tmp_path)
    scipy.io.savemat(official, {"ls_set": rows - 1})
    with pytest.raises(CorruptData, match="numbered from 0"):
        open_target("ilids-vid", tmp_path)


def test_people_without_a_pair_are_asked_for_nowhere(tmp_path: Path) -> None:
    write_images(tmp_path, [*viper(range(4)), "cam_a/007_0.bmp", "cam_b/008_0.bmp"])
    (whole,) = open_target("viper-632", tmp_path, partial=True)
    assert whole.counts() == {"query": 4, "gallery": 4, "distractor": 1}
    with pytest.raises(CorruptData, match="query: 4 images, officially 632"):
        open_target("viper-632", tmp_path)


def test_a_camera_without_pictures_and_pairs_of_nobody(tmp_path: Path) -> None:
    write_images(tmp_path, ["cam_a/001_0.bmp"])
    (tmp_path / "cam_b").mkdir()
    with pytest.raises(NotFound, match=r"viper: no pictures in .*cam_b, found nothing"):
        open_target("viper", tmp_path)
    write_images(tmp_path, ["cam_b/002_0.bmp"])
    with pytest.raises(CorruptData, match=r"nobody has pictures by both sides .cameras: a, b"):
        open_target("viper", tmp_path)
    with pytest.raises(NotFound, match=f"point --root at {tmp_path}"):
        open_target("viper", tmp_path.parent)
