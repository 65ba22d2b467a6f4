"""What is asked of a model that embeds, whichever program computes it; and how one is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from training.embedding.identity import ModelIdentity
from training.run_files import EXPORTED_SUFFIX


class Network(Protocol):
    """Pictures are (N, H, W, 3) uint8 sRGB of the network's size, features (N, D) float32 of length
    1. Statistics of a camera are (K,) float32, K = 0 where the network needs none."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model it is."""
        ...

    @property
    def camera_based(self) -> bool:
        """Whether it normalises by statistics of the camera that took the pictures."""
        ...

    def embed(self, images: np.ndarray, cameras: Sequence[str]) -> np.ndarray:
        """All features at once, with statistics of every camera that is named."""
        ...

    def features(self, images: np.ndarray) -> np.ndarray:
        """With the statistics that were set last."""
        ...

    def estimated(self, images: np.ndarray) -> np.ndarray:
        """Set the statistics of a camera that took ``images``, and return them."""
        ...

    def saved(self, camera: str) -> np.ndarray | None:
        """Statistics of a training camera, if the model knows one of this name."""
        ...

    def use(self, statistics: np.ndarray) -> None:
        """Set statistics; ``CorruptData`` if they are not of this network."""
        ...

    def together(self, statistics: np.ndarray) -> np.ndarray:
        """(K,) of several cameras (C, K) that count alike."""
        ...


def open_network(path: Path) -> Network:
    """The model of a file, by its ending; raises what reading it raises."""
    if path.suffix == EXPORTED_SUFFIX:
        from training.embedding.onnx_network import OnnxNetwork

        return OnnxNetwork(path)
    # Imports torch, which exported models do without.
    from training.embedding.torch_network import TorchNetwork

    return TorchNetwork(path)
