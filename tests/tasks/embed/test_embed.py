"""A folder becomes a file of features: those that the model gives, whatever is between."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import BadRecipe, CorruptData, NotFound
from tasks.embed import run as embedding
from tasks.embed.opening import open_pictures
from tasks.embed.run import embed
from tasks.embed.skipped import Unreadable, skipped_file, write_skipped
from tasks.embed.table import open_features
from tests.tasks.embed.conftest import CAMERAS
from training.embedding.network import open_network
from training.saved_model import Model


def features_by_key(path: Path) -> dict[str, np.ndarray]:
    parts = list(open_features(path).parts())
    return {key: one for keys, _, rows in parts for key, one in zip(keys, rows, strict=True)}


def test_features_are_those_of_the_model(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Also where pictures of cameras are mixed and a batch goes ahead before it is full."""
    monkeypatch.setattr(embedding, "_BATCH", 5)
    monkeypatch.setattr(embedding, "_MOST_WAITING", 7)
    paths = sorted(folder.rglob("*.jpg"))
    names = [path.relative_to(folder).as_posix() for path in paths]
    wanted = Model(model).embed(paths, [path.parent.name for path in paths])
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in paths:
        shutil.copy(path, mixed / f"{path.stem}_{path.parent.name}.jpg")

    apart = embed(open_pictures(folder), open_network(model), tmp_path / "apart.parquet")
    together = embed(
        open_pictures(mixed, "_(street_c[0-9]+)"), open_network(model), tmp_path / "mixed.parquet"
    )

    assert (apart.rows, apart.cameras, apart.skipped) == (36, 2, {})
    found = features_by_key(tmp_path / "apart.parquet")
    assert np.allclose([found[name] for name in names], wanted, atol=1e-5)
    found = features_by_key(together.path)
    keys = [f"{path.stem}_{path.parent.name}.jpg" for path in paths]
    # Statistics are of the same pictures in another order.
    assert np.allclose([found[key] for key in keys], wanted, atol=1e-3)


def test_an_exported_model_knows_no_cameras(folder: Path, exported: Path, tmp_path: Path):
    done = embed(open_pictures(folder), open_network(exported), tmp_path / "f.parquet")

    found = features_by_key(done.path)
    path = folder / CAMERAS[0] / "2_1.jpg"
    assert np.allclose(found[f"{CAMERAS[0]}/2_1.jpg"], Model(exported).embed([path]), atol=1e-5)
    about = open_features(done.path).about
    assert about.model.kind == "onnx" and about.model.statistics == "those it began with"
    assert pq.read_table(done.path)["camera"].unique().to_pylist() == list(CAMERAS)


def test_pictures_in_parquet_as_in_a_folder(folder: Path, model: Path, tmp_path: Path):
    paths = sorted(folder.rglob("*.jpg"))
    table = pa.table(
        {
            "image": [{"bytes": path.read_bytes(), "path": None} for path in paths],
            "camera": [path.parent.name for path in paths],
            "crop_key": [path.relative_to(folder).as_posix() for path in paths],
        }
    )
    (tmp_path / "data").mkdir()
    pq.write_table(table.slice(0, 20), tmp_path / "data" / "a.parquet", row_group_size=7)
    pq.write_table(table.slice(20), tmp_path / "data" / "b.parquet")
    pq.write_table(table.select(["camera"]), tmp_path / "data" / "labels.parquet")

    shutil.copy(paths[0], tmp_path / "data" / "examples.jpg")  # of its card

    embed(open_pictures(tmp_path / "data"), open_network(model), tmp_path / "a.parquet")
    embed(open_pictures(folder), open_network(model), tmp_path / "b.parquet")

    one, other = (features_by_key(tmp_path / f"{name}.parquet") for name in "ab")
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[key], other[key]) for key in one)
    shutil.copytree(folder, tmp_path / "data" / "more")
    with pytest.raises(BadRecipe, match="picture files and Parquet files with pictures"):
        open_pictures(tmp_path / "data")


