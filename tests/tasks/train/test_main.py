"""Training on other data sets, fine-tuning, and training in two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import torch
import yaml
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import BadRecipe
from tasks.train.__main__ import main
from training.checkpoints import load_checkpoint
from training.config import BatchSettings, SamplerKind, load_training
from training.workers import Workers


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people in four cameras, named as in Market-1501."""
    folder = tmp_path_factory.mktemp("market") / "bounding_box_train"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for who in range(6):
        colour = rng.integers(40, 220, 3)
        for camera in range(1, 5):
            for shot in range(2):
                image = np.clip(colour + rng.normal(0, 20, (64, 32, 3)), 0, 255).astype(np.uint8)
                name = f"{who + 1:04d}_c{camera}s1_{shot:06d}_00.jpg"
                (folder / name).write_bytes(simplejpeg.encode_jpeg(image, colorspace="RGB"))
    for role in ("query", "bounding_box_test"):
        (folder.parent / role).mkdir()
    return folder.parent


def settings_file(folder: Path, **overrides: object) -> Path:
    config = load_training("tiny", {"iterations": 3, **overrides})
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")))
    return path


def arguments(root: Path, settings: Path, folder: Path) -> list[str]:
    return [
        *("--target", "market1501", "--root", str(root), "--partial"),
        *("--training", str(settings), "--folder", str(folder)),
    ]


def test_fine_tuning_starts_from_the_given_model(root: Path, tmp_path: Path) -> None:
    first = arguments(root, settings_file(tmp_path), tmp_path / "first")
    assert main(first) == 0
    frozen = settings_file(tmp_path, optimiser={"learning_rate": 1e-9}, seed=7)
    model = tmp_path / "first" / "model.pt"
    tuned = [*arguments(root, frozen, tmp_path / "tuned"), "--initial", str(model)]
    assert main(tuned) == 0
    before = load_checkpoint(model)
    after = load_checkpoint(tmp_path / "tuned" / "model.pt")
    assert after.lineage["initial"] == before.run
    assert torch.allclose(
        after.network["backbone.0.weight"],
        before.network["backbone.0.weight"],
        atol=1e-5,
    )
    # Another seed would have begun elsewhere; only the classifier did.
    assert not torch.allclose(
        after.network["classifier.weight"], before.network["classifier.weight"], atol=1e-5
    )


def test_the_same_from_the_command_line(root: Path, tmp_path: Path) -> None:
    settings = settings_file(tmp_path)
    options = ["--target", "market1501", "--root", str(root), "--partial"]
    command = ["train", *options, "--training", str(settings), "--output", str(tmp_path / "run")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "3/3  loss" in result.output
    assert load_checkpoint(tmp_path / "run" / "model.pt").lineage["dataset"] == "market1501"


def test_two_processes_learn_what_one_learns(root: Path, tmp_path: Path) -> None:
    settings = settings_file(
        tmp_path,
        batch={"cameras": 4, "people": 2, "images": 2},
        augmentation={"flip": 0, "pad": 0},
    )
    assert main(arguments(root, settings, tmp_path / "alone")) == 0
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    result = subprocess.run(
        [*torchrun, "-m", "tasks.train", *arguments(root, settings, tmp_path / "pair")],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    alone, pair = (load_checkpoint(tmp_path / who / "model.pt") for who in ("alone", "pair"))
    assert pair.losses == pytest.approx(alone.losses, rel=1e-4)
    for name, value in alone.network.items():
        assert torch.allclose(value, pair.network[name], atol=1e-4), name


def test_cameras_that_cannot_be_shared_evenly_are_refused() -> None:
    with pytest.raises(BadRecipe, match="share evenly"):
        Workers(0, 3).check(BatchSettings(cameras=8), cameras=8)
    with pytest.raises(BadRecipe, match="camera_balanced"):
        Workers(0, 2).check(BatchSettings(sampler=SamplerKind.paper), cameras=8)
    Workers(0, 4).check(BatchSettings(cameras=8), cameras=8)


def test_errors_have_their_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = arguments(tmp_path / "nowhere", settings_file(tmp_path), tmp_path / "out")
    assert main(wrong) == 44
    assert "no folder bounding_box_train" in capsys.readouterr().err
