"""Models as folders: read by ours, by safetensors and by the hub's own library, without pickle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard, ModelCardData
from safetensors.torch import load_file

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.run import compare_methods
from tasks.hub.models import data_licence, publish_model, saved_lineage
from tests.patching import in_this_thread
from training.checkpoints import load_checkpoint, load_network, save_checkpoint
from training.saved_model import Model


@pytest.fixture(scope="module")
def folder(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_model(model, tmp_path_factory.mktemp("public") / "striped", "A|b", "CC0-1.0")


def test_it_is_the_same_model_without_pickle(
    folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    crops = [rng.integers(0, 255, (90 + i, 40, 3), np.uint8) for i in range(6)]
    expected = Model.load(model).embed(crops)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("unpickled")

    in_this_thread(monkeypatch, torch, "load", never)
    assert not list(folder.rglob("*.pt"))
    assert np.array_equal(Model.load(folder).embed(crops), expected)
    assert np.array_equal(Model.load(folder / "model.safetensors").embed(crops), expected)


def test_nothing_is_lost_but_the_run(folder: Path, model: Path) -> None:
    was, now = load_checkpoint(model / "model.pt"), load_checkpoint(folder / "model.safetensors")
    assert (now.config, now.run, now.people, now.lineage) == (
        was.config, was.run, was.people, was.lineage
    )  # fmt: skip
    assert now.fingerprints is not None and was.fingerprints is not None
    assert torch.equal(now.fingerprints, was.fingerprints)
    assert now.statistics.keys() == was.statistics.keys() != set()
    for camera, values in was.statistics.items():
        for name, value in values.items():
            assert torch.equal(now.statistics[camera][name], value)


def test_the_network_is_a_plain_state_dict(folder: Path) -> None:
    network, _ = load_network(folder / "model.safetensors")
    network.load_state_dict(load_file(folder / "model.safetensors"))


def test_the_hub_reads_the_card(folder: Path, model: Path) -> None:
    """Its own checks of the head, without its server."""
    card = ModelCard.load(folder / "README.md")
    said = card.data.to_dict()
    assert said["license"] == "cc0-1.0" and said["pipeline_tag"] == "image-feature-extraction"
    assert isinstance(card.data, ModelCardData)
    (result, *_) = card.data.eval_results or []
    measured = json.loads((model / "metrics.json").read_text())["methods"][0]
    assert result.dataset_name == "small, snapshot 1"
    assert result.metric_value == measured["rank1"]
    low, high = measured["map_interval"]
    assert f"{100 * measured['map']:.1f} % ({100 * low:.1f} – {100 * high:.1f})" in card.text
    for part in ("Data", "Metrics", "Intended use", "Limits", "Licence"):
        assert f"\n## {part}\n" in card.text
    assert r"# A\|b" in card.text and "content digest" in card.text
    for named in ("cmc.png", "ranked.png", "metrics.json"):
        assert (folder / named).is_file() and named in card.text


def test_a_model_that_nobody_measured_says_so(model: Path, tmp_path: Path) -> None:
    shutil.copy(model / "model.pt", tmp_path / "model.pt")
    publish_model(tmp_path / "model.pt", tmp_path / "public", "bare", "My own terms, 2")
    card = ModelCard.load(tmp_path / "public" / "README.md")
    assert card.data.to_dict()["license_name"] == "my-own-terms-2"
    assert "It has not been measured" in card.text and "model-index" not in card.data.to_dict()


def test_it_is_published_measured_and_published_again(
    small: SnapshotReader, model: Path, folder: Path, tmp_path: Path
) -> None:
    first = Path(shutil.copytree(folder, tmp_path / "first"))
    measured = compare_methods(small, first).trained
    assert measured.mean("map") == json.loads((model / "metrics.json").read_text())["methods"][0][
        "map"
    ]  # fmt: skip
    terms = data_licence(saved_lineage(first), small.dataset.store)
    again = publish_model(model, tmp_path / "again", "again", terms, [first])
    assert (again / "README.md").read_text().count("| small, snapshot 1 | this model |") == 2
    assert "CC0-1.0" in (again / "README.md").read_text()


def damaged(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def edited(**fields: object) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **fields}).encode()


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (lambda f: (f / "config.json").unlink(), NotFound, "no config.json in it"),
        (lambda f: (f / "training.safetensors").unlink(), NotFound, "no training.safetensors"),
        (damaged("model.safetensors", lambda d: d[:-1] + b"!"), CorruptData, "SHA-256"),
        (damaged("config.json", edited(version=9)), CorruptData, "of version 9, this code reads 1"),
        (damaged("config.json", edited(format="x")), CorruptData, "not that of a model of ours"),
        (damaged("config.json", edited(statistics={"c": {"tensor": "x"}})), CorruptData, "'x'"),
        (damaged("config.json", edited(iteration="many")), CorruptData, "iteration"),
        (damaged("config.json", lambda d: b"{"), CorruptData, "not JSON"),
    ],
)  # fmt: skip
def test_a_damaged_folder_is_refused(
    folder: Path, tmp_path: Path, harm: Callable[[Path], object], error: type[Exception], words: str
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    harm(copy)
    with pytest.raises(error, match=words):
        Model.load(copy)


def test_what_cannot_be_published_is_refused(
    model: Path, folder: Path, small: SnapshotReader, tmp_path: Path
) -> None:
    with pytest.raises(BadRecipe, match="not empty"):
        publish_model(model, folder, "x", "MIT")
    with pytest.raises(NotFound, match=r"no metrics\.json in it"):
        publish_model(model, tmp_path / "a", "x", "MIT", [tmp_path])
    shutil.copy(model / "model.pt", tmp_path / "model.pt")
    other = json.loads((model / "metrics.json").read_text())
    other["methods"][0]["lineage"]["model"] = "0" * 64
    (tmp_path / "metrics.json").write_text(json.dumps(other))
    with pytest.raises(BadRecipe, match="is of another model"):
        publish_model(tmp_path, tmp_path / "a", "x", "MIT")
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(CorruptData, match="not what `unrealperson evaluate` writes"):
        publish_model(tmp_path, tmp_path / "a", "x", "MIT")
    assert not (tmp_path / "a").exists()
    with pytest.raises(BadRecipe, match=r"learnt from small does not follow .* say it with --lic"):
        data_licence(saved_lineage(model), open_store(tmp_path / "store"))


def test_photographs_of_others_are_not_copied(model: Path, tmp_path: Path) -> None:
    """A model that learnt from photographs: its ranked lists show people who are not ours."""
    was = load_checkpoint(model / "model.pt")
    lineage = {"dataset": "market1501", "split": "", "content_digest": "ab" * 16}
    save_checkpoint(tmp_path / "run" / "model.pt", replace(was, lineage=lineage))
    shutil.copy(model / "ranked.png", tmp_path / "run" / "ranked.png")
    assert cv2.imread(str(tmp_path / "run" / "ranked.png")) is not None
    public = publish_model(tmp_path / "run", tmp_path / "public", "x", "MIT")
    assert not (public / "ranked.png").exists()
    assert "Photographs that it learnt from" in (public / "README.md").read_text()
