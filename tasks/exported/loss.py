"""What an exported model loses on a test set beside the network that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.evaluate.evaluation_sets import EvaluationSet
from tasks.evaluate.measure import Difference, Evaluation, difference, measure, now
from tasks.evaluate.models import measure_saved_model
from training.data.crops import CropSet
from training.data.decoding import decode_crop
from training.evaluation.metrics import gains_in_one_line, in_one_line
from training.exported.export import Exported, torch_features
from training.exported.session import ExportedNetwork
from training.models.person_net import PersonNet

EVALUATED, FOLDED, EXPORTED = (
    "as it is evaluated, with statistics of every test camera",
    "with the statistics that are folded in",
    "exported",
)
_PORTION = 64


@dataclass(frozen=True)
class Loss:
    """A model and its export on one test set.

    ``evaluated`` is None for networks whose statistics do not depend on what is tested;
    ``exported_minus_folded``: what exporting alone changes.
    """

    dataset: str
    evaluated: Evaluation | None
    folded: Evaluation
    exported: Evaluation
    exported_minus_folded: Difference

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        yield f"On {self.dataset}:"
        for found in (self.evaluated, self.folded, self.exported):
            if found is not None:
                yield f"  {found.method}: {in_one_line(found.means())}"
        yield f"  exported minus folded in: {gains_in_one_line(self.exported_minus_folded)}"


def loss(model: Path, network: PersonNet, exported: Exported, tested: EvaluationSet) -> Loss:
    """Measure the model file, ``network`` with the statistics that it holds, and its export.

    ``TrainingFailed`` if the model was trained on who or what is tested.
    """
    usual = measure_saved_model(model, tested, method=EVALUATED).evaluation
    crops = tested.crops(exported.about.height, exported.about.width)
    folded = _measured(FOLDED, usual, crops, _by_torch(network, crops.images))
    ready = exported.network()
    features = (
        _at_their_sizes(ready, tested, crops)
        if exported.about.form.resize
        else ready.features(crops.images)
    )
    found = _measured(EXPORTED, usual, crops, features)
    evaluated = usual if network.camera_based else None
    return Loss(tested.dataset, evaluated, folded, found, difference(found, folded))


def _measured(method: str, usual: Evaluation, crops: CropSet, features: np.ndarray) -> Evaluation:
    return measure(method, usual.lineage, crops, features, usual.measuring, now())


def _by_torch(network: PersonNet, images: np.ndarray) -> np.ndarray:
    portions = range(0, len(images), _PORTION)
    return np.concatenate([torch_features(network, images[at : at + _PORTION]) for at in portions])


def _at_their_sizes(ready: ExportedNetwork, tested: EvaluationSet, crops: CropSet) -> np.ndarray:
    """Pictures as they are stored, which the model resizes, one by one: sizes differ."""
    pictures = zip(tested.encoded(), crops.keys.tolist(), strict=True)
    return np.concatenate([ready.features(decode_crop(data, key)[None]) for data, key in pictures])
