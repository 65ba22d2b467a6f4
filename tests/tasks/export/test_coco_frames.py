"""From drawn frames to a published snapshot to whole frames as COCO, read by pycocotools."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import BadRecipe, CorruptData, NotFound
from synth_workers.coordinates import project
from tasks.export.export import export_snapshot
from tests.tasks.export.drawn_frames import publish

coco_api = pytest.importorskip("pycocotools.coco")


def test_frames_hold_everybody_in_view(tmp_path):
    reader, drawn = publish(tmp_path, keep_frames=True)
    done = export_snapshot(reader, "coco-frames", tmp_path / "coco")
    assert done.written == len(drawn)
    terms = (tmp_path / "coco" / "README.md").read_text()
    assert "license: cc0-1.0" in terms and "The data: [CC0-1.0](" in terms
    folder = tmp_path / "coco" / "annotations"
    data = coco_api.COCO(str(folder / "person_keypoints_default.json"))
    boxes = coco_api.COCO(str(folder / "instances_default.json"))
    assert [one for one in boxes.anns.values() if "keypoints" in one] == []
    assert boxes.getAnnIds() == data.getAnnIds()
    assert len(data.imgs) == len(boxes.imgs) == len(drawn)
    for image in data.imgs.values():
        number = int(image["file_name"].split("_")[1].split(".")[0])
        scene = drawn[number]
        assert (tmp_path / "coco" / "images" / image["file_name"]).stat().st_size > 1000
        annotations = data.loadAnns(data.getAnnIds(image["id"]))
        seen = np.unique(scene.owner[scene.owner >= 0])
        assert sorted(a["person"] - 1 for a in annotations) == seen.tolist()
        for annotation in annotations:
            mask = scene.owner == annotation["person"] - 1
            assert np.array_equal(data.annToMask(annotation).astype(bool), mask)
            ys, xs = np.nonzero(mask)
            assert annotation["bbox"] == [
                xs.min(),
                ys.min(),
                xs.max() + 1 - xs.min(),
                ys.max() + 1 - ys.min(),
            ]
            assert annotation["num_keypoints"] > 10


def test_calibrations_go_along_with_what_the_cameras_saw(tmp_path):
    reader, (scene, *_) = publish(tmp_path, keep_frames=False)
    export_snapshot(reader, "market1501", tmp_path / "out", ["street_c02"])
    told = json.loads((tmp_path / "out" / "cameras.json").read_text())["cameras"]
    assert list(told) == ["street_c02"]
    camera = told["street_c02"]
    point, view = np.array([[1200.0, 150.0, 90.0]]), (scene.location, (-15.0, 0.0, 0.0), 60.0)
    size = camera["width"], camera["height"]
    turn, matrix = (np.reshape(camera[name], (3, 3)) for name in "RK")
    projected, _ = cv2.projectPoints(
        point * [1, -1, 1], turn, np.array(camera["t"]), matrix, np.array(camera["distortion"])
    )
    expected = project(point, *view, *size)[0, :2]
    np.testing.assert_allclose(projected[0, 0] + 0.5, expected, atol=1e-3)


def test_the_command_line_writes_the_frames_of_some_cameras(tmp_path):
    reader, drawn = publish(tmp_path, keep_frames=True)
    command = ["export", "drawn", "--format", "coco-frames", "--camera", "street_c02"]
    command += ["--output", str(tmp_path / "coco"), "--store", reader.dataset.store.uri]
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 0, said.output
    assert f"{len(drawn) // 2} frames in {tmp_path / 'coco'}" in said.output
    data = coco_api.COCO(str(tmp_path / "coco" / "annotations" / "instances_default.json"))
    assert {image["camera"] for image in data.imgs.values()} == {"street_c02"}
    with pytest.raises(BadRecipe, match="no camera street_c09; there are street_c01, street_c02"):
        export_snapshot(reader, "coco-frames", tmp_path / "other", ["street_c09"])


def test_a_damaged_bundle_is_named_and_exports_nothing(tmp_path):
    reader, _ = publish(tmp_path, keep_frames=True)
    store = reader.dataset.store
    (bundle,) = store.list("drawn/frames/")
    data = bytearray(store.get(bundle.key))
    data[len(data) // 2] ^= 1
    store.put(bundle.key, bytes(data))
    with pytest.raises(CorruptData, match=bundle.key):
        export_snapshot(reader, "coco-frames", tmp_path / "coco")
    assert not (tmp_path / "coco").exists()


def test_without_kept_frames_the_export_says_what_to_do(tmp_path):
    reader, _ = publish(tmp_path, keep_frames=False)
    with pytest.raises(NotFound, match="keep_frames"):
        export_snapshot(reader, "coco-frames", tmp_path / "coco")
    assert not (tmp_path / "coco").exists()


def test_a_published_set_exports_like_any_other(tmp_path):
    reader, _ = publish(tmp_path, keep_frames=False)
    done = export_snapshot(reader, "tracklets", tmp_path / "t")
    assert done.written > 0
