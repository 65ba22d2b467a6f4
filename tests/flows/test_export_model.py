"""A model becomes a file as people type it, and what it loses on a list of theirs is said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.flows.typed import run_cli
from tests.training.small_model import save_small_model
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader, striped_crops
from training.checkpoints import load_network, save_checkpoint
from training.config import Precision
from training.evaluation.camera_statistics import saved_statistics
from training.exported.session import load_exported
from training.precision import arithmetic


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained, with statistics of three cameras."""
    torch.set_num_threads(1)
    folder = save_small_model(tmp_path_factory.mktemp("model"))
    network, checkpoint = load_network(folder / "model.pt")
    how = arithmetic(Precision.fp32, torch.device("cpu"))
    statistics = saved_statistics(network, striped_crops(), how)
    save_checkpoint(folder / "model.pt", replace(checkpoint, statistics=statistics))
    return folder


def test_a_model_that_resizes_in_8_bits_and_its_loss(model: Path, tmp_path: Path) -> None:
    people = write_striped_list(tmp_path / "lab.csv", StripedReader(people=0, test_people=6))
    file = tmp_path / "out" / "reid.onnx"

    typed = run_cli(
        *("export-model", str(model), "-o", str(file), "--resize"),
        *("--int8", str(tmp_path), "--target", str(people)),
    )

    assert typed.returncode == 0, typed.stderr
    network = load_exported(file)
    assert network.about.calibration == 36
    assert network.features(np.zeros((3, 90, 41, 3), np.uint8)).shape == (3, 64)
    assert "3 training cameras together" in typed.stdout
    said = re.findall(r"^  (.*): rank-1 [0-9.]+%, mAP ([0-9.]+)%", typed.stdout, re.MULTILINE)
    assert [name.split()[0] for name, _ in said] == ["as", "with", "exported"]
    _, folded, exported = (float(share) for _, share in said)
    assert abs(folded - exported) < 10
    assert "exported minus folded in: rank-1" in typed.stdout


def test_statistics_of_a_camera_that_nobody_knows(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "reid.onnx"

    typed = run_cli("export-model", str(model), "-o", str(file), "--camera", "street_c9")

    assert typed.returncode == 44
    assert "the model knows street_c00, street_c01, street_c02" in typed.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "reid.pt"), r"--output reid\.pt: must end in \.onnx"),
        (("--camera", "a", "--crops", "."), "one of both"),
        (("--int8", "nowhere"), "--int8 nowhere: no such folder"),
    ],
)
def test_what_cannot_be_asked(model: Path, words: tuple[str, ...], said: str) -> None:
    typed = run_cli("export-model", str(model), *words)

    assert typed.returncode != 0
    assert re.search(said, typed.stderr)
