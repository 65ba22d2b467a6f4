"""From a saved model to one ONNX file, compared, measured and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.errors import CorruptData, NotFound
from manifests.files_of_others import pictures_below
from tasks.evaluate.evaluation_sets import EvaluationSet
from tasks.exported.asked import Asked, require_askable
from tasks.exported.loss import Loss, loss
from training.checkpoints import Checkpoint, load_network
from training.data.decoding import decode_into
from training.evaluation.camera_statistics import STATISTICS_IMAGES
from training.exported import statistics
from training.exported.export import Exported, export, in_8_bits
from training.exported.form import PicturesAs
from training.heads import require_features
from training.models.person_net import PersonNet


@dataclass(frozen=True)
class Report:
    """The file that was written, and what it loses on test sets."""

    path: Path
    exported: Exported
    losses: tuple[Loss, ...]

    def lines(self) -> list[str]:
        """For a terminal."""
        about, form = self.exported.about, self.exported.about.form
        sides = "height, width" if form.resize else f"{about.height}, {about.width}"
        shape = f"{sides}, 3" if form.pictures is PicturesAs.uint8 else f"3, {sides}"
        versions = ", ".join(f"{name} {number}" for name, number in about.versions.items())
        told = [
            f"Exported: {self.path}, {len(self.exported.content) / 1e6:.1f} MB ({versions})",
            f"pictures ({form.pictures} N, {shape}) to features (float N, {about.dimension}) of "
            f"length 1; statistics: {about.statistics}",
        ]
        if about.calibration:
            told.append(
                f"8 bits by {about.calibration} pictures; least cosine to 32 bits "
                f"{self.exported.cosine:.4f}"
            )
        else:
            told.append(f"Largest difference from torch: {self.exported.apart:.1e}")
            if form.resize:
                told.append(f"Resized inside: least cosine to ours {self.exported.cosine:.6f}")
        return told + [line for found in self.losses for line in found.lines()]


def export_model(
    model: Path, output: Path, asked: Asked, tests: Sequence[EvaluationSet] = ()
) -> Report:
    """Export a model file and write it to ``output``; ``tests``: where its loss is measured.

    Raises what ``require_askable``, ``load_network`` and ``export`` raise, ``CorruptData`` for
    broken pictures, ``TrainingFailed`` for tests on what the model was trained on.
    """
    require_askable(output, asked)
    network, checkpoint = load_network(model)
    require_features(network.settings, "an ONNX file")
    told = _statistics(network, checkpoint, asked)
    found = export(network, checkpoint, told, asked.form)
    if asked.calibration is not None:
        found = in_8_bits(found, _pictures(asked.calibration, network))
    losses = tuple(loss(model, network, found, tested) for tested in tests)
    found.write(output)
    return Report(output, found, losses)


def _statistics(network: PersonNet, checkpoint: Checkpoint, asked: Asked) -> str:
    if asked.crops is not None:
        return statistics.of_pictures(network, _pictures(asked.crops, network))
    if asked.camera is not None:
        return statistics.of_camera(network, checkpoint, asked.camera)
    return statistics.of_training(network, checkpoint)


def _pictures(folder: Path, network: PersonNet) -> np.ndarray:
    """A sample of a folder's pictures at the network's size, (N, H, W, 3) uint8."""
    paths = pictures_below(folder)
    if not paths:
        raise NotFound(f"{folder}: no pictures below it")
    order = np.random.default_rng(0).permutation(len(paths))[:STATISTICS_IMAGES]
    chosen = [paths[row] for row in np.sort(order)]
    height, width = network.settings.height, network.settings.width
    images = np.empty((len(chosen), height, width, 3), np.uint8)
    decode_into(images, map(_bytes, chosen), [str(path) for path in chosen])
    return images


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorruptData(f"{path}: cannot be read: {error.strerror}") from error
