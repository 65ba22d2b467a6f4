"""MSMT17, GRID and CSV files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io

from manifests.errors import BadRecipe, CorruptData, NotFound
from tests.training.targets.trees import write_images
from training.data.fingerprints import fingerprint
from training.targets import images
from training.targets.registry import open_target
from training.targets.training_part import TestOn

MSMT = {
    "list_train.txt": ("train", ["0000/0000_000_01_0303morning_0015_0.jpg 0"]),
    "list_val.txt": ("train", ["0000/0000_032_14_0303morning_0020_1_ex.jpg 0"]),
    "list_query.txt": ("test", ["0000/0000_001_02_0302noon_0100_0.jpg 0"]),
    "list_gallery.txt": ("test", ["0000/0000_004_07_0302noon_0200_2.jpg 0"]),
}


def msmt_tree(root: Path, folders: dict[str, str]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, (folder, lines) in MSMT.items():
        (root / name).write_text("\n".join(lines) + "\n")
        write_images(root / folders[folder], [line.split()[0] for line in lines])


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("msmt17-v1", {"train": "train", "test": "test"}),
        ("msmt17-v2", {"train": "mask_train_v2", "test": "mask_test_v2"}),
    ],
)
def test_msmt17(tmp_path: Path, name: str, folders: dict[str, str]) -> None:
    msmt_tree(tmp_path, folders)
    (target,) = open_target(name, tmp_path, partial=True)
    assert target.counts() == {"train": 2, "query": 1, "gallery": 1}
    assert [image.camera for image in target.images] == ["01", "14", "02", "07"]
    assert target.people("train", "query", "gallery") == 2
    with pytest.raises(CorruptData, match="officially 32621"):
        open_target(name, tmp_path)


def test_msmt17_with_validation_images_in_both_lists(tmp_path: Path) -> None:
    msmt_tree(tmp_path, {"train": "train", "test": "test"})
    both = MSMT["list_train.txt"][1] + MSMT["list_val.txt"][1]
    (tmp_path / "list_train.txt").write_text("\n".join(both))
    assert open_target("msmt17-v1", tmp_path, partial=True)[0].counts()["train"] == 2
    (tmp_path / "list_val.txt").unlink()
    assert open_target("msmt17-v1", tmp_path, partial=True)[0].counts()["train"] == 2


def test_msmt17_complains_precisely(tmp_path: Path) -> None:
    msmt_tree(tmp_path, {"train": "train", "test": "test"})
    (tmp_path / "list_query.txt").write_text("0001/0001_000_01_0303morning_0015_0.jpg 1\n")
    with pytest.raises(CorruptData, match="1 listed images are missing"):
        open_target("msmt17-v1", tmp_path, partial=True)
    (tmp_path / "list_query.txt").write_text("../../secret_000_01_x.jpg 1\n")
    with pytest.raises(CorruptData, match="leads out of"):
        open_target("msmt17-v1", tmp_path, partial=True)
    for line in (f"0000/0000_001_02_x.jpg {'9' * 5000}\n", "just a name\n"):
        (tmp_path / "list_query.txt").write_text(line)
        with pytest.raises(CorruptData, match="line 1: expected"):
            open_target("msmt17-v1", tmp_path, partial=True)
    (tmp_path / "list_query.txt").unlink()
    with pytest.raises(NotFound, match=r"list_query\.txt is missing.*found test/, train/"):
        open_target("msmt17-v1", tmp_path, partial=True)
    (alone,) = open_target("msmt17-v1", tmp_path, partial=True, test_on=TestOn.train)
    assert alone.counts() == {"query": 2}


def written(end: str = "\n", **changes: Any) -> dict[str, bytes]:
    """MSMT17's lists with other ends, encodings or lines."""
    line = changes.get("line", lambda line, folder: line)
    return {
        name: "".join(line(one, folder) + end for one in lines).encode(
            changes.get("encoding", "utf-8")
        )
        for name, (folder, lines) in MSMT.items()
    }


