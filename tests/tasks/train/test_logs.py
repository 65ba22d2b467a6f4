"""Logs of a training: its table of losses, TensorBoard by its own reader, a log of one's own."""

from __future__ import annotations

import csv
import importlib.util
import logging
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest
import torch

from manifests.errors import BadRecipe, MissingRequirement, TrainingFailed
from manifests.reader import SnapshotReader
from tasks.train.fit import TrainedModel, fit, snapshot_data
from tests.training.logs.own_logs import Heard
from tests.training.striped_people import StripedReader
from training.checkpoints import load_checkpoint
from training.config import load_training
from training.data.crops import picture_cache
from training.trainer import TrainingProgress

CHANGES = {"precision": "fp32", "iterations": 12, "checkpoint_every": 5}
CONFIG = load_training("tiny", {**CHANGES, "validation": {"share": 0.3, "every": 6}})
OWN = "tests.training.logs.own_logs"


@pytest.fixture(scope="module")
def reader() -> SnapshotReader:
    return cast(SnapshotReader, StripedReader(people=7, test_people=0))


def train(reader: SnapshotReader, folder: Path, **how: Any) -> TrainedModel:
    return fit(snapshot_data(reader, CONFIG, picture_cache()), CONFIG, folder, **how)


@pytest.fixture(scope="module")
def unheard(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A training that tells nobody."""
    return train(reader, tmp_path_factory.mktemp("unheard"))


@pytest.fixture(scope="module")
def heard(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """One that tells TensorBoard and ``Heard``, and is interrupted on the way."""
    folder = tmp_path_factory.mktemp("heard")

    def stop(now: TrainingProgress) -> None:
        if now.iteration == 10:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNREALPERSON_LOGS", f"tensorboard, {OWN}:Heard")
        with pytest.raises(KeyboardInterrupt):
            train(reader, folder, on_progress=stop)
        assert [what for what, *_ in Heard.told] == ["run", "pictures", "scalars", "close"]
        assert Heard.told[-1] == ("close", False)
        return train(reader, folder)


def test_nothing_else_is_learnt_for_being_told(unheard: TrainedModel, heard: TrainedModel) -> None:
    assert heard.losses == unheard.losses
    with_logs, without = (load_checkpoint(run.path).network for run in (heard, unheard))
    assert all(torch.equal(with_logs[name], without[name]) for name in without)


def test_the_loss_of_every_iteration_is_a_table(unheard: TrainedModel, heard: TrainedModel) -> None:
    text = (unheard.path.parent / "loss.csv").read_text()
    assert (heard.path.parent / "loss.csv").read_text() == text
    rows = list(csv.DictReader(text.splitlines()))
    assert [int(row["iteration"]) for row in rows] == list(range(1, 13))
    assert [float(row["loss"]) for row in rows] == pytest.approx(unheard.losses)
    assert all(0 < float(row["learning_rate"]) <= CONFIG.optimiser.learning_rate for row in rows)


def test_tensorboards_reader_finds_scalars_pictures_and_embeddings(heard: TrainedModel) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = heard.path.parent / "tensorboard"
    events = EventAccumulator(str(folder), size_guidance={"images": 0})
    events.Reload()
    # It was interrupted at 10, went on from 5 and told 10 again: once is kept.
    assert [event.step for event in events.Scalars("loss")] == [10, 12]
    assert events.Scalars("loss")[-1].value == pytest.approx(np.mean(heard.losses[-2:]))
    assert [event.step for event in events.Scalars("held_out/map")] == [10, 12]
    assert {"learning_rate", "images_per_second"} <= set(events.Tags()["scalars"])
    (first, *_) = events.Images("batch")
    picture = cv2.imdecode(np.frombuffer(first.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None and picture.shape == (128, 256, 3) and picture.std() > 10

    projector = (folder / "projector_config.pbtxt").read_text()
    assert "held_out" in projector and "sprite" in projector
    (vectors,) = folder.glob("*/*/tensors.tsv")
    (names,) = folder.glob("*/*/metadata.tsv")
    assert np.loadtxt(vectors, delimiter="\t").shape == (12, 64)
    assert names.read_text().splitlines()[:2] == ["person\tcamera", "0-000000\tstreet_c00"]


def test_a_log_of_ones_own_hears_all_of_it(heard: TrainedModel) -> None:
    (_, run), *told = Heard.told
    assert run.folder == heard.path.parent and run.iteration == 5
    assert run.name == "tiny on striped" and run.flat_settings()["batch.people"] == 2
    assert [what for what, *_ in told] == ["scalars", "scalars", "embeddings", "close"]
    assert told[-1] == ("close", True)
    _, iteration, seen = told[-2]
    assert iteration == 12 and seen.what == "held_out"
    assert np.allclose(np.linalg.norm(seen.features, axis=1), 1, atol=1e-5)
    assert len(seen.features) == len(seen.images) == len(seen.person) == len(seen.camera) == 12


def test_a_log_that_fails_ends_no_training(
    reader: SnapshotReader,
    unheard: TrainedModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("UNREALPERSON_LOGS", f"{OWN}:Failing")
    with caplog.at_level(logging.WARNING):
        assert train(reader, tmp_path).losses == unheard.losses
    (line,) = [r.getMessage() for r in caplog.records if "told no more" in r.getMessage()]
    assert line == "Failing is told no more of this run: ConnectionError: nobody there"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("tensorbord", "'tensorbord' is no log; there is tensorboard"),
        (f"{OWN}:NoLog", "must be a class that inherits from unrealperson.RunLog"),
        (f"{OWN}:Nobody", "must be a class"),
        ("no.such.module:Log", "cannot be loaded: ModuleNotFoundError"),
        ("nothing.py:Log", "cannot be loaded: FileNotFoundError"),
    ],
)
def test_what_is_no_log_is_refused_before_anything_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, said: str
) -> None:
    monkeypatch.setenv("UNREALPERSON_LOGS", word)
    with pytest.raises(BadRecipe, match=said):
        train(cast(SnapshotReader, StripedReader(people=1)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_tensorboard_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_LOGS", "tensorboard")
    monkeypatch.setattr("training.logs.chosen.find_spec", lambda _: None)
    with pytest.raises(MissingRequirement, match=r'"\.\[logs\]"'):
        train(cast(SnapshotReader, StripedReader(people=1)), tmp_path / "run")


def test_a_file_holds_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = importlib.util.find_spec(OWN)
    assert source is not None and source.origin is not None
    own = tmp_path / "hear_this.py"
    own.write_text(Path(source.origin).read_text())
    monkeypatch.setenv("UNREALPERSON_LOGS", f"{own}:Heard")
    # Nobody can be told apart; the log is found before that is seen.
    with pytest.raises(TrainingFailed):
        train(cast(SnapshotReader, StripedReader(people=1)), tmp_path / "run")
