"""Exports are read by programs of others, each in an environment of its own.

``make test-foreign`` makes the environments and runs this; elsewhere it is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pyarrow.parquet as pq
import pytest

from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tasks.export.formats.motchallenge import BENCHMARK
from tests.tasks.export import drawn_recording
from tests.tasks.export.drawn_frames import publish
from tests.tasks.render.test_recordings import SECONDS, Toys, built, recipe
from tests.tasks.report.publishing import crop_row, publish_rows, publish_small
from tests.tasks.tracking.test_tracks import write_results

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
        # Who it is comes along, as an attribute of each label.
        told = Counter(str(one["person"]) for one in json.loads(posed.read_text())["annotations"])
        assert found["people"] == told and len(told) > 1
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


def test_trackeval_knows_a_perfect_tracker_from_a_shuffled_one(reading, tmp_path) -> None:
    wanted = recipe(SECONDS, people={"count": 4})
    with pytest.MonkeyPatch.context() as patch:
        recorded = built(wanted, tmp_path / "recorded", patch, Toys())
    folder = export_snapshot(recorded, "motchallenge", tmp_path / "mot").folder
    trackers = tmp_path / "trackers"
    (trackers / BENCHMARK).mkdir(parents=True)
    for name, turns in (("perfect", 0), ("shuffled", 1)):
        results = trackers / BENCHMARK / name
        write_results(results, folder, lambda _, tick, who, n=turns: (who + n * tick) % 9 + 1)
    found = reading("trackeval", folder, BENCHMARK, trackers)
    assert found["perfect"] == pytest.approx({"HOTA": 1.0, "MOTA": 1.0, "IDF1": 1.0})
    assert found["shuffled"]["IDF1"] < 0.7


def test_tao_reads_ai_city(reading, tmp_path) -> None:
    """Everybody of every frame with box and number, every camera with its calibration; the videos
    are decoded for it."""
    recorded = drawn_recording.publish(tmp_path)
    folder = export_snapshot(recorded, "aicity", tmp_path / "aicity").folder
    (scene,) = (folder / "train").iterdir()
    for path in scene.glob("videos/*.mp4"):
        (scene / path.stem / "rgb").mkdir(parents=True)
        video = cv2.VideoCapture(str(path))
        for tick in range(drawn_recording.TICKS):
            read, picture = video.read()
            assert read and cv2.imwrite(str(scene / path.stem / f"rgb/{tick:09d}.jpg"), picture)
    found = reading("tao", folder, tmp_path / "read", drawn_recording.FPS)
    told = json.loads((scene / "ground_truth.json").read_text())
    assert found["frames"] == drawn_recording.TICKS == len(told)
    for tick, (boxes, people) in enumerate(zip(found["boxes"], found["people"])):
        assert people == [one["object id"] for one in told[str(tick)]]
        for box, one in zip(boxes, told[str(tick)]):
            scale = one["3d bounding box scale"]
            yaw = -one["3d bounding box rotation"][2]  # they turn it round
            assert box == pytest.approx([*one["3d location"], *scale, yaw])
    assert found["cameras"] == [["Camera_01", "Camera_02"]] * drawn_recording.TICKS
    assert found["visible"] == 2 * drawn_recording.TICKS


def test_mvdet_reads_wildtrack(tmp_path) -> None:
    source = ENVIRONMENTS / "sources" / "mvdet"
    if not source.exists():
        pytest.skip("MVDet is not here; `make test-foreign` fetches it where it can be had")
    recorded = drawn_recording.publish(tmp_path, cameras=7)
    folder = export_snapshot(recorded, "wildtrack", tmp_path / "wildtrack").folder
    (home,) = [path for path in folder.iterdir() if path.is_dir()]
    script = [sys.executable, HERE / "readers" / "mvdet_reader.py", source, home]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["frames"] == drawn_recording.TICKS
    assert found["pictures"] == [7, 3, drawn_recording.HEIGHT, drawn_recording.WIDTH]
    assert found["ground"] == [1, 120, 360]
    assert found["people"] == [drawn_recording.PEOPLE] * drawn_recording.TICKS
    assert found["seen"] == 7 * drawn_recording.TICKS * drawn_recording.PEOPLE
    assert max(found["feet"]) < 6


def test_mlflow_hears_a_training(reading, tmp_path) -> None:
    """In its file store, by the class that the documentation hangs in."""
    packages = sysconfig.get_paths()["purelib"]
    found = reading("mlflow", HERE.parents[1], packages, tmp_path)
    assert found["name"] == "tiny on striped" and found["status"] == "FINISHED"
    assert float(found["rate"]) == 0.01
    assert found["steps"].keys() == {"images_per_second", "learning_rate", "loss"}
    assert all(steps == [10, 12] for steps in found["steps"].values())
    assert found["loss"] == pytest.approx(found["expected"])
    assert found["files"] == ["loss.csv"]


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