@pytest.mark.parametrize(
    "lists",
    [
        written("\r\n"),
        written("\r\n", encoding="utf-8-sig"),
        written("\r\n", encoding="utf-16"),
        written("\n\n \n"),
        written(line=lambda line, _: line.replace(" ", "\t")),
        written(line=lambda line, _: line.replace("/", "\\")),
        written(line=lambda line, folder: f"{folder}/{line}"),
        written(line=lambda line, _: f" {line} 3  "),
    ],
    ids=[
        "crlf",
        "mark",
        "utf-16",
        "blank lines",
        "tabs",
        "back slashes",
        "folder",
        "three columns",
    ],
)
def test_msmt17_lists_are_read_however_they_were_written(
    lists: dict[str, bytes], tmp_path: Path
) -> None:
    msmt_tree(tmp_path, {"train": "train", "test": "test"})
    (plain,) = open_target("msmt17-v1", tmp_path, partial=True)
    for name, data in lists.items():
        (tmp_path / name).write_bytes(data)
    (target,) = open_target("msmt17-v1", tmp_path, partial=True)
    # Cameras are those of the names: third columns count them in ways of their own.
    assert target.images == plain.images


def test_msmt17_lists_that_are_no_unicode_or_name_a_picture_twice(tmp_path: Path) -> None:
    msmt_tree(tmp_path, {"train": "train", "test": "test"})
    (tmp_path / "list_gallery.txt").write_bytes("0001/0001_Jörg_01.jpg 1".encode("cp1252"))
    with pytest.raises(CorruptData, match=r"list_gallery\.txt: line 1 is not UTF-8 text"):
        open_target("msmt17-v1", tmp_path, partial=True)
    (tmp_path / "list_gallery.txt").write_text(MSMT["list_query.txt"][1][0])
    with pytest.raises(
        CorruptData, match="is listed twice, for query as test-0000 and for gallery"
    ):
        open_target("msmt17-v1", tmp_path, partial=True)


def test_msmt17_one_folder_too_high_says_where_it_is(tmp_path: Path) -> None:
    msmt_tree(tmp_path / "MSMT17_V1", {"train": "train", "test": "test"})
    with pytest.raises(NotFound, match=r"list_train\.txt is missing; .*--root at .*MSMT17_V1$"):
        open_target("msmt17-v1", tmp_path, partial=True)


def test_msmt17_in_a_cache_of_links(tmp_path: Path) -> None:
    msmt_tree(tmp_path / "blobs", {"train": "train", "test": "test"})
    root = tmp_path / "snapshot"
    for path in sorted((tmp_path / "blobs").rglob("*.*")):
        link = root / path.relative_to(tmp_path / "blobs")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    (target,) = open_target("msmt17-v1", root, partial=True)
    assert target.counts() == {"train": 2, "query": 1, "gallery": 1}
    assert target.crops(["query"], 24, 12).keys.tolist() == [
        "test/0000/0000_001_02_0302noon_0100_0.jpg"
    ]


