"""A model that was trained here and embeds, with statistics of every camera of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from manifests.errors import BadRecipe, CorruptData
from training.data.crops import crop_set
from training.embedding.identity import ModelIdentity, sha256_of
from training.evaluation.camera_statistics import (
    BATCH,
    Statistics,
    current_statistics,
    estimate_statistics,
    in_batches,
    set_statistics,
    together,
)
from training.evaluation.embedder import saved_embedder
from training.evaluation.features import both_ways
from training.heads import require_features


class TorchNetwork:
    """See ``training.embedding.network.Network``."""

    def __init__(self, path: Path) -> None:
        """Raises ``NotFound`` and ``CorruptData``."""
        self._embedder, checkpoint = saved_embedder(path)
        network = self._embedder.network
        require_features(network.settings, f"embedding with {path.name}")
        self.camera_based = network.camera_based
        self.identity = ModelIdentity(
            file=str(path.absolute()),
            sha256=sha256_of(path),
            kind="torch",
            network=checkpoint.config.model.backbone,
            height=self._embedder.height,
            width=self._embedder.width,
            dimension=network.dimension,
            run=checkpoint.run,
            statistics="of each camera's pictures" if self.camera_based else "of the training",
            lineage=dict(checkpoint.lineage),
        )
        self._embedder.how.prepared(network)
        network.eval()
        self._form = current_statistics(network)

    def embed(self, images: np.ndarray, cameras: Sequence[str]) -> np.ndarray:
        """As an evaluation embeds its test crops; ``BadRecipe`` for a camera with one picture."""
        if self.camera_based:
            _expect_several(cameras)
        nothing = [""] * len(images)
        labels = {
            "crop_key": [str(i) for i in range(len(images))],
            "person_id": nothing,
            "camera": cameras,
            "outfit": np.zeros(len(images)),
            "role": ["gallery"] * len(images),
            "time": np.full(len(images), np.nan),
            "render_id": nothing,
        }
        unknown = np.zeros(len(images), np.int64)
        return self._embedder.embed(crop_set(labels, images, unknown))

    def features(self, images: np.ndarray) -> np.ndarray:
        """With the statistics that the network holds, in bounded batches."""
        how, network = self._embedder.how, self._embedder.network
        out = np.empty((len(images), network.dimension), np.float32)
        with torch.inference_mode(), how.autocast():
            for start in range(0, len(images), BATCH):
                part = torch.from_numpy(images[start : start + BATCH]).to(how.device)
                out[start : start + len(part)] = both_ways(network, part)
        return out

    def estimated(self, images: np.ndarray) -> np.ndarray:
        """Of at least two pictures of one camera, each plain and mirrored."""
        how, network = self._embedder.how, self._embedder.network
        with torch.inference_mode(), how.autocast():
            estimate_statistics(network, images, in_batches(np.arange(len(images))), how)
        return _flat(current_statistics(network))

    def saved(self, camera: str) -> np.ndarray | None:
        """As the training left them."""
        found = self._embedder.statistics.get(camera)
        return None if found is None else _flat({name: found[name] for name in self._form})

    def use(self, statistics: np.ndarray) -> None:
        """Those of one camera, as ``estimated`` gives them."""
        set_statistics(self._embedder.network, self._named(statistics))

    def together(self, statistics: np.ndarray) -> np.ndarray:
        """As if all cameras were one."""
        found = together([self._named(row) for row in statistics])
        return _flat({name: found[name] for name in self._form})

    def _named(self, statistics: np.ndarray) -> Statistics:
        lengths = [len(values) for values in self._form.values()]
        if statistics.shape != (sum(lengths),):
            raise CorruptData(
                f"statistics of {statistics.shape} numbers, this network has {sum(lengths)}"
            )
        parts = np.split(statistics, np.cumsum(lengths)[:-1])
        return {name: torch.from_numpy(part.copy()) for name, part in zip(self._form, parts)}


def _flat(statistics: Statistics) -> np.ndarray:
    return torch.cat(list(statistics.values())).float().numpy()


def _expect_several(cameras: Sequence[str]) -> None:
    name, count = min(Counter(cameras).items(), key=lambda entry: entry[1])
    if count < 2:
        raise BadRecipe(
            f"embed: only one crop of camera {name!r}; this model normalises by camera and needs "
            "several crops of each, best dozens of the people who passed it"
        )
