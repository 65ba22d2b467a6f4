"""The training loop on made-up people: it learns, resumes bit-equally and refuses nonsense."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from manifests.errors import BadRecipe, CorruptData, NotFound, TrainingFailed
from tests.training.interrupting import stopped
from tests.training.striped_people import striped_crops
from training.checkpoints import (
    Checkpoint,
    load_checkpoint,
    load_network,
    restore,
    save_checkpoint,
)
from training.config import Precision, TrainingConfig, load_training
from training.data.crops import CropSet
from training.models.person_net import CLASSIFIER, PersonNet, build_network
from training.trainer import Trainer, TrainingProgress

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def crops() -> CropSet:
    return striped_crops(people=8, cameras=3, images=2)


def trainer_for(
    crops: CropSet, config: TrainingConfig, started: Checkpoint | None = None
) -> Trainer:
    network = build_network(config.model, len(crops.person_ids), config.seed)
    return Trainer(network, crops, config, CPU, started)


def test_the_loss_falls(crops: CropSet) -> None:
    seen: list[TrainingProgress] = []
    trainer = trainer_for(crops, load_training("tiny", {"iterations": 25}))
    trainer.run(seen.append)
    losses = trainer.totals
    assert len(losses) == 25
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:3])
    assert [now.iteration for now in seen] == [10, 20, 25]
    assert seen[-1].loss == pytest.approx(np.mean(losses[20:]))


def test_bfloat16_learns_too(crops: CropSet) -> None:
    config = load_training("tiny", {"iterations": 25, "precision": "bf16"})
    trainer = trainer_for(crops, config)
    trainer.run()
    losses = trainer.totals
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:3])


@pytest.fixture(scope="module")
def interrupted(crops: CropSet) -> Checkpoint:
    """What was saved of a run that ended after 3 of 7 iterations."""
    config = load_training("tiny", {"iterations": 7, "checkpoint_every": 3})
    return stopped(trainer_for(crops, config), checkpoints=1)


def test_an_interrupted_run_ends_as_if_nothing_had_happened(
    crops: CropSet, interrupted: Checkpoint
) -> None:
    whole = trainer_for(crops, interrupted.config)
    whole.run()
    assert interrupted.iteration == 3
    resumed = trainer_for(crops, interrupted.config, copy.deepcopy(interrupted))
    resumed.run()
    assert resumed.losses == whole.losses
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name


def test_an_interrupted_run_with_adamw_ends_alike(crops: CropSet) -> None:
    changed = {"iterations": 4, "checkpoint_every": 2, "optimiser": {"kind": "adamw"}}
    config = load_training("tiny", changed)
    whole = trainer_for(crops, config)
    whole.run()
    started = stopped(trainer_for(crops, config), checkpoints=1)
    resumed = trainer_for(crops, config, started)
    resumed.run()
    assert resumed.losses == whole.losses
    started = replace(started, **momentum(torch.zeros(1)))
    with pytest.raises(CorruptData, match=r"state\.0 is of no parameter of this network"):
        trainer_for(crops, config, started)


def momentum(value: object, number: int = 0, name: str = "momentum_buffer") -> dict[str, Any]:
    return {"optimiser": {"state": {number: {name: value}}, "param_groups": []}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            momentum(torch.zeros(3)),
            r"momentum_buffer is torch\.float32 \(3,\) instead of",
        ),
        (momentum("fast"), r"momentum_buffer is str instead of"),
        (momentum(None, number=1000), r"state\.1000 is of no parameter"),
        (momentum(None, name="exp_avg"), r"state\.0 is of no parameter"),
        ({"optimiser": {"state": [1.0]}}, r"optimiser\.state"),
        ({"optimiser": {}}, r"optimiser\.state"),
        ({"validations": ({"iteration": 2, "rank2": 0.5},)}, r"validations\.0\.rank1"),
        ({"validations": ({"iteration": 2, "rank1": "good"},)}, r"validations\.0\.rank1"),
    ],
)
def test_a_run_goes_on_only_from_what_is_its_own(
    changes: dict[str, Any], said: str, crops: CropSet, interrupted: Checkpoint
) -> None:
    with pytest.raises(CorruptData, match=rf"go on from: .*{said}"):
        trainer_for(crops, interrupted.config, replace(interrupted, **changes))


def test_a_diverging_loss_ends_the_run(crops: CropSet) -> None:
    trainer = trainer_for(crops, load_training("tiny"))
    with torch.no_grad():
        trainer.network.classifier.weight[0] = torch.inf
    with pytest.raises(
        TrainingFailed, match=r"at iteration 1 of 4; lower optimiser\.learning_rate"
    ):
        trainer.run()


def test_a_probe_chooses_a_number_format(crops: CropSet) -> None:
    config = load_training("tiny", {"iterations": 1, "precision": "by_probe"})
    trainer = trainer_for(crops, config)
    assert trainer.remembered(complete=False)["precision"] in (Precision.fp32, Precision.bf16)
    trainer.run()
    assert len(trainer.losses) == 1


def saved_model(folder: Path, backbone: str = "resnet8") -> tuple[Path, PersonNet]:
    people = 3
    config = load_training("tiny", {"model": {"backbone": backbone}})
    network = build_network(config.model, people, seed=1)
    checkpoint = Checkpoint(
        config=config,
        run="0" * 32,
        precision=Precision.fp32,
        iteration=4,
        people=tuple(f"0-{i:06d}" for i in range(people)),
        network=network.state_dict(),
        losses=(1.5, 1.25),
        lineage={"snapshot": 1},
    )
    path = folder / "model.pt"
    save_checkpoint(path, checkpoint)
    return path, network


def test_a_saved_model_comes_back(tmp_path: Path) -> None:
    path, network = saved_model(tmp_path)
    again, checkpoint = load_network(path)
    assert checkpoint.losses == (1.5, 1.25)
    assert checkpoint.lineage == {"snapshot": 1}
    assert all(torch.equal(v, again.state_dict()[k]) for k, v in network.state_dict().items())
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.pt"]


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    path, network = saved_model(tmp_path, backbone="resnet50")
    small = build_network(load_training("tiny").model, 3, seed=1)
    with pytest.raises(BadRecipe, match="resnet50"):
        restore(small, load_checkpoint(path))
    others = build_network(network.settings, 9, seed=2)
    with pytest.raises(BadRecipe, match="for 3 people"):
        restore(others, load_checkpoint(path))
    restore(others, load_checkpoint(path), CLASSIFIER)
    assert torch.equal(others.state_dict()["neck.weight"], network.state_dict()["neck.weight"])
    assert others.classifier.weight.shape == (9, 2048)


def test_files_that_are_no_checkpoints_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_checkpoint(tmp_path / "none.pt")
    with pytest.raises(CorruptData, match="cannot be read: "):
        load_checkpoint(Path("/proc/self/mem"))
    broken = tmp_path / "broken.pt"
    path, _ = saved_model(tmp_path)
    broken.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(CorruptData):
        load_checkpoint(broken)
    torch.save({"weights": torch.zeros(2)}, broken)
    with pytest.raises(CorruptData, match="not a checkpoint"):
        load_checkpoint(broken)


def test_every_flipped_bit_of_a_model_is_seen(tmp_path: Path) -> None:
    path, _ = saved_model(tmp_path)
    whole, rng = path.read_bytes(), np.random.default_rng(5)
    last = range(len(whole) - 90, len(whole))  # the seal and the length of the comment before it
    for position in [*rng.integers(len(whole), size=100).tolist(), *last]:
        damaged = bytearray(whole)
        damaged[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(CorruptData, match=r"model\.pt"):
            load_checkpoint(path)
    for shorter in (whole[:-1], whole[:-84], whole + b"\0", whole[: len(whole) // 2], b""):
        path.write_bytes(shorter)
        with pytest.raises(CorruptData, match=r"model\.pt"):
            load_checkpoint(path)


def stored(path: Path, **changes: Any) -> Path:
    """A model of format 1, which has no seal, in which somebody changed something."""
    content = torch.load(path, weights_only=True) | {"version": 1} | changes
    torch.save({name: value for name, value in content.items() if value is not ...}, path)
    return path


def test_models_of_the_first_release_can_be_read(tmp_path: Path) -> None:
    path, network = saved_model(tmp_path)
    again, _ = load_network(stored(path))
    assert torch.equal(again.state_dict()["neck.weight"], network.state_dict()["neck.weight"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "seal is missing"),
        ({"version": 3}, "format version 3"),
        ({"people": ...}, "people"),
        ({"people": 10_000_000}, "people"),
        ({"people": ["a"] * 1_000_000}, "names 1000000 people, but tells 3 apart"),
        ({"precision": "fp7"}, "precision"),
        ({"iteration": "many"}, "iteration"),
        ({"config": {"optimiser": 3}}, "config"),
        ({"network": ["a"]}, "network"),
        ({"network": {"neck.weight": 1.0}}, "network.neck.weight"),
        ({"optimiser": {"state": {0: torch.tensor([torch.nan])}}}, "optimiser.state.0 holds NaN"),
        ({"iteration": -1, "losses": [math.nan]}, "iteration"),
        ({"statistics": {"c1": {"neck.running_mean": torch.zeros(3)}}}, "camera 'c1' are not"),
    ],
)
def test_a_model_that_says_something_odd_is_refused_in_words(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path, _ = saved_model(tmp_path)
    with pytest.raises(CorruptData, match=rf"model\.pt: .*{said}"):
        load_checkpoint(stored(path, **changes))


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.full((3, 64), torch.nan), "NaN"),
        (torch.full((3, 64), torch.inf), "NaN"),
        (torch.zeros(1).expand(10_000_000, 64), "claims more numbers than it holds"),
    ],
)
def test_weights_that_cannot_be_are_refused(
    tensor: torch.Tensor, said: str, tmp_path: Path
) -> None:
    path, network = saved_model(tmp_path)
    weights = network.state_dict() | {"classifier.weight": tensor}
    with pytest.raises(CorruptData, match=rf"classifier\.weight .*{said}"):
        load_checkpoint(stored(path, network=weights))


def test_weights_of_another_number_type_do_not_fit(tmp_path: Path) -> None:
    path, network = saved_model(tmp_path)
    weights = {name: value.to(torch.float16) for name, value in network.state_dict().items()}
    with pytest.raises(BadRecipe, match="does not fit"):
        load_network(stored(path, network=weights))


class Payload:
    """Would run code when unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("this must never be printed",)


def test_a_checkpoint_cannot_run_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"format": "unrealperson-checkpoint", "network": Payload()}, tmp_path / "evil.pt")
    with pytest.raises(CorruptData, match="cannot be read safely"):
        load_checkpoint(tmp_path / "evil.pt")
    assert "never be printed" not in capsys.readouterr().out
