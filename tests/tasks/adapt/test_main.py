"""Adapting between two data sets on disk: resuming, measuring, two processes, refusals."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import yaml

from tasks.adapt.__main__ import main
from tests.training.striped_people import StripedReader
from training.adaptation.config import load_adaptation
from training.checkpoints import load_checkpoint


def write_data_set(folder: Path, seed: int, times: bool = True) -> Path:
    """Striped people, some to train on and some to test with, as an own data set with a CSV."""
    folder.mkdir(parents=True)
    reader = StripedReader(people=8, cameras=4, images=2, test_people=5, seed=seed)
    lines = ["path,person,camera,role,time,session"]
    for row, data in zip(reader.table().to_pylist(), reader.images(), strict=True):
        name = row["crop_key"].replace("/", "_") + ".jpg"
        (folder / name).write_bytes(data)
        labels = (row["person_id"], row["camera"], row["role"])
        lines.append(",".join([name, *labels, str(row["time"]) if times else "", "one"]))
    (folder / "own.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("worlds")
    return write_data_set(folder / "source", 1), write_data_set(folder / "target", 2)


def settings_file(folder: Path, **overrides: object) -> Path:
    config = load_adaptation("tiny", overrides)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")))
    return path


def arguments(worlds: tuple[Path, Path], settings: Path, folder: Path, *more: str) -> list[str]:
    source, target = worlds
    return [
        *("--source", "own.csv", "--source-root", str(source)),
        *("--target", "own.csv", "--target-root", str(target)),
        *("--adaptation", str(settings), "--folder", str(folder), *more),
    ]


@dataclass(frozen=True)
class Adapted:
    """What an adaptation was asked, where it lies and what it said."""

    asked: list[str]
    folder: Path
    said: str


@pytest.fixture(scope="module")
def first(worlds: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Adapted:
    folder = tmp_path_factory.mktemp("first")
    asked = arguments(worlds, settings_file(folder), folder / "run")
    with redirect_stdout(io.StringIO()) as said:
        assert main(asked) == 0
    return Adapted(asked, folder / "run", said.getvalue())


def test_adapts_and_measures_with_and_without_time(
    worlds: tuple[Path, Path], first: Adapted, tmp_path: Path
) -> None:
    assert "JVTC+: rank-1" in first.said
    record = json.loads((first.folder / "run.json").read_text())
    assert record["views"] == "colour and frequency statistics"
    assert [r["similarity"] for r in record["refreshes"]] == ["visual"]
    assert record["target"] == {"cameras": 4, "images": 64}
    metrics = json.loads((first.folder / "metrics.json").read_text())
    assert [m["method"] for m in metrics["methods"]] == ["JVTC", "JVTC+"]
    assert {m["queries"] for m in metrics["methods"]} == {20}
    # Started from and compared with a model: here the first one stands for direct transfer.
    more = ("--initial", str(first.folder))
    assert main(arguments(worlds, settings_file(tmp_path), tmp_path / "second", *more)) == 0
    # Whatever was learnt from, labelled or not, is remembered.
    remembered = load_checkpoint(tmp_path / "second" / "model.pt").fingerprints
    assert remembered is not None and len(remembered) == 2 * 64
    metrics = json.loads((tmp_path / "second" / "metrics.json").read_text())
    assert [m["method"] for m in metrics["methods"]] == ["direct transfer", "JVTC", "JVTC+"]
    assert set(metrics["adapted_minus_direct"]) == {"rank1", "map"}
    assert (tmp_path / "second" / "cmc.png").stat().st_size > 1000


def test_a_finished_adaptation_is_not_repeated(first: Adapted) -> None:
    written = (first.folder / "model.pt").stat().st_mtime_ns
    assert main(first.asked) == 0
    assert (first.folder / "model.pt").stat().st_mtime_ns == written


DIES_AFTER_AN_EPOCH = """
import os, signal, sys
from tasks.adapt.__main__ import main
from training import runs

save = runs.save_checkpoint

def save_and_die(*these):
    save(*these)
    os.kill(os.getpid(), signal.SIGKILL)

runs.save_checkpoint = save_and_die
main(sys.argv[1:])
"""


def test_a_killed_adaptation_goes_on(worlds: tuple[Path, Path], tmp_path: Path) -> None:
    """Killed between two epochs, it ends with the weights of an undisturbed run."""
    settings = settings_file(tmp_path, epochs=4)
    assert main(arguments(worlds, settings, tmp_path / "whole")) == 0
    folder = tmp_path / "killed"
    command = [sys.executable, "-c", DIES_AFTER_AN_EPOCH, *arguments(worlds, settings, folder)]
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == -signal.SIGKILL
    assert not (folder / "model.pt").exists()
    assert load_checkpoint(folder / "checkpoint.pt").iteration == 2
    assert main(arguments(worlds, settings, folder)) == 0
    whole, killed = (load_checkpoint(f / "model.pt") for f in (tmp_path / "whole", folder))
    assert killed.losses == whole.losses
    for name, value in whole.network.items():
        assert torch.equal(value, killed.network[name]), name


def test_two_processes_adapt_as_one_does(worlds: tuple[Path, Path], tmp_path: Path) -> None:
    settings = settings_file(
        tmp_path,
        source={"cameras": 4, "people": 2, "images": 2},
        target={"images": 4, "views": 4},
        augmentation={"flip": 0, "pad": 0, "erase": 0},
        # Rounding differs between the two; more and larger steps would let it grow.
        iterations=1,
        optimiser={"learning_rate": 0.001, "nesterov": False},
        new_layers_rate=1.0,
        memory={"from_epoch": 1},
    )
    assert main(arguments(worlds, settings, tmp_path / "alone")) == 0
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    result = subprocess.run(
        [*torchrun, "-m", "tasks.adapt", *arguments(worlds, settings, tmp_path / "pair")],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    alone, pair = (load_checkpoint(tmp_path / who / "model.pt") for who in ("alone", "pair"))
    assert pair.losses == pytest.approx(alone.losses, rel=2e-3)
    for name, value in alone.network.items():
        assert torch.allclose(value, pair.network[name], atol=1e-3), name


def test_without_times_only_looks_count(
    worlds: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeless = (worlds[0], write_data_set(tmp_path / "timeless", 2, times=False))
    joint = arguments(timeless, settings_file(tmp_path), tmp_path / "joint")
    assert main(joint) == 10
    assert "refresh.joint_from" in capsys.readouterr().err
    visual = settings_file(tmp_path / "visual", refresh={"joint_from": None})
    assert main(arguments(timeless, visual, tmp_path / "run")) == 0
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert [m["method"] for m in metrics["methods"]] == ["JVTC"]


def test_places_that_are_not_there(
    worlds: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_file(tmp_path)
    assert main(arguments((tmp_path / "none", worlds[1]), settings, tmp_path / "out")) == 44
    camstyle = ("--camstyle", str(tmp_path / "styles"))
    assert main(arguments(worlds, settings, tmp_path / "out", *camstyle)) == 44
    assert "no such folder" in capsys.readouterr().err
