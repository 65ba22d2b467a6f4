"""Exports of data sets at the limits of what their formats and readers hold, read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from manifests.errors import BadRecipe, NotFound
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tests.tasks.export.torchreid_reading import MARKET, torchreid_reads
from tests.tasks.report.publishing import crop_row, publish_rows
from training.targets.images import Target
from training.targets.registry import open_for_training, open_target

ROW = crop_row(0, 0, 0, test=False)


def crop(person: str, camera: str, role: str = "train", number: int = 0) -> dict[str, Any]:
    split = "train" if role == "train" else "test"
    key = f"{camera}/{number:06d}/{person}"
    labels = {"person_id": person, "camera": camera, "role": role, "split": split}
    return ROW | labels | {"crop_key": key, "time": 0.5 * number, "frame": number}


def seen_twice(people: range, cameras: list[str]) -> list[dict[str, Any]]:
    """Everybody by two of the cameras; of ten people one is tested."""
    rows = []
    for person in people:
        name, tested = f"0-{person:06d}", person % 10 == 0
        first, second = (cameras[(person + step) % len(cameras)] for step in (0, 1))
        rows.append(crop(name, first, "query" if tested else "train", person))
        rows.append(crop(name, second, "gallery" if tested else "train", person))
    return rows


def published(folder: Path, rows: list[dict[str, Any]]) -> SnapshotReader:
    return publish_rows(open_store(folder / "store"), rows)


def read_back(folder: Path, name: str, root: str = "") -> Target:
    """Our own reader's view of an export: labels agree with what was exported, by file."""
    (target,) = open_target(name, folder / root, partial=True)
    told = {row["file_name"]: row for row in pq.read_table(folder / "metadata.parquet").to_pylist()}
    assert len(told) == len(target.images)
    same: dict[str, set[tuple[str, str]]] = {"person": set(), "camera": set()}
    for image in target.images:
        row = told[image.path.relative_to(folder).as_posix()]
        assert image.role == row["role"]
        if image.role not in ("junk", "distractor"):
            same["person"].add((image.person, row["person_id"]))
        same["camera"].add((image.camera, row["camera"]))
    for pairs in same.values():  # one to one
        assert len(pairs) == len({ours for ours, _ in pairs}) == len({said for _, said in pairs})
    return target


CAMERAS = [f"hall_c{number:02d}" for number in range(1, 13)]


@pytest.fixture(scope="module")
def largest(tmp_path_factory) -> tuple[Path, Path]:
    """Market-1501 with as many people and cameras as it holds; MSMT17 with more of both."""
    folder = tmp_path_factory.mktemp("largest")
    (folder / "market1501").mkdir()
    nobodies = [crop(f"0-{n:06d}", CAMERAS[0], "distractor", n) for n in range(5000, 5003)]
    market = published(folder / "a", [*seen_twice(range(1501), CAMERAS[:6]), *nobodies])
    export_snapshot(market, "market1501", folder / MARKET)
    msmt = published(folder / "b", seen_twice(range(1502), CAMERAS[:9]))
    export_snapshot(msmt, "msmt17", folder / "msmt17")
    return folder / MARKET, folder / "msmt17"


def test_the_largest_are_read_back_by_our_readers(largest):
    market, msmt = (
        read_back(largest[0], "market1501"),
        read_back(largest[1], "msmt17-v1", "MSMT17_V1"),
    )
    assert market.people("train", "query", "gallery") == 1501
    assert market.counts()["distractor"] == 3
    assert {image.camera for image in market.images} == set("123456")
    assert msmt.people("train", "query", "gallery") == 1502
    assert {image.camera for image in msmt.images} == {f"{number:02d}" for number in range(1, 10)}


def test_the_largest_are_read_by_torchreid(largest):
    read = torchreid_reads(Market1501=largest[0].parents[1], MSMT17=largest[1].parent)
    people = {name: sum(len({p for _, p, _ in parts[part]}) for part in ("train", "query"))
              for name, parts in read.items()}  # fmt: skip
    assert people == {"Market1501": 1501, "MSMT17": 1502}
    assert {camera for _, _, camera in read["MSMT17"]["train"]} == set(range(9))


