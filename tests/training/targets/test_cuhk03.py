"""CUHK03's classic and new protocol, from picture files named as toolkits name them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io

from manifests.errors import CorruptData, MissingRequirement, NotFound
from tests.training.targets.trees import write_images
from training.targets.cuhk03_release import main, unpacked
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
    scipy.io.savemat(path, told | {"train_idx": np.array([[0], [1]])})
    with pytest.raises(CorruptData, match="numbered from 0"):
        open_target("cuhk03-np-labeled", root, partial=True)
    scipy.io.savemat(path, told)
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


def matlab_release(path: Path) -> dict[str, np.ndarray]:
    """A release of one person in each pair of cameras, with two pictures of each view, as MATLAB
    7.3 writes cells: arrays of references, every array turned round. Its detected pictures."""
    h5py = pytest.importorskip("h5py")
    rng, pictures = np.random.default_rng(2), dict[str, np.ndarray]()
    with h5py.File(path, "w") as file:

        def cell(rows: list[list[np.ndarray]]) -> object:
            held = file.create_dataset(str(len(file)), (len(rows[0]), len(rows)), h5py.ref_dtype)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    kept = file.create_dataset(f"{len(file)}", data=value.T)
                    held[j, i] = kept.ref
            return held.ref

        for boxes in ("detected", "labeled"):
            top = file.create_dataset(boxes, (1, 5), h5py.ref_dtype)
            for pair in range(5):
                row = [np.zeros((0, 0), np.uint64)] * 10
                for number in (0, 1, 5, 6):
                    row[number] = rng.integers(0, 256, (60, 30, 3), np.uint8)
                    if boxes == "detected":
                        name = picture(pair + 1, 1, 1 + number // 5, number + 1)
                        pictures[name] = row[number]
                top[0, pair] = cell([row])
        tests = file.create_dataset("testsets", (1, 20), h5py.ref_dtype)
        for n in range(20):
            of_set = np.array([[1 + n % 3, 1]], np.float64)
            tests[0, n] = file.create_dataset(f"set {n}", data=of_set.T).ref
    return pictures


def test_the_release_is_written_as_picture_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = tmp_path / "cuhk-03.mat"
    pictures = matlab_release(release)
    with pytest.raises(NotFound, match="write them once with python -m"):
        open_target("cuhk03-detected", tmp_path, partial=True)

    assert main([str(release)]) == 0

    assert capsys.readouterr().out == "20 detected, 20 labeled\n"
    written = {
        path.name: cv2.imread(str(path)) for path in (tmp_path / "images_detected").iterdir()
    }
    assert written.keys() == pictures.keys()
    for name, expected in pictures.items():
        found = written[name]
        assert found is not None
        np.testing.assert_array_equal(found[:, :, ::-1], expected)
    splits = open_target("cuhk03-detected", tmp_path, partial=True)
    assert [target.people_in("query") for target in splits[:3]] == [{"1-001"}, {"2-001"}, {"3-001"}]


def test_what_is_no_release_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match="no such file"):
        unpacked(tmp_path / "cuhk-03.mat", tmp_path)
    (tmp_path / "cuhk-03.mat").write_bytes(b"MATLAB 7.3 MAT-file")
    with monkeypatch.context() as patch, pytest.raises(MissingRequirement, match="extra `cuhk03`"):
        patch.setitem(sys.modules, "h5py", None)
        unpacked(tmp_path / "cuhk-03.mat", tmp_path)
    pytest.importorskip("h5py")
    with pytest.raises(CorruptData, match="not the release of CUHK03"):
        unpacked(tmp_path / "cuhk-03.mat", tmp_path)
