"""Exports of a real snapshot, read back by the libraries they are made for."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import BadRecipe
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.annotate.rle import decode_rle
from tasks.export import formats
from tasks.export.export import export_snapshot
from tasks.export.formats.market1501 import plan_market1501
from tests.patching import in_this_thread
from tests.tasks.export import drawn_recording
from tests.tasks.export.torchreid_reading import MARKET, Read, torchreid_reads
from tests.tasks.report.publishing import CAMERAS, publish_small

FORMATS = (
    "aicity", "coco", "coco-frames", "coco-video", "ilids-vid", "imagefolder", "market1501",
    "mars", "motchallenge", "msmt17", "tracklets", "wildtrack",
)  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> SnapshotReader:
    store = open_store(tmp_path_factory.mktemp("store"))
    return publish_small(store, people=8, images=3, labelled=True)


@pytest.fixture(scope="module")
def rows(small) -> list[dict]:
    return small.table().to_pylist()


def with_role(rows: list[dict], *roles: str) -> list[dict]:
    return [row for row in rows if row["role"] in roles]


def labels_of(folder: Path) -> dict[str, dict]:
    """Exported rows by file name; every picture's bytes are checked against its digest."""
    labels = {
        row["file_name"]: row for row in pq.read_table(folder / "metadata.parquet").to_pylist()
    }
    for name, row in labels.items():
        assert hashlib.sha256((folder / name).read_bytes()).digest() == row["crop_digest"]
    pictures = {str(path.relative_to(folder)) for path in folder.rglob("*.jpg")}
    assert pictures == set(labels)
    return labels


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> SnapshotReader:
    return drawn_recording.publish(tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="module")
def read_by_torchreid(small, recording, tmp_path_factory) -> tuple[Path, Read]:
    """Its four layouts, and what torchreid's loaders see of them."""
    folder = tmp_path_factory.mktemp("torchreid")
    (folder / "market1501").mkdir()
    done = export_snapshot(small, "market1501", folder / MARKET)
    assert done.left_out == 0
    done = export_snapshot(small, "msmt17", folder / "msmt17")
    assert done.left_out > 0
    export_snapshot(recording, "mars", folder / "mars")
    export_snapshot(recording, "ilids-vid", folder / "ilids-vid")
    return folder, torchreid_reads(Market1501=folder, MSMT17=folder, Mars=folder, iLIDSVID=folder)


@pytest.mark.parametrize(("name", "form"), [("Mars", "mars"), ("iLIDSVID", "ilids-vid")])
def test_clips_of_recordings_are_read_by_torchreid(read_by_torchreid, recording, name, form):
    """Every picture in order of time; who is tested is as the data set has it."""
    root, read = read_by_torchreid[0] / form, read_by_torchreid[1][name]
    told = {row["file_stem"]: row for row in pq.read_table(root / "tracklets.parquet").to_pylist()}
    rows = recording.table(["person_id", "split"]).to_pydict()
    side = dict(zip(rows["person_id"], rows["split"]))
    tracklets = [(part, *each) for part, found in read.items() for each in found]
    junk = [row for row in told.values() if row.get("junk")]
    assert len(tracklets) == len(told) - len(junk) and {part for part, *_ in tracklets} == set(read)
    assert bool(junk) == (form == "mars") and all(row["split"] == "test" for row in junk)
    assert not any("00-1" in path for _, paths, *_ in tracklets for path in paths)
    same: dict[tuple[bool, int], str] = {}
    for part, paths, person, camera in tracklets:
        paths = sorted(paths)  # of iLIDS-VID the loader takes them as they come
        row = told[re.sub(r"\d+\.(png|jpg)$", "", str(Path(paths[0]).relative_to(root)))]
        assert len(paths) == len(row["ticks"])
        for path, (x0, y0, x1, y1) in zip(paths, row["boxes"]):
            picture = cv2.imread(path)
            assert picture is not None and picture.shape[:2] == (y1 - y0, x1 - x0)
        assert same.setdefault((part == "train", person), row["person_id"]) == row["person_id"]
        assert sorted(drawn_recording.CAMERAS)[camera] == row["camera"]
        assert side[row["person_id"]] == row["split"] == ("train" if part == "train" else "test")
    for part, _, person, camera in tracklets:
        if part == "query":
            assert any(who == person and seen != camera for _, who, seen in read["gallery"])


def test_market1501_is_read_by_torchreid(read_by_torchreid, rows):
    folder, read = read_by_torchreid[0], read_by_torchreid[1]["Market1501"]
    root = folder / MARKET
    labels = labels_of(root)
    assert len(labels) == len(rows)
    for part in ("train", "query", "gallery"):
        assert len(read[part]) == len(with_role(rows, part)), "junk must be ignored"
    for part in ("query", "gallery"):
        for path, person, camera in read[part]:
            row = labels[str(Path(path).relative_to(root))]
            assert person == row["person_index"] + 1  # everybody is in the set, in order
            assert sorted(CAMERAS)[camera] == row["camera"]
            assert row["role"] == part
    junk = [name for name in labels if Path(name).name.startswith("-1_")]
    assert len(junk) == len(with_role(rows, "junk"))