@pytest.mark.parametrize(
    ("people", "cameras", "said"),
    [
        (range(1502), 6, r"accept 1,501 people and these are 1,502 people; export msmt17 instead$"),
        (range(9), 9, r"accept 6 cameras and these are 9 cameras; .* at most 6 with --camera"),
        (range(12), 12, r"accept 6 cameras and these are 12 cameras"),
    ],
)
def test_market1501_refuses_what_its_readers_refuse(people, cameras, said, tmp_path):
    reader = published(tmp_path, seen_twice(people, CAMERAS[:cameras]))
    with pytest.raises(BadRecipe, match=said):
        export_snapshot(reader, "market1501", tmp_path / "market")
    assert not (tmp_path / "market").exists()


def test_some_of_many_cameras_fit_market1501(tmp_path):
    reader = published(tmp_path, seen_twice(range(40), CAMERAS[:9]))
    export_snapshot(reader, "market1501", tmp_path / "market", CAMERAS[3:9])
    assert {image.camera for image in read_back(tmp_path / "market", "market1501").images} == set(
        "123456"
    )


def test_ten_lights_keep_their_frames(tmp_path):
    """In Market-1501's names they are sequences, which have one digit there."""
    rows = [crop("0-1", CAMERAS[0], number=n) | {"light": f"l{n:02d}"} for n in range(11)]
    export_snapshot(published(tmp_path, rows), "market1501", tmp_path / "market")
    (target,) = open_for_training("market1501", tmp_path / "market", partial=True)
    assert {image.session for image in target.images} == {str(n) for n in range(1, 12)}
    assert sorted(image.time or 0 for image in target.images) == [
        round(n * 12.5) for n in range(11)
    ]


@pytest.mark.parametrize(("form", "name"), [("market1501", "market1501"), ("msmt17", "msmt17-v1")])
def test_one_person_is_a_training_set(form, name, tmp_path):
    """To us; torchreid reads nothing without a query."""
    reader = published(tmp_path, [crop("0-1", CAMERAS[0]), crop("0-1", CAMERAS[1])])
    export_snapshot(reader, form, tmp_path / form / name)
    root = tmp_path / form / name / ("MSMT17_V1" if form == "msmt17" else "")
    (target,) = open_for_training(name, root, partial=True)
    assert target.counts() == {"train": 2} and target.people("train") == 1
    if form == "market1501":
        with pytest.raises(NotFound, match=r"no pictures in .*query"):
            open_target(name, root, partial=True)


NAMES = ["Åsa", "Zoë-2", "王_小明"]


@pytest.mark.parametrize("form", ["coco", "imagefolder", "market1501", "msmt17", "tracklets"])
def test_names_in_any_script_are_exported(form, tmp_path):
    rows = [
        crop(person, camera, role, number) | {"scene": "straße", "light": "día"}
        for person, roles in zip(
            NAMES, (("train", "train"), ("train", "train"), ("query", "gallery"))
        )
        for camera, role in zip(("straße_c01", "straße_c02"), roles)
        for number in range(2)
    ]
    reader = published(tmp_path, rows)
    done = export_snapshot(reader, form, tmp_path / form)
    assert (done.written, done.left_out) == (len(rows), 0)
    told = pq.read_table(tmp_path / form / "metadata.parquet") if form != "imagefolder" else None
    if told is not None:
        assert set(told["person_id"].to_pylist()) == set(NAMES)
    if form == "market1501":
        assert read_back(tmp_path / form, "market1501").people("train") == 2
    if form == "msmt17":
        assert read_back(tmp_path / form, "msmt17-v1", "MSMT17_V1").people("query") == 1
    if form == "imagefolder":
        assert {path.parent.name for path in (tmp_path / form).rglob("*.jpg")} == set(NAMES)
