"""A saved model on other data sets: results, pictures, embeddings and refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from tasks.evaluate.__main__ import main
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader
from training.checkpoints import Checkpoint, save_checkpoint
from training.config import Precision, load_training
from training.models.person_net import build_network


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network will do."""
    config = load_training("tiny")
    path = tmp_path_factory.mktemp("model") / "model.pt"
    network = build_network(config.model, 2, seed=0).state_dict()
    save_checkpoint(path, Checkpoint(config, "0" * 32, Precision.fp32, 1, ("a", "b"), network))
    return path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Striped people as an own data set with a CSV; everybody changes clothes in camera 2."""
    folder = tmp_path_factory.mktemp("own")
    reader = StripedReader(people=0, cameras=3, images=2, test_people=5)
    write_striped_list(folder / "own.csv", reader)
    return folder


def arguments(model: Path, root: Path, folder: Path, *more: str) -> list[str]:
    places = ["--model", str(model), "--root", str(root), "--folder", str(folder)]
    return [*places, "--target", "own.csv", *more]


def test_leaves_metrics_pictures_and_embeddings(model: Path, root: Path, tmp_path: Path) -> None:
    assert main(arguments(model, root, tmp_path, "--embeddings")) == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    (split,) = metrics["splits"]
    assert (split["queries"], split["gallery"], split["people"]) == (15, 15, 5)
    assert metrics["rank1"] == split["rank1"]
    assert split["lineage"]["model"] == "0" * 32
    embeddings = pq.read_table(tmp_path / "embeddings.parquet")
    assert embeddings.num_rows == 30
    first = np.array(embeddings["feature"][0].as_py())
    assert first @ first == pytest.approx(1, abs=1e-4)
    for name in ("cmc.png", "ranked.png"):
        picture = cv2.imread(str(tmp_path / name))
        assert picture is not None
        assert picture.std() > 10


def test_other_protocols(model: Path, root: Path, tmp_path: Path) -> None:
    changing = arguments(model, root, tmp_path, "--protocol", "cloth_changing", "--rerank")
    assert main(changing) == 0
    (split,) = json.loads((tmp_path / "metrics.json").read_text())["splits"]
    assert split["protocol"] == "cloth_changing"
    assert split["reranked"] is True
    # Cameras 0 and 1 see the same clothes, so their pairs have no match left.
    pairs = {(p["query_camera"], p["gallery_camera"]) for p in split["camera_pairs"]}
    assert ("street_c00", "street_c01") not in pairs
    assert ("street_c00", "street_c02") in pairs


def test_too_few_crops_to_rerank_are_an_error_that_says_so(
    model: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *lines = (root / "own.csv").read_text().splitlines()
    few = [line for line in lines if "0-000000" in line or "0-000001" in line]
    (root / "few.csv").write_text("\n".join([head, *few]) + "\n")
    asked = arguments(model, root, tmp_path, "--rerank")
    asked[asked.index("own.csv")] = "few.csv"
    assert main(asked) == 50
    assert "needs more than 21 crops of queries and gallery, got 12" in capsys.readouterr().err


def test_people_in_both_splits_are_refused(
    model: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (root / "own.csv").read_text().splitlines()
    mixed = [line.replace(",query,", ",train,", 1) if "_0_0" in line else line for line in lines]
    (root / "mixed.csv").write_text("\n".join(mixed) + "\n")
    wrong = arguments(model, root, tmp_path)
    wrong[wrong.index("own.csv")] = "mixed.csv"
    assert main(wrong) == 50
    assert "in both the training and the test images" in capsys.readouterr().err


def test_a_missing_data_set_has_its_exit_code(model: Path, tmp_path: Path) -> None:
    assert main(arguments(model, tmp_path / "nowhere", tmp_path)) == 44


def test_queries_without_a_match_are_counted(
    model: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (root / "own.csv").read_text().splitlines()
    lonely = [line for line in lines if not ("0-000004" in line and ",gallery," in line)]
    (root / "lonely.csv").write_text("\n".join(lonely) + "\n")
    asked = arguments(model, root, tmp_path)
    asked[asked.index("own.csv")] = "lonely.csv"
    assert main(asked) == 0
    (split,) = json.loads((tmp_path / "metrics.json").read_text())["splits"]
    assert (split["queries"], split["skipped_queries"]) == (12, 3)
    assert "skipped 3" in capsys.readouterr().out


def test_the_training_part_as_a_test_says_so(
    model: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *lines = (root / "own.csv").read_text().splitlines()
    trained = [re.sub(",(query|gallery),", ",train,", line) for line in lines]
    (root / "trained.csv").write_text("\n".join([head, *trained]) + "\n")
    asked = arguments(model, root, tmp_path)
    asked[asked.index("own.csv")] = "trained.csv"
    assert main(asked) == 50
    refused = capsys.readouterr().err
    assert "no query and no gallery images (there are 30 train)" in refused
    assert "--test-on train" in refused
    assert main([*asked, "--test-on", "train"]) == 0
    assert capsys.readouterr().out.startswith("trained.csv tested on train: rank-1")
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["tested_on"] == "train"
    (split,) = metrics["splits"]
    assert split["lineage"]["split"] == "tested on train"
    # Two images of each of five people by each of three cameras.
    assert (split["queries"], split["gallery"], split["people"]) == (15, 15, 5)


@pytest.mark.parametrize(
    ("changed", "protocol", "complaint"),
    [
        ((r",street_c\d+,", ",door,"), "standard", "by another camera .query by door; gallery by"),
        ((r",0-(\d+),(street_c\d+,query)", r",q\1,\2"), "standard", "nobody who is asked for is"),
        ((r",\d$", ",4"), "cloth_changing", "by another camera and in other clothes"),
    ],
    ids=["one camera", "other people", "one outfit"],
)
def test_a_target_without_matches_is_refused_before_anything_is_decoded(
    model: Path,
    root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changed: tuple[str, str],
    protocol: str,
    complaint: str,
) -> None:
    head, *lines = (root / "own.csv").read_text().splitlines()
    rows = [re.sub(*changed, line) for line in lines]
    for line in lines:
        (tmp_path / line.split(",")[0]).write_bytes(b"nothing that could be decoded")
    (tmp_path / "own.csv").write_text("\n".join([head, *rows]) + "\n")
    assert main(arguments(model, tmp_path, tmp_path / "out", "--protocol", protocol)) == 50
    refused = capsys.readouterr().err
    assert "own in " in refused
    assert re.search(complaint, refused)


def test_a_truncated_image_is_named(
    model: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *_ = sorted(root.glob("*.jpg"))
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    try:
        assert main(arguments(model, root, tmp_path)) == 43
    finally:
        first.write_bytes(whole)
    assert first.name in capsys.readouterr().err
    assert not (tmp_path / "metrics.json").exists()
