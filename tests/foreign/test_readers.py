"""Exports are read by programs of others, each in an environment of its own.

``make test-foreign`` makes the environments and runs this; elsewhere it is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tests.tasks.export.drawn_frames import publish
from tests.tasks.report.publishing import crop_row, publish_rows, publish_small

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".foreign"
READERS = sorted(path.stem for path in (HERE / "requirements").glob("*.txt"))

Reading = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def reading(tmp_path_factory) -> Reading:
    """What the reader of a name prints when it is given some arguments."""
    home = tmp_path_factory.mktemp("home")

    def read(name: str, *arguments: object) -> dict[str, Any]:
        python = ENVIRONMENTS / name / "bin" / "python"
        if not (ENVIRONMENTS / name / ".installed").exists():
            if os.environ.get("REQUIRE_FOREIGN"):
                pytest.fail(f"there is no environment of {name}")
            pytest.skip(f"there is no environment of {name}; `make test-foreign` makes it")
        script = HERE / "readers" / f"{name}_reader.py"
        done = subprocess.run(
            [python, script, *map(str, arguments)],
            capture_output=True,
            text=True,
            # They keep settings at home, and some tell theirs of it.
            env={"HOME": str(home), "PATH": os.environ["PATH"], "FIFTYONE_DO_NOT_TRACK": "true"},
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    return read


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> SnapshotReader:
    store = open_store(tmp_path_factory.mktemp("store"))
    return publish_small(store, people=8, images=3, labelled=True)


@pytest.fixture(scope="module")
def coco(small, tmp_path_factory) -> Path:
    """Crops with masks and keypoints."""
    return export_snapshot(small, "coco", tmp_path_factory.mktemp("coco") / "export").folder


@pytest.fixture(scope="module")
def boxes(tmp_path_factory) -> Path:
    """Crops with boxes alone."""
    reader = publish_small(open_store(tmp_path_factory.mktemp("store")), people=4, images=2)
    return export_snapshot(reader, "coco", tmp_path_factory.mktemp("boxes") / "export").folder


@pytest.fixture(scope="module")
def frames(tmp_path_factory) -> Path:
    """Whole frames with everybody in them."""
    folder = tmp_path_factory.mktemp("frames")
    return export_snapshot(publish(folder, True)[0], "coco-frames", folder / "export").folder


def counted(folder: Path, subset: str) -> tuple[int, int]:
    """How many pictures and annotations a subset has."""
    said = json.loads((folder / "annotations" / f"instances_{subset}.json").read_text())
    return len(said["images"]), len(said["annotations"])


def test_versions_are_recorded() -> None:
    page = (HERE.parents[1] / "docs" / "annotation.md").read_text()
    for name in READERS:
        pinned = (HERE / "requirements" / f"{name}.txt").read_text().split()[0]
        assert pinned.replace("==", " ") in page


def test_datumaro_finds_every_subset_and_every_kind(reading, coco, boxes, frames) -> None:
    for folder, subsets in ((coco, ["test", "train"]), (frames, ["default"])):
        found = reading("datumaro", folder)
        pictures, people = map(sum, zip(*(counted(folder, subset) for subset in subsets)))
        for form in ("coco_instances", "coco_person_keypoints"):
            points = {"points": people} if form == "coco_person_keypoints" else {}
            assert found[form] == {
                "subsets": subsets,
                "pictures": pictures,
                "annotations": {"mask": people, "bbox": people} | points,
            }
    plain = reading("datumaro", boxes)["coco_instances"]
    assert plain["annotations"] == {"bbox": sum(counted(boxes, s)[1] for s in ("train", "test"))}


def test_fiftyone_reads_boxes_masks_and_keypoints(reading, coco, boxes, frames) -> None:
    for folder, subset, pictures in (
        (coco, "train", "images/train"),
        (coco, "test", "images/test"),
        (frames, "default", "images"),
    ):
        posed = folder / "annotations" / f"person_keypoints_{subset}.json"
        found = reading("fiftyone", folder / pictures, posed, "segmentations,keypoints")
        read, people = counted(folder, subset)
        assert found["pictures"] == read and found["licences"] == ["CC0-1.0"]
        assert found["annotations"] == {
            "segmentations": people, "keypoints": people, "masks": people, "points": 17 * people
        }  # fmt: skip
    plain = boxes / "annotations" / "instances_train.json"
    found = reading("fiftyone", boxes / "images" / "train", plain, "detections")
    assert found["annotations"] == {
        "detections": counted(boxes, "train")[1], "masks": 0, "points": 0
    }  # fmt: skip


def test_supervision_reads_boxes_and_masks(reading, coco, boxes, frames) -> None:
    for folder, subset, pictures, masks in (
        (coco, "train", "images/train", True),
        (frames, "default", "images", True),
        (boxes, "train", "images/train", False),
    ):
        file = folder / "annotations" / f"instances_{subset}.json"
        found = reading("supervision", folder / pictures, file, *(["masks"] if masks else []))
        read, people = counted(folder, subset)
        assert found == {
            "pictures": read, "boxes": people, "masks": people * masks, "classes": ["person"]
        }  # fmt: skip


def test_motmetrics_follows_tracklets(reading, tmp_path) -> None:
    """Every crop is matched, and a person changes tracklets as often as there are more of them."""
    rows = [
        crop_row(person, camera, image, test=False) | {"time": time}
        for person in range(3)
        for camera in range(2)
        for image, time in enumerate((0, 2, 14, 16, 30 + person, 32 + person))
    ]
    reader = publish_rows(open_store(tmp_path / "store"), rows)
    folder = export_snapshot(reader, "tracklets", tmp_path / "tracklets").folder
    found = reading("motmetrics", folder)
    followed = pq.read_table(folder / "tracklets.parquet").to_pylist()
    assert len(followed) == 3 * len({(row["person_id"], row["camera"]) for row in followed})
    told = {"num_misses": 0, "num_false_positives": 0, "num_matches": 12, "num_switches": 6}
    assert found == {row["camera"]: told for row in rows}
