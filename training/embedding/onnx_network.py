"""An exported model that embeds. Its statistics are folded in: it knows no cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.embedding.identity import ModelIdentity, sha256_of
from training.exported.session import load_exported


class OnnxNetwork:
    """See ``training.embedding.network.Network``."""

    camera_based = False

    def __init__(self, path: Path) -> None:
        """Raises ``NotFound``, ``CorruptData``, and ``MissingRequirement`` without onnxruntime."""
        self._exported = load_exported(path)
        about = self._exported.about
        self.identity = ModelIdentity(
            file=str(path.absolute()),
            sha256=sha256_of(path),
            kind="onnx",
            **about.model_dump(
                include={"network", "height", "width", "dimension", "run", "statistics", "lineage"}
            ),
        )

    def embed(self, images: np.ndarray, cameras: Sequence[str]) -> np.ndarray:
        """The same as ``features``, whoever took the pictures."""
        return self.features(images)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Of pictures of the network's size, in bounded batches."""
        return self._exported.features(images)

    def estimated(self, images: np.ndarray) -> np.ndarray:
        """None."""
        return np.empty(0, np.float32)

    def saved(self, camera: str) -> np.ndarray | None:
        """None."""
        return None

    def use(self, statistics: np.ndarray) -> None:
        """Nothing to set."""

    def together(self, statistics: np.ndarray) -> np.ndarray:
        """None."""
        return np.empty(0, np.float32)