def grid_tree(root: Path, people: int = 250, distractors: int = 775) -> None:
    numbers = range(1, people + 1)
    write_images(root / "probe", [f"{i:04d}_1_25004_107_32_106_221.jpeg" for i in numbers])
    write_images(root / "gallery", [f"{i:04d}_5_25023_116_134_128_330.jpeg" for i in numbers])
    write_images(root / "gallery", [f"0000_6_{i:05d}_1_2_3_4.jpeg" for i in range(distractors)])
    rng = np.random.default_rng(0)
    splits = np.empty((1, 10), object)
    for split in range(10):
        chosen = np.sort(rng.choice(people, people // 2, replace=False) + 1)
        splits[0, split] = {"a": 0, "b": 0, "trainIdx": chosen[None], "c": 0}
    scipy.io.savemat(root / "features_and_partitions.mat", {"trainIdxAll": splits})


def test_grid(tmp_path: Path) -> None:
    grid_tree(tmp_path)
    splits = open_target("grid", tmp_path)
    assert [target.split for target in splits] == [str(i) for i in range(10)]
    first = splits[0]
    assert first.counts() == {"train": 250, "query": 125, "gallery": 125, "distractor": 775}
    trained = {i.person for i in first.images if i.role == "train"}
    asked = {i.person for i in first.images if i.role == "query"}
    assert not trained & asked
    assert {i.person for i in splits[1].images if i.role == "query"} != asked
    (paper,) = open_target("grid-250", tmp_path)
    assert paper.counts() == {"query": 250, "gallery": 250}
    (distracted,) = open_target("grid-250-distractors", tmp_path)
    assert distracted.counts() == {"query": 250, "gallery": 250, "distractor": 775}


def test_a_union_takes_one_split_of_a_data_set(tmp_path: Path) -> None:
    grid_tree(tmp_path / "grid")
    with pytest.raises(BadRecipe, match="grid has 10 splits"):
        open_target("grid+market1501", tmp_path)


def test_grid_with_partitions_of_something_else(tmp_path: Path) -> None:
    grid_tree(tmp_path, people=4, distractors=2)
    scipy.io.savemat(tmp_path / "features_and_partitions.mat", {"other": np.zeros(3)})
    with pytest.raises(CorruptData, match="does not hold its 10 splits"):
        open_target("grid", tmp_path, partial=True)


def test_any_data_set_as_csv(tmp_path: Path) -> None:
    write_images(tmp_path, ["a/one.jpg", "two.png"])
    table = tmp_path / "mine.csv"
    table.write_text(
        "path,person,camera,role,outfit\na/one.jpg,anna,door,query,2\ntwo.png,anna,hall,gallery,\n"
    )
    (target,) = open_target("mine.csv", tmp_path)
    assert target.name == "mine"
    assert [(i.person, i.camera, i.role, i.outfit) for i in target.images] == [
        ("anna", "door", "query", 2),
        ("anna", "hall", "gallery", 0),
    ]


def test_any_data_set_as_a_parquet_manifest(tmp_path: Path) -> None:
    write_images(tmp_path, ["one.jpg", "two.png"])
    rows = [
        {"path": "one.jpg", "person": 7, "camera": 1, "role": "query", "note": "left out"},
        {"path": "two.png", "person": 7, "camera": 2, "role": "gallery", "note": ""},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "mine.parquet")
    (target,) = open_target("mine.parquet", tmp_path)
    assert [(i.person, i.camera, i.role) for i in target.images] == [
        ("7", "1", "query"),
        ("7", "2", "gallery"),
    ]
    pq.write_table(pa.Table.from_pylist([{**rows[0], "person": None}]), tmp_path / "bad.parquet")
    with pytest.raises(CorruptData, match="line 2: person is empty"):
        open_target("bad.parquet", tmp_path)
    (tmp_path / "no.parquet").write_text("path,person")
    with pytest.raises(CorruptData, match="not a readable Parquet file"):
        open_target("no.parquet", tmp_path)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("one.jpg,anna,door,quarry", "line 2: role 'quarry'"),
        ("none.jpg,anna,door,query", "does not exist"),
        ("../one.jpg,anna,door,query", "leads out of"),
        ("one\0.jpg,anna,door,query", "cannot be the name of a file|not a CSV file"),
        (f"{'x' * 300}.jpg,anna,door,query", "line 2: .*cannot be the name of a file"),
        (f"{'x/' * 3000}one.jpg,anna,door,query", "line 2: path is longer than 4,096"),
        (f"one.jpg,{'a' * 5000},door,query", "line 2: person is longer than 4,096"),
        (f"one.jpg,{'a' * 200_000},door,query", "not a CSV file"),
        ("itself.jpg,anna,door,query", "line 2: .*cannot be the name of a file"),
    ],
    ids=["role", "missing", "outside", "nul", "name", "path", "person", "field", "circle"],
)
def test_bad_csv_lines_are_named(tmp_path: Path, line: str, complaint: str) -> None:
    write_images(tmp_path, ["one.jpg"])
    (tmp_path / "itself.jpg").symlink_to("itself.jpg")
    (tmp_path / "mine.csv").write_text(f"path,person,camera,role\n{line}\n")
    with pytest.raises(CorruptData, match=complaint):
        open_target("mine.csv", tmp_path)
    (tmp_path / "mine.csv").write_text("path,person,role\n")
    with pytest.raises(CorruptData, match="column camera is missing"):
        open_target("mine.csv", tmp_path)


def test_a_list_may_have_a_plus_in_its_name(tmp_path: Path) -> None:
    write_images(tmp_path, ["one.jpg"])
    (tmp_path / "day+night.csv").write_text("path,person,camera,role\none.jpg,anna,door,gallery\n")
    (target,) = open_target("day+night.csv", tmp_path)
    assert target.counts() == {"gallery": 1}


