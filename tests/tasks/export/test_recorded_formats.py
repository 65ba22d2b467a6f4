"""A drawn recording in the layouts of video and of several cameras, compared with the drawing."""

from __future__ import annotations

import colorsys
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import loadmat

from manifests.errors import BadRecipe, NotFound
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tasks.export.formats import coco_video, find_format, ilids_vid, mars, wildtrack
from tasks.export.formats.mars import queries
from tasks.report.synchronised import animated_strip
from tests.tasks.export import drawn_recording as drawn
from tests.tasks.report.publishing import publish_small

FORMS = ("aicity", "coco-video", "ilids-vid", "mars", "motchallenge", "wildtrack")
PICTURES = 2 * drawn.TICKS


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> SnapshotReader:
    return drawn.publish(tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="module")
def exported(recording, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exported")
    return {form: export_snapshot(recording, form, folder / form).folder for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_licence_and_cameras_go_along(exported, form):
    terms = (exported[form] / "README.md").read_text()
    assert "license: cc0-1.0" in terms and "The data: [CC0-1.0](" in terms
    told = json.loads((exported[form] / "cameras.json").read_text())
    assert list(told["cameras"]) == list(drawn.CAMERAS[:2])


def test_videos_are_read_by_pycocotools(exported):
    api = pytest.importorskip("pycocotools.coco")
    folder = exported["coco-video"]
    data = api.COCO(str(folder / "annotations" / "instances_default.json"))
    videos = {video["id"]: video for video in data.dataset["videos"]}
    assert [video["camera"] for video in videos.values()] == list(drawn.CAMERAS[:2])
    assert len(data.imgs) == PICTURES
    for number, video in videos.items():
        frames = [image for image in data.dataset["images"] if image["video_id"] == number]
        assert [image["frame_id"] for image in frames] == list(range(drawn.TICKS))
        camera = drawn.CAMERAS.index(video["camera"])
        for image in frames:
            assert (folder / "images" / image["file_name"]).is_file()
            made = drawn.row(camera, image["frame_id"], 0)
            for one in data.loadAnns(data.getAnnIds(image["id"])):
                seen = made["visible"][one["instance_id"] - 1]
                assert data.annToMask(one).sum() == one["area"] == seen["visible_pixels"]
                assert one["bbox"][:2] == [seen["box_x0"], seen["box_y0"]]
                assert one["video_id"] == number


def test_positions_on_the_grid_are_where_people_stand(exported, recording):
    """By the files' own calibrations, cells lie under the feet in every view."""
    (folder,) = [path for path in exported["wildtrack"].iterdir() if path.is_dir()]
    view = []
    for name in wildtrack.NAMES[:2]:
        inner = cv2.FileStorage(
            str(folder / f"calibrations/intrinsic_zero/intr_{name}.xml"), cv2.FILE_STORAGE_READ
        )
        outer = ElementTree.parse(folder / f"calibrations/extrinsic/extr_{name}.xml").getroot()
        moved = [
            np.array((outer.findtext(key) or "").split(" "), float) for key in ("rvec", "tvec")
        ]
        view.append((*moved, inner.getNode("camera_matrix").mat()))
    total = 0
    for tick in range(drawn.TICKS):
        people = json.loads((folder / f"annotations_positions/{tick:08d}.json").read_text())
        assert [one["personID"] for one in people] == list(range(drawn.PEOPLE))
        for one in people:
            row, column = divmod(one["positionID"], wildtrack.COLUMNS)
            foot = np.array([-300 + 2.5 * (column + 0.5), -900 + 2.5 * (row + 0.5), 0.0])
            for seen, (turn, moved, matrix) in zip(one["views"], view):
                (x, y), *_ = cv2.projectPoints(foot, turn, moved, matrix, None)[0][0]  # type: ignore
                assert abs(x - (seen["xmin"] + seen["xmax"] - 1) / 2) < 5
                assert abs(y - (seen["ymax"] - 1)) < 5
                total += 1
    assert total == drawn.TICKS * drawn.PEOPLE * 2


def test_pictures_of_bent_lenses_are_made_straight(exported):
    (folder,) = [path for path in exported["wildtrack"].iterdir() if path.is_dir()]
    for camera, same in ((0, True), (1, False)):
        made = drawn.row(camera, 2, 0)
        lit = (folder / f"Image_subsets/C{camera + 1}/00000002.jpg").read_bytes()
        assert (lit == made["lit"]) is same
        picture = cv2.imdecode(np.frombuffer(lit, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        people = json.loads((folder / "annotations_positions/00000002.json").read_text())
        nearest = min(made["people"], key=lambda one: one["distance"])["person_index"]
        box = people[nearest]["views"][camera]
        middle = picture[
            (box["ymin"] + box["ymax"]) // 2,
            (box["xmin"] + box["xmax"]) // 2,
        ]
        colour = np.random.default_rng(nearest).integers(30, 225, 3)
        np.testing.assert_allclose(middle, colour, atol=8)


def test_ten_halves_of_the_people_are_drawn_as_the_original_has_them(exported):
    folder = exported["ilids-vid"]
    own, *drawn_ = json.loads((folder / "splits.json").read_text())
    people = sorted(path.name for path in (folder / "i-LIDS-VID/sequences/cam1").iterdir())
    assert len(people) == drawn.PEOPLE and sorted(own["train"] + own["test"]) == people
    orders = loadmat(str(next(folder.glob("train-test people splits/*.mat"))))["ls_set"]
    assert orders.shape == (10, drawn.PEOPLE) == (len(drawn_), len(people))
    for order, half in zip(orders, drawn_):
        assert half["test"] == sorted(people[k - 1] for k in order[: len(people) // 2])
        assert sorted(half["train"] + half["test"]) == people
    assert len({tuple(half["test"]) for half in drawn_}) > 2


def test_boxes_of_bodies_are_seen_where_their_2d_boxes_are(exported, recording):
    """By ``cameraMatrix``, the middle of every box in the world is the middle of what is drawn."""
    (folder,) = (exported["aicity"] / "train").iterdir()
    sensors = json.loads((folder / "calibration.json").read_text())["sensors"]
    matrix = {one["id"]: np.array(one["cameraMatrix"]) for one in sensors}
    ground = {one["id"]: np.array(one["homography"]) for one in sensors}
    truth = json.loads((folder / "ground_truth.json").read_text())
    assert list(truth) == [str(tick) for tick in range(drawn.TICKS)]
    shares = []
    for tick, people in truth.items():
        assert [one["object id"] for one in people] == list(range(drawn.PEOPLE))
        for one in people:
            x, y, z = one["3d location"]
            want = np.array(drawn.stands(one["object id"], int(tick))) / 100
            np.testing.assert_allclose([x, -y], want, atol=1e-3)
            assert z == pytest.approx(one["3d bounding box scale"][2] / 2, abs=1e-3)
            for camera, (x0, y0, x1, y1) in one["2d bounding box visible"].items():
                u, v, w = matrix[camera] @ [x, y, z, 1]
                foot = ground[camera] @ [x, y, 1]
                below = matrix[camera] @ [x, y, 0, 1]
                np.testing.assert_allclose(foot / foot[2], below / below[2], atol=1e-6)
                shares.append(abs(v / w - (y0 + y1) / 2) < 12 and abs(u / w - (x0 + x1) / 2) < 12)
    assert len(shares) > drawn.TICKS * drawn.PEOPLE * 1.5
    assert np.mean(shares) > 0.8  # of others a part is hidden
    for one in sensors:
        video = cv2.VideoCapture(str(folder / "videos" / f"{one['id']}.mp4"))
        assert video.get(cv2.CAP_PROP_FPS) == drawn.FPS
        frames = 0
        while video.read()[0]:
            frames += 1
        assert frames == drawn.TICKS


def test_the_report_shows_cameras_at_the_same_instants(recording, tmp_path):
    strip = animated_strip(recording)
    assert strip is not None
    with Image.open(io.BytesIO(strip)) as moving:
        assert moving.n_frames == drawn.TICKS // 2  # type: ignore[attr-defined]
        wide, _ = moving.size
        moving.seek(1)
        picture = np.asarray(moving.convert("RGB")).astype(int)
    each = (wide - 4) // 2
    scale = each / drawn.WIDTH
    for camera in range(2):
        made = drawn.row(camera, 2, 0)
        nearest = min(made["people"], key=lambda one: one["distance"])["person_index"]
        seen = made["visible"][nearest]
        colour = 255 * np.array(colorsys.hsv_to_rgb(nearest * 0.618034 % 1, 0.85, 1.0))
        left = round(seen["box_x0"] * scale) - 1 + camera * (each + 4)
        middle = round((seen["box_y0"] + seen["box_y1"]) / 2 * scale)
        edge = picture[middle, left - 2 : left + 3]
        assert np.abs(edge - colour).sum(axis=1).min() < 200
    assert animated_strip(publish_small(open_store(tmp_path), people=2, images=1)) is None


def test_who_stands_outside_the_ground_is_not_annotated():
    """Of a long row of people the ground takes as many as it can."""
    far = np.arange(0.0, 12000.0, 100.0)
    tracks = pd.DataFrame({"x": far, "y": 40.0, "z": 3.0, "visible_pixels": 9})
    one = type("Sequence", (), {"tracks": tracks})()
    ground = wildtrack.place_ground([one])  # type: ignore[list-item]
    cells = ground.cells(wildtrack.ground_points(tracks))
    assert (cells >= 0).sum() == 36
    assert len(set(cells[cells >= 0])) == 36


def test_queries_can_be_answered():
    def clip(person: int, camera: str, pictures: int):
        sequence = type("Sequence", (), {"camera": camera})()
        return type(
            "Clip", (), {"person": person, "sequence": sequence, "ticks": range(pictures)}
        )()

    alone, once = clip(0, "a", 5), [clip(1, "a", 3), clip(1, "b", 9)]
    often = [clip(2, camera, count) for camera in "ab" for count in (2, 4)]
    asking = queries([alone, *once, *often])  # type: ignore[list-item]
    assert asking == [once[0], often[1], often[3]]


@pytest.mark.parametrize("form", FORMS)
def test_a_data_set_without_recordings_is_refused(form, tmp_path):
    reader = publish_small(open_store(tmp_path / "store"), people=2, images=1)
    with pytest.raises(NotFound, match="has no recordings"):
        export_snapshot(reader, form, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_layouts_cannot_hold_is_refused_before_anything_is_written(
    recording, tmp_path, monkeypatch
):
    monkeypatch.setattr(mars, "_MOST_CAMERAS", 1)
    monkeypatch.setattr(wildtrack, "NAMES", ("CVLab1",))
    for module, words in (
        (mars, "accept 1 cameras and these are 2"),
        (wildtrack, "2 cameras, and"),
    ):
        with pytest.raises(BadRecipe, match=words):
            module.FORMAT.write(recording, set(drawn.CAMERAS), tmp_path)
    with pytest.raises(BadRecipe, match="two cameras and these are 1: crossing_c01"):
        ilids_vid.FORMAT.write(recording, {drawn.CAMERAS[0]}, tmp_path)
    with pytest.raises(BadRecipe, match="no camera crossing_c09"):
        export_snapshot(recording, "coco-video", tmp_path / "out", ["crossing_c09"])
    assert not any(tmp_path.iterdir())


def test_a_camera_without_calibration_is_named(recording, tmp_path):
    snapshot = recording.snapshot
    kept = tuple(file for file in snapshot.files if not file.key.endswith("cameras.json"))
    bare = SnapshotReader(recording.dataset, snapshot.model_copy(update={"files": kept}))
    with pytest.raises(NotFound, match="no calibration of crossing_c01, crossing_c02"):
        find_format("wildtrack").write(bare, set(drawn.CAMERAS[:2]), tmp_path)


def test_the_subset_is_called_as_in_frames():
    assert coco_video.SUBSET == "default"
