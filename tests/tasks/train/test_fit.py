"""The training stage: records, resuming after a kill, and finished runs that are kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from manifests.errors import BadRecipe, TrainingFailed
from manifests.reader import SnapshotReader
from tasks.train.fit import TrainedModel, fit, snapshot_data, train_snapshot
from tasks.train.summary import record_markdown
from tests.training.striped_people import StripedReader
from training.checkpoints import load_checkpoint
from training.config import TrainingConfig, load_training
from training.data.crops import CropSet, picture_cache
from training.run_files import CHECKPOINT_FILE, MODEL_FILE, RECORD_FILE
from training.trainer import TrainingProgress

CONFIG = load_training("tiny", {"iterations": 12, "checkpoint_every": 5})


@pytest.fixture(scope="module")
def reader() -> SnapshotReader:
    return cast(SnapshotReader, StripedReader(people=6, test_people=0))


def train(reader: SnapshotReader, config: TrainingConfig, folder: Path, **how: Any) -> TrainedModel:
    return fit(snapshot_data(reader, config, picture_cache()), config, folder, **how)


@pytest.fixture(scope="module")
def whole(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A run that nothing interrupted; what is done in its folder must leave it as it is."""
    return train(reader, CONFIG, tmp_path_factory.mktemp("whole"))


def test_leaves_a_model_and_a_record(reader: SnapshotReader, whole: TrainedModel) -> None:
    model, folder = whole, whole.path.parent
    assert model.path.name == MODEL_FILE
    assert len(model.losses) == 12
    assert model.cpu_seconds > 0
    checkpoint = load_checkpoint(model.path)
    assert checkpoint.config == CONFIG
    assert len(checkpoint.people) == 6
    assert sorted(checkpoint.statistics) == ["street_c00", "street_c01", "street_c02"]
    record = json.loads((folder / RECORD_FILE).read_text())
    assert record["lineage"]["content_digest"] == reader.snapshot.content_digest
    assert record["config"]["model"]["weights"] == "none"
    assert record["arithmetic"].startswith("cpu-fp32")
    told = record_markdown(folder / RECORD_FILE)
    assert "resnet8, 64 x 32, camera normalisation, first weights: none" in told
    assert f"striped 1, digest {reader.snapshot.content_digest[:12]}" in told
    assert not (folder / CHECKPOINT_FILE).exists()


def test_weights_are_refused_before_a_crop_is_decoded(
    reader: SnapshotReader, whole: TrainedModel, tmp_path: Path
) -> None:
    def never() -> CropSet:
        raise AssertionError("decoded")

    data = replace(snapshot_data(reader, CONFIG, picture_cache()), load=never)
    wrong = tmp_path / "wrong.pt"
    torch.save({"conv1.weight": torch.zeros(1)}, wrong)
    model = {"weights": "file", "weights_file": str(wrong)}
    with pytest.raises(BadRecipe, match="do not fit a resnet8"):
        fit(data, load_training("tiny", {"model": model}), tmp_path / "a")
    other = load_training("tiny", {"model": {"normalisation": "batch"}})
    with pytest.raises(BadRecipe, match="does not fit this network"):
        fit(data, other, tmp_path / "b", initial=whole.path)
    assert not any((tmp_path / name).exists() for name in "ab"), "a wildcard would find them"