def test_market1501_distractors_are_person_zero():
    row = {"camera": "a", "light": "day", "time": 1.0}
    table = pa.Table.from_pylist(
        [
            row | {"person_id": "0-1", "role": "distractor"},
            row | {"person_id": "0-1", "role": "distractor"},
            row | {"person_id": "0-2", "role": "gallery"},
        ]
    )
    assert plan_market1501(table).paths == [
        "bounding_box_test/0000_c1s1_000025_00.jpg",
        "bounding_box_test/0000_c1s1_000025_01.jpg",
        "bounding_box_test/0001_c1s1_000025_00.jpg",
    ]


def test_msmt17_is_read_by_torchreid(read_by_torchreid, rows):
    root, read = read_by_torchreid[0] / "msmt17", read_by_torchreid[1]["MSMT17"]
    labels = labels_of(root)
    assert len(labels) == len(rows) - len(with_role(rows, "junk"))
    for part in ("train", "query", "gallery"):
        assert len(read[part]) == len(with_role(rows, part))
        for path, _, camera in read[part]:
            row = labels[str(Path(path).relative_to(root))]
            assert row["role"] == part and sorted(CAMERAS)[camera] == row["camera"]
        people = {}
        for path, person, _ in read[part]:
            row = labels[str(Path(path).relative_to(root))]
            assert people.setdefault(person, row["person_id"]) == row["person_id"]
        assert len(set(people.values())) == len(people)
    assert {person for _, person, _ in read["train"]} == set(range(6))
    assert {person for _, person, _ in read["query"]} <= set(range(2))


def test_coco_is_read_by_pycocotools(small, rows, tmp_path):
    coco_api = pytest.importorskip("pycocotools.coco")
    folder = tmp_path / "coco"
    export_snapshot(small, "coco", folder)
    labels = labels_of(folder)
    by_key = {row["crop_key"]: row for row in rows}
    seen = 0
    for split in ("train", "test"):
        data = coco_api.COCO(str(folder / "annotations" / f"person_keypoints_{split}.json"))
        assert data.cats[1]["keypoints"][0] == "nose"
        for annotation in data.dataset["annotations"]:
            image = data.loadImgs(annotation["image_id"])[0]
            row = by_key[image["crop_key"]]
            assert labels[f"images/{split}/{image['file_name']}"]["crop_key"] == row["crop_key"]
            x, y, width, height = annotation["bbox"]
            assert (x + row["crop_x0"], y + row["crop_y0"]) == (row["box_x0"], row["box_y0"])
            assert (width, height) == (
                row["box_x1"] - row["box_x0"],
                row["box_y1"] - row["box_y0"],
            )
            frame = decode_rle(row["mask_rle"], 1280, 720)
            expected = frame[row["crop_y0"] : row["crop_y1"], row["crop_x0"] : row["crop_x1"]]
            assert np.array_equal(data.annToMask(annotation).astype(bool), expected)
            assert annotation["area"] == expected.sum()
            points = np.array(annotation["keypoints"]).reshape(-1, 3)
            joints = np.array(row["joints"]).reshape(-1, 3)
            assert np.allclose(points[:, 0] + row["crop_x0"], joints[:, 0], atol=0.02)
            assert points[:, 2].tolist() == [2 if v else 1 for v in joints[:, 2]]
            seen += 1
    assert seen == len(rows)


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_detections_are_scored_against_coco(small, tmp_path, kind):
    """As every detector is: with ``loadRes``, here the answers themselves."""
    coco_api = pytest.importorskip("pycocotools.coco")
    scoring = pytest.importorskip("pycocotools.cocoeval")
    export_snapshot(small, "coco", tmp_path / "coco")
    file = "person_keypoints_train" if kind == "keypoints" else "instances_train"
    truth = coco_api.COCO(str(tmp_path / "coco" / "annotations" / f"{file}.json"))
    field = {"bbox": "bbox", "segm": "segmentation", "keypoints": "keypoints"}[kind]
    answers = [
        {name: one[name] for name in ("image_id", "category_id", field)} | {"score": 0.9}
        for one in truth.dataset["annotations"]
    ]
    scored = scoring.COCOeval(truth, truth.loadRes(answers), kind)
    scored.evaluate()
    scored.accumulate()
    scored.summarize()
    assert scored.stats[0] == pytest.approx(1)


def test_coco_says_whose_it_is_and_under_which_licence(small, tmp_path):
    export_snapshot(small, "coco", tmp_path / "coco")
    said = json.loads((tmp_path / "coco" / "annotations" / "instances_test.json").read_text())
    assert said["info"]["description"] == "small, snapshot 1"
    assert (said["info"]["year"], said["info"]["date_created"]) == (2026, "2026/01/02")
    (licence,) = said["licenses"]
    assert licence["name"] == "CC0-1.0" and "CC0-1.0" in licence["url"]
    assert {image["license"] for image in said["images"]} == {licence["id"]}
    assert "keypoints" not in said["categories"][0]