@pytest.fixture
def damaged(folder: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "damaged"
    shutil.copytree(folder, copy)
    whole = (copy / CAMERAS[0] / "2_1.jpg").read_bytes()
    (copy / CAMERAS[0] / "2_1.jpg").write_bytes(whole[: len(whole) // 2])
    (copy / CAMERAS[1] / "0_0.png").write_bytes(b"no picture")
    return copy


def test_unreadable_pictures_are_listed_or_refused(damaged: Path, exported: Path, tmp_path: Path):
    pictures, network = open_pictures(damaged), open_network(exported)

    done = embed(pictures, network, tmp_path / "f.parquet")

    assert done.rows == 35
    assert sorted(done.skipped) == [f"{CAMERAS[0]}/2_1.jpg", f"{CAMERAS[1]}/0_0.png"]
    assert "truncated" in done.skipped[f"{CAMERAS[0]}/2_1.jpg"]
    assert open_features(done.path).about.skipped == 2
    listed = skipped_file(done.path)
    write_skipped(listed, done.skipped)
    assert "truncated" in listed.read_text()
    write_skipped(listed, {})
    assert not listed.exists()
    with pytest.raises(CorruptData, match=r"2_1\.jpg"):
        embed(pictures, network, tmp_path / "g.parquet", Unreadable.refuse)
    assert not (tmp_path / "g.parquet").exists()


def test_nothing_to_embed_is_refused(damaged: Path, model: Path, exported: Path, tmp_path: Path):
    with pytest.raises(NotFound, match="no such folder"):
        open_pictures(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match=r"neither pictures, nor \.parquet"):
        open_pictures(tmp_path / "empty")
    pq.write_table(pa.table({"image": pa.array([], pa.binary())}), tmp_path / "no.parquet")
    with pytest.raises(NotFound, match="no rows with pictures"):
        open_pictures(tmp_path / "no.parquet")
    with pytest.raises(BadRecipe, match="one group"):
        open_pictures(damaged, "_c[0-9]+")
    with pytest.raises(BadRecipe, match="finds no camera in"):
        open_pictures(damaged, "_x([0-9]+)")
    (tmp_path / "empty" / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(CorruptData, match="none of its pictures can be read"):
        embed(open_pictures(tmp_path / "empty"), open_network(exported), tmp_path / "f.parquet")
    with pytest.raises(BadRecipe, match=r"ending in \.parquet"):
        embed(open_pictures(damaged), open_network(exported), tmp_path / "f.csv")
    shutil.copy(damaged / CAMERAS[0] / "0_0.jpg", tmp_path / "empty" / "b.jpg")
    with pytest.raises(BadRecipe, match=r"1 picture\(s\) of camera '', which the model does not"):
        embed(open_pictures(tmp_path / "empty"), open_network(model), tmp_path / "f.parquet")


def test_frames_of_a_sequence_are_not_taken_for_people(folder: Path, tmp_path: Path):
    frames = shutil.copytree(folder, tmp_path / "hall" / "img1")
    (tmp_path / "hall" / "det").mkdir()
    (tmp_path / "hall" / "det" / "det.txt").write_text("1,-1,5,5,20,40,1\n")
    with pytest.raises(BadRecipe, match=r"there is no .*hall/seqinfo\.ini"):
        open_pictures(tmp_path)
    assert len(open_pictures(frames)) == len(open_pictures(folder))


def test_boxes_beside_their_frame_and_lost_frames_are_skipped(tmp_path: Path, exported: Path):
    (tmp_path / "hall" / "img1").mkdir(parents=True)
    (tmp_path / "hall" / "det").mkdir()
    (tmp_path / "hall" / "seqinfo.ini").write_text("[Sequence]\nframeRate=5\nseqLength=2\n")
    frame = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "hall" / "img1" / "000001.jpg"), frame)
    boxes = ["1,-1,5,5,20,40,1", "1,-1,500,5,20,40,1", "1,-1,5,5,-3,40,1", "2,-1,5,5,20,40,1"]
    (tmp_path / "hall" / "det" / "det.txt").write_text("\n".join(boxes) + "\n")

    done = embed(open_pictures(tmp_path), open_network(exported), tmp_path / "f.parquet")

    assert (done.rows, done.cameras) == (1, 1)
    assert sorted(done.skipped) == ["hall/1/1", "hall/1/2", "hall/2/0"]
    assert "beside the frame" in done.skipped["hall/1/1"]
