"""A saved network and its statistics to one ONNX file, compared with torch before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from onnx import compose

from manifests.errors import MissingRequirement
from manifests.whole_files import write_whole
from training.checkpoints import Checkpoint
from training.data.decoding import resized
from training.evaluation.features import both_ways
from training.exported.core import core
from training.exported.form import KEY, VERSION, About, Form
from training.exported.front import COLOURS, front
from training.exported.quantised import quantised
from training.exported.session import ExportedNetwork
from training.models.person_net import PersonNet

MOST_APART = 1e-4
"""Between a number of torch's features and of the exported model's, at the network's own size."""
LEAST_COSINE = 0.999
"""Between features of pictures that were resized by the loader and inside the model."""
_BATCHES = (1, 2, 5)
_PACKAGES = ("unrealperson", "torch", "onnx", "onnxscript", "onnxruntime")
_OTHER_SIZES = ((3, 2), (1.7, 2.4), (0.6, 0.8))
"""Heights and widths, as multiples of the network's, at which resizing is compared."""


@dataclass(frozen=True)
class Exported:
    """An exported model that was compared with torch, and not written yet.

    ``apart``: the largest difference of a number of its features; ``cosine``: the least similarity
    where it resizes, 1 where it does not.
    """

    content: bytes
    about: About
    apart: float
    cosine: float

    def write(self, path: Path) -> None:
        """The whole file at once."""
        write_whole(path, self.content)

    def network(self) -> ExportedNetwork:
        """Ready to be asked."""
        return ExportedNetwork(self.content, "the exported model")


def export(network: PersonNet, checkpoint: Checkpoint, statistics: str, form: Form) -> Exported:
    """A network with the statistics that it holds, which ``statistics`` names in words.

    ``MissingRequirement`` if what onnxruntime makes of it differs from what torch does by more than
    ``MOST_APART``, or where it resizes by less than ``LEAST_COSINE``.
    """
    network = network.float().to(memory_format=torch.contiguous_format).eval()
    about = _about(network, checkpoint, statistics, form)
    inner = core(network, form.opset)
    outer = front(form, (about.height, about.width), about.mean, about.std, inner.ir_version)
    whole = compose.merge_models(outer, inner, io_map=[(COLOURS, COLOURS)])
    del whole.opset_import[1:]  # each part brought the same
    content = _finished(whole, about)
    ready = ExportedNetwork(content, "the exported model")
    apart = max(_apart(network, ready, batch) for batch in _BATCHES)
    cosine = min(_cosines(network, ready)) if form.resize else 1.0
    if apart > MOST_APART or cosine < LEAST_COSINE:
        raise MissingRequirement(
            f"export: onnxruntime computes other features than torch: numbers are {apart:.1e} "
            f"apart (at most {MOST_APART:g}), cosine {cosine:.5f} after resizing (at least "
            f"{LEAST_COSINE}); with {_told(about.versions)}"
        )
    about = about.model_copy(update={"apart": apart})
    return Exported(_finished(whole, about), about, apart, cosine)


def in_8_bits(exported: Exported, images: np.ndarray) -> Exported:
    """The same model in 8 bits; ranges from pictures (N, H, W, 3) uint8 of the network's size."""
    about = exported.about
    whole = onnx.load_model_from_string(exported.content)
    small = quantised(whole, images, about.form, about.mean, about.std)
    exact = exported.network()
    about = about.model_copy(update={"calibration": len(images)})
    content = _finished(small, about)
    found = ExportedNetwork(content, "the exported model in 8 bits")
    probe = images[: max(_BATCHES)]
    features, own = found.features(probe), exact.features(probe)
    apart = float(np.abs(features - own).max())
    about = about.model_copy(update={"apart": apart})
    return Exported(_finished(small, about), about, apart, float((features * own).sum(1).min()))


def torch_features(network: PersonNet, images: np.ndarray) -> np.ndarray:
    """(N, D): of (N, H, W, 3) uint8 pictures by torch, with the statistics that a network holds."""
    with torch.inference_mode():
        return both_ways(network, torch.from_numpy(images))


def _about(network: PersonNet, checkpoint: Checkpoint, statistics: str, form: Form) -> About:
    settings = network.settings
    mean = (network.pixel_mean.double() / 255).flatten().tolist()
    std = (1 / (network.pixel_scale.double() * 255)).flatten().tolist()
    return About(
        version=VERSION,
        form=form,
        network=settings.backbone,
        height=settings.height,
        width=settings.width,
        dimension=network.dimension,
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
        statistics=statistics,
        run=checkpoint.run,
        lineage=dict(checkpoint.lineage),
        versions={name: version(name) for name in _PACKAGES} | {"opset": str(form.opset)},
    )


def _finished(whole: onnx.ModelProto, about: About) -> bytes:
    found = onnx.ModelProto()
    found.CopyFrom(whole)
    found.producer_name, found.producer_version = "unrealperson", about.versions["unrealperson"]
    del found.metadata_props[:]
    onnx.helper.set_model_props(found, {KEY: about.model_dump_json(), **about.versions})
    onnx.checker.check_model(found)
    return found.SerializeToString()


def _apart(network: PersonNet, ready: ExportedNetwork, batch: int) -> float:
    height, width = ready.size
    images = np.stack([_probe(batch + i, height, width) for i in range(batch)])
    return float(np.abs(torch_features(network, images) - ready.features(images)).max())


def _cosines(network: PersonNet, ready: ExportedNetwork) -> list[float]:
    height, width = ready.size
    found: list[float] = []
    for tall, wide in _OTHER_SIZES:
        image = _probe(1, round(tall * height), round(wide * width))
        own = torch_features(network, resized(image, height, width)[None])
        found.append(float((own * ready.features(image[None])).sum()))
    return found


def _probe(seed: int, height: int, width: int) -> np.ndarray:
    """A picture of soft spots, (height, width, 3) uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 4, 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def _told(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