def test_a_training_that_fails_leaves_nothing(
    reader: SnapshotReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(now: TrainingProgress) -> None:
        assert (folder / CHECKPOINT_FILE).exists()
        raise TrainingFailed("the loss is not a number")

    folder = tmp_path / "model"
    with pytest.raises(TrainingFailed):
        train(reader, CONFIG, folder, on_progress=diverge)
    assert not folder.exists()


def test_goes_on_where_it_was_stopped(
    reader: SnapshotReader, whole: TrainedModel, tmp_path: Path
) -> None:
    def stop(now: TrainingProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(reader, CONFIG, tmp_path, on_progress=stop)
    assert load_checkpoint(tmp_path / CHECKPOINT_FILE).iteration == 5
    resumed = train(reader, CONFIG, tmp_path)
    assert resumed.losses == whole.losses
    first, second = (load_checkpoint(m.path).network for m in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_finished_run_is_returned_as_it_is(reader: SnapshotReader, whole: TrainedModel) -> None:
    written = whole.path.stat().st_mtime_ns
    again = train(reader, CONFIG, whole.path.parent)
    assert again.path.stat().st_mtime_ns == written
    assert again.losses == whole.losses
    assert again.cpu_seconds == 0


def test_other_settings_start_over(
    reader: SnapshotReader, whole: TrainedModel, tmp_path: Path
) -> None:
    shutil.copytree(whole.path.parent, tmp_path, dirs_exist_ok=True)
    other = CONFIG.model_copy(update={"seed": 1})
    assert train(reader, other, tmp_path).losses != whole.losses
    assert load_checkpoint(tmp_path / MODEL_FILE).config.seed == 1


def test_held_out_people_are_measured_while_training(
    reader: SnapshotReader, tmp_path: Path
) -> None:
    validation = {"share": 0.34, "every": 2}
    config = load_training("tiny", {"validation": validation})
    seen: list[TrainingProgress] = []
    model = train(reader, config, tmp_path, on_progress=seen.append)
    assert len(load_checkpoint(model.path).people) == 4
    record = json.loads((tmp_path / RECORD_FILE).read_text())
    assert [v["iteration"] for v in record["validations"]] == [2, 4]
    assert all(0 <= v["rank1"] <= 1 for v in record["validations"])
    assert seen[-1].validation is not None
    assert seen[-1].validation.iteration == 4
    # Looking does not change what is learnt.
    rarely = config.model_copy(
        update={"validation": config.validation.model_copy(update={"every": 100})}
    )
    assert train(reader, rarely, tmp_path / "rarely").losses == model.losses
    assert "| 4 | " in record_markdown(tmp_path / RECORD_FILE)
    everybody = load_training("tiny", {"validation": {"share": 0.9}})
    with pytest.raises(TrainingFailed, match=r"validation\.share"):
        train(reader, everybody, tmp_path / "everybody")


def test_a_resumed_run_remembers_its_validations(reader: SnapshotReader, tmp_path: Path) -> None:
    config = load_training(
        "tiny",
        {"iterations": 12, "checkpoint_every": 4, "validation": {"share": 0.34, "every": 2}},
    )

    def stop(now: TrainingProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(reader, config, tmp_path, on_progress=stop)
    train(reader, config, tmp_path)
    record = json.loads((tmp_path / RECORD_FILE).read_text())
    assert [v["iteration"] for v in record["validations"]] == [2, 4, 6, 8, 10, 12]


def test_helpers_learn_what_one_process_learns(reader: SnapshotReader, tmp_path: Path) -> None:
    changes = {
        "iterations": 4,
        "batch": {"cameras": 2, "people": 2, "images": 2},
        "augmentation": {"flip": 0.5, "pad": 2, "erase": 0.5, "jitter": 0.5},
        "loss": {"triplet_weight": 1.0, "contrastive_weight": 0.5},
    }
    found: list[TrainedModel] = []
    for processes in (1, 2):
        config = load_training("tiny", {**changes, "processes": processes})
        found.append(train_snapshot(reader, config, tmp_path / str(processes)))
        assert record_of(found[-1])["processes"] == processes
    alone, pair = found
    assert pair.losses == pytest.approx(alone.losses, rel=1e-4)
    weights = [load_checkpoint(model.path).network for model in found]
    for name, value in weights[0].items():
        assert torch.allclose(value, weights[1][name], atol=1e-4), name


def record_of(model: TrainedModel) -> dict[str, Any]:
    return json.loads((model.path.parent / RECORD_FILE).read_text())