def test_coco_is_read_by_torchvision(small, rows, tmp_path):
    datasets = pytest.importorskip("torchvision.datasets")
    export_snapshot(small, "coco", tmp_path / "coco")
    read = 0
    for split in ("train", "test"):
        data = datasets.CocoDetection(
            tmp_path / "coco" / "images" / split,
            str(tmp_path / "coco" / "annotations" / f"instances_{split}.json"),
        )
        for picture, (annotation,) in data:
            mask = data.coco.annToMask(annotation)
            assert mask.shape == (picture.height, picture.width)
            read += 1
    assert read == len(rows)


def test_image_folders_are_read_by_datasets(small, rows, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = tmp_path / "images"
    export_snapshot(small, "imagefolder", folder)
    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
    )
    by_key = {row["crop_key"]: row for row in rows}
    assert {split: len(part) for split, part in loaded.items()} == Counter(
        row["split"] for row in rows
    )
    for part in loaded.values():
        for example in part:
            row = by_key[example["crop_key"]]
            assert example["image"].size == (row["width"], row["height"])
            assert example["person_id"] == row["person_id"]
            assert example["garments"] == row["garments"]


def test_tracklets_become_folders(small, tmp_path):
    folder = tmp_path / "tracklets"
    done = export_snapshot(small, "tracklets", folder)
    labels = labels_of(folder)
    lines = pq.read_table(folder / "tracklets.parquet").to_pylist()
    assert sum(len(line["crop_keys"]) for line in lines) == done.written == len(labels)
    by_folder: dict[Path, list] = {}
    for name, row in sorted(labels.items()):
        by_folder.setdefault(Path(name).parent, []).append(row)
    assert len(by_folder) == len(lines)
    for path, tracklet in by_folder.items():
        assert len({(row["person_id"], row["camera"]) for row in tracklet}) == 1
        assert path.parts[:2] == (tracklet[0]["split"], tracklet[0]["person_id"])
        assert [row["time"] for row in tracklet] == sorted(row["time"] for row in tracklet)


def test_some_cameras_only(small, rows, tmp_path):
    folder = tmp_path / "some"
    cameras = ["mall_c01", "street_c02"]
    done = export_snapshot(small, "market1501", folder, cameras)
    labels = labels_of(folder)
    assert done.written == sum(row["camera"] in cameras for row in rows)
    assert {row["camera"] for row in labels.values()} == set(cameras)
    with pytest.raises(BadRecipe, match="roof_c09"):
        export_snapshot(small, "coco", tmp_path / "no", ["roof_c09"])


def test_a_folder_in_use_is_left_alone(small, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(BadRecipe, match="not empty"):
        export_snapshot(small, "coco", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failed_export_leaves_nothing(small, tmp_path, monkeypatch):
    def broken(*_: object) -> None:
        raise OSError("disk full")

    in_this_thread(monkeypatch, pq, "write_table", broken)
    with pytest.raises(OSError, match="disk full"):
        export_snapshot(small, "coco", tmp_path / "out")
    assert not list(tmp_path.iterdir())


LISTING = """
from tasks.export.crop_layout import ExportPlan, crop_layout


def plan_listing(table):
    keys = table["crop_key"].to_pylist()
    paths = [f"crops/{number}.jpg" for number in range(len(keys))]
    return ExportPlan(paths, {"list.txt": "\\n".join(keys)})


FORMAT = crop_layout(["crop_key"], plan_listing)
"""


def test_a_format_is_a_module_of_its_own(small, rows, tmp_path, monkeypatch):
    (tmp_path / "key_list.py").write_text(LISTING)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    assert formats.format_names() == (*sorted({*FORMATS, "key-list"}),)
    command = ["export", "small", "--format", "key-list", "--output", str(tmp_path / "out")]
    said = CliRunner().invoke(app, [*command, "--store", small.dataset.store.address])
    monkeypatch.delitem(sys.modules, "tasks.export.formats.key_list")
    assert said.exit_code == 0, said.output
    assert f"{len(rows)} crops in" in said.output
    labels = labels_of(tmp_path / "out")
    listed = (tmp_path / "out" / "list.txt").read_text().splitlines()
    assert [labels[f"crops/{i}.jpg"]["crop_key"] for i in range(len(listed))] == listed
    assert set(listed) == {row["crop_key"] for row in rows}


def test_an_unknown_format_names_the_known_ones(small, tmp_path):
    assert formats.format_names() == FORMATS
    with pytest.raises(BadRecipe, match=", ".join(FORMATS)):
        export_snapshot(small, "voc", tmp_path / "out")


def test_an_empty_folder_is_taken_and_exports_are_repeatable(small, tmp_path):
    digests = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        export_snapshot(small, "msmt17", folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        digests.append([(str(f.relative_to(folder)), f.read_bytes()) for f in files])
    assert digests[0] == digests[1]
