"""Pictures of striped people in a folder for each camera, and a model that has seen them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.small_model import save_small_model
from tests.training.striped_people import StripedReader
from training.checkpoints import load_checkpoint, load_network, save_checkpoint
from training.exported.export import export
from training.exported.form import asked_form

CAMERAS = ("street_c00", "street_c01")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people, three pictures of each by each of two cameras; `street_c00/2_1.jpg`."""
    folder = tmp_path_factory.mktemp("pictures")
    reader = StripedReader(people=6, cameras=2, images=3, test_people=0)
    for row, data in zip(reader.table().to_pylist(), reader.images(), strict=True):
        who, _, shot = row["crop_key"].split("/")
        path = folder / row["camera"] / f"{who}_{shot}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an untrained model, which normalises by camera."""
    return save_small_model(tmp_path_factory.mktemp("embedding")) / "model.pt"


@pytest.fixture(scope="session")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as ONNX, with the statistics that it began with."""
    network, checkpoint = load_network(model)
    file = tmp_path_factory.mktemp("exported") / "reid.onnx"
    export(network, checkpoint, "those it began with", asked_form()).write(file)
    return file


@pytest.fixture(scope="session")
def other_model(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of another run."""
    file = tmp_path_factory.mktemp("other") / "model.pt"
    save_checkpoint(file, replace(load_checkpoint(model), run="another"))
    return file