def test_cameras_and_folders_are_called_as_people_call_them(tmp_path: Path) -> None:
    """Names of cameras are compared as they are: nobody counts them, and zeros in front stay."""
    root = tmp_path / "Größen & Maße" / "2024-05-01 (Test #1)"
    cameras = ["0", "-1", "01", "1", "CAM_1", "cam_1", "Flur (3. OG)", "北门", "a/b", "1e3", "c,d"]
    names = [f"köln süd/{number} %.jpg" for number in range(len(cameras))]
    write_images(root, names)
    with (root / "été.csv").open("w", newline="", encoding="utf-8") as file:
        rows = zip(names, cameras, strict=True)
        csv.writer(file).writerows(
            [("path", "person", "camera", "role"), *((n, "anna", c, "gallery") for n, c in rows)]
        )
    (target,) = open_target("été.csv", root)
    crops = target.crops(["gallery"], 24, 12)
    assert [image.camera for image in target.images] == cameras
    assert crops.keys.tolist() == names
    assert sorted(crops.camera_names) == sorted(cameras)


@pytest.mark.parametrize(
    ("again", "what"),
    [
        ("one.jpg,anna,door,gallery", "role"),
        ("./one.jpg,ben,door,query", "person"),
        ("a/../one.jpg,anna,hall,train", "role and camera"),
    ],
)
def test_two_lines_that_say_two_things_of_one_picture(
    tmp_path: Path, again: str, what: str
) -> None:
    write_images(tmp_path, ["one.jpg"])
    first = "path,person,camera,role\none.jpg,anna,door,query\n"
    (tmp_path / "mine.csv").write_text(f"{first}{again}\n")
    with pytest.raises(CorruptData, match=f"line 3: .*one.jpg is in line 2, .* another {what};"):
        open_target("mine.csv", tmp_path)
    (tmp_path / "mine.csv").write_text(f"{first}one.jpg,anna,door,query\n")
    with pytest.raises(CorruptData, match=r"line 3: .*one\.jpg is in line 2, too; take one of"):
        open_target("mine.csv", tmp_path)


@pytest.mark.parametrize(
    "name", ["market1501", "msmt17-v1", "grid", "prid2011", "x" * 300 + ".csv"]
)
def test_names_that_are_too_long_are_those_of_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        open_target(name, tmp_path / ("y" * 300))


@pytest.mark.parametrize("outfit", ["9" * 40, "²", "-1", "red"])
def test_odd_outfits_and_times_are_named(outfit: str, tmp_path: Path) -> None:
    write_images(tmp_path, ["one.jpg"])
    head, row = "path,person,camera,role,outfit,time", "one.jpg,anna,door,query"
    (tmp_path / "mine.csv").write_text(f"{head}\n{row},{outfit},0\n")
    with pytest.raises(CorruptData, match=r"outfit .* is not a number of up to nine digits"):
        open_target("mine.csv", tmp_path)
    for time in ("nan", "inf", "noon"):
        (tmp_path / "mine.csv").write_text(f"{head}\n{row},0,{time}\n")
        with pytest.raises(CorruptData, match=f"time '{time}' is not a number"):
            open_target("mine.csv", tmp_path)


def test_bombs_in_a_parquet_manifest_are_refused_before_they_unfold(tmp_path: Path) -> None:
    """Kilobytes that would be gigabytes: a text said once and repeated, rows without end."""
    rows = 1_000_000
    row = {"path": "x" * 100_000, "person": "a", "camera": "b", "role": "query"}
    columns = pa.table(
        {
            name: pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(rows, np.int32)), pa.array([text])
            )
            for name, text in row.items()
        }
    )
    pq.write_table(columns, tmp_path / "long.parquet")
    assert (tmp_path / "long.parquet").stat().st_size < 1_000_000
    with pytest.raises(CorruptData, match="column path holds a text of 100,000 bytes"):
        open_target("long.parquet", tmp_path)
    pq.write_table(pa.concat_tables([columns] * 6), tmp_path / "many.parquet")
    with pytest.raises(CorruptData, match="more than 5,000,000 rows"):
        open_target("many.parquet", tmp_path)


def test_a_file_is_read_once_for_its_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often its data set is opened, unless it changes."""
    write_images(tmp_path, ["a.jpg", "b.jpg"])
    rows = ["path,person,camera,role", "a.jpg,1,c1,query", "b.jpg,1,c2,gallery"]
    (tmp_path / "own.csv").write_text("\n".join(rows) + "\n")
    read: list[bytes] = []
    monkeypatch.setattr(images, "fingerprint", lambda data: read.append(data) or fingerprint(data))

    def found() -> list[int]:
        (target,) = open_target("own.csv", tmp_path)
        return target.fingerprints(target.images).tolist()

    before = found()
    assert found() == before
    assert len(read) == 2
    (tmp_path / "b.jpg").write_bytes(b"another")
    assert found() == [before[0], fingerprint(b"another")]
