"""An exported model computes what torch does, whatever is inside it and however many pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from manifests.errors import BadRecipe, CorruptData, NotFound
from tests.training.striped_people import StripedReader, striped_crops
from training.checkpoints import Checkpoint
from training.data.crops import load_crops
from training.data.decoding import resized
from training.evaluation.camera_statistics import current_statistics, set_statistics, together
from training.exported import statistics
from training.exported.export import Exported, export, in_8_bits, torch_features
from training.exported.form import KEY, asked_form
from training.exported.session import ExportedNetwork, load_exported
from training.models.person_net import PersonNet

Known = tuple[PersonNet, Checkpoint]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return striped_crops(images=4).images


@pytest.fixture(scope="module")
def usual(network_and_checkpoint: Known) -> Exported:
    network, checkpoint = network_and_checkpoint
    told = statistics.of_training(network, checkpoint)
    return export(network, checkpoint, told, asked_form())


@pytest.fixture(scope="module")
def outside(network_and_checkpoint: Known) -> Exported:
    """Floats that are normalised outside, of any size."""
    network, checkpoint = network_and_checkpoint
    told = statistics.of_training(network, checkpoint)
    form = asked_form(pictures="float", normalise=False, resize=True)
    return export(network, checkpoint, told, form)


@pytest.mark.parametrize("count", [1, 3, 70])
def test_features_are_torchs(
    usual: Exported, network_and_checkpoint: Known, images: np.ndarray, count: int
):
    network, checkpoint = network_and_checkpoint
    statistics.of_training(network, checkpoint)

    found = usual.network().features(images[:count])

    assert found.shape == (count, network.dimension)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.abs(found - torch_features(network, images[:count])).max() < 1e-4


def test_rankings_are_the_same(usual: Exported, network_and_checkpoint: Known):
    network, checkpoint = network_and_checkpoint
    statistics.of_training(network, checkpoint)
    crops = load_crops(StripedReader(people=2, test_people=8), "test", 64, 32)
    asked = crops.role == "query"

    ours, exported = (
        np.argsort(-features[asked] @ features[~asked].T, axis=1, kind="stable")
        for features in (
            usual.network().features(crops.images),
            torch_features(network, crops.images),
        )
    )

    assert asked.sum() == 24
    assert np.array_equal(ours, exported)


def test_floats_of_any_size_as_the_loader_resizes_them(
    outside: Exported, network_and_checkpoint: Known
):
    network, checkpoint = network_and_checkpoint
    statistics.of_training(network, checkpoint)
    large = np.random.default_rng(1).integers(0, 256, (2, 170, 70, 3), np.uint8)

    found = outside.network().features(large)

    own = torch_features(network, np.stack([resized(picture, 64, 32) for picture in large]))
    assert (found * own).sum(1).min() > 0.999
    assert outside.cosine > 0.999


def test_the_file_says_what_it_is_and_names_no_place(usual: Exported, tmp_path: Path):
    usual.write(tmp_path / "a.onnx")
    proto = onnx.load_model(tmp_path / "a.onnx")
    told = {entry.key: entry.value for entry in proto.metadata_props}

    assert proto.opset_import[0].version == 18 == int(told["opset"])
    assert told["torch"] and told["onnx"] and told["onnxruntime"]
    about = json.loads(told[KEY])
    assert about["statistics"] == "3 training cameras together"
    assert about["lineage"] == {"dataset": "striped"}
    assert load_exported(tmp_path / "a.onnx").about == usual.about
    assert str(Path(__file__).parents[3]).encode() not in usual.content


def test_statistics_of_one_camera_of_all_and_of_ones_own_pictures(
    network_and_checkpoint: Known, images: np.ndarray
):
    network, checkpoint = network_and_checkpoint
    one = checkpoint.statistics["street_c01"]

    assert statistics.of_camera(network, checkpoint, "street_c01") == "training camera street_c01"
    assert all((current_statistics(network)[name] == one[name]).all() for name in one)
    with pytest.raises(NotFound, match="did you mean street_c01"):
        statistics.of_camera(network, checkpoint, "steet_c01")

    of_each = list(checkpoint.statistics.values())
    mean = next(name for name in one if name.endswith("running_mean"))
    both = together(of_each)
    assert np.allclose(both[mean], np.mean([each[mean] for each in of_each], axis=0), atol=1e-6)
    spread = mean.replace("mean", "var")
    between = np.var([each[mean] for each in of_each], axis=0)
    within = np.mean([each[spread] for each in of_each], axis=0)
    assert np.allclose(both[spread], within + between, atol=1e-6)

    assert statistics.of_pictures(network, images) == f"{len(images)} pictures of the user's"
    # What the first layer sees depends on no statistics, so that both ways agree there.
    assert np.allclose(current_statistics(network)[mean], both[mean], atol=1e-5)
    with pytest.raises(BadRecipe, match="statistics need pictures"):
        statistics.of_pictures(network, images[:1])
    set_statistics(network, both)


def test_8_bits_stay_near(usual: Exported, images: np.ndarray):
    small = in_8_bits(usual, images)

    assert small.about.calibration == len(images)
    assert 0.95 < small.cosine < 1.0
    assert len(small.content) < 0.6 * len(usual.content)
    kinds = {node.op_type for node in onnx.load_model_from_string(small.content).graph.node}
    assert "QuantizeLinear" in kinds


def _with(usual: Exported, **changes: object) -> bytes:
    proto = onnx.load_model_from_string(usual.content)
    for entry in proto.metadata_props:
        if entry.key == KEY:
            entry.value = json.dumps(json.loads(entry.value) | changes)
    return proto.SerializeToString()


def test_other_files_are_refused_with_what_they_are(usual: Exported):
    with pytest.raises(CorruptData, match="of version 7, this code reads 1"):
        ExportedNetwork(_with(usual, version=7), "a.onnx")
    with pytest.raises(CorruptData, match=r"a\.onnx: its description: height"):
        ExportedNetwork(_with(usual, height=0), "a.onnx")
    with pytest.raises(CorruptData, match="no ONNX file"):
        ExportedNetwork(b"\x80\x04pickle", "a.onnx")
    proto = onnx.load_model_from_string(usual.content)
    del proto.metadata_props[:]
    with pytest.raises(CorruptData, match="none that `unrealperson export-model` wrote"):
        ExportedNetwork(proto.SerializeToString(), "a.onnx")


def test_a_file_that_names_others_is_refused(usual: Exported):
    """Or a stranger's model could read any file of this machine."""
    proto = onnx.load_model_from_string(usual.content)
    tensor = proto.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"

    with pytest.raises(CorruptData, match="in other files"):
        ExportedNetwork(proto.SerializeToString(), "a.onnx")


def test_what_does_not_go_together_is_refused():
    with pytest.raises(BadRecipe, match="bytes cannot be normalised"):
        asked_form(normalise=False)
    with pytest.raises(BadRecipe, match="opset"):
        asked_form(opset=11)
