"""Pictures that are looked for, and the model that they are looked for with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from manifests.errors import NotFound
from tasks.embed.search import Hit, model_of, query_features, require_same_model, search
from tasks.embed.table import FeatureTable
from training.data.decoding import decode_crop, resized
from training.embedding.network import Network, open_network


def read_query(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 sRGB of a picture file; ``NotFound``, ``CorruptData``."""
    try:
        return decode_crop(path.read_bytes(), str(path))
    except OSError as error:
        raise NotFound(f"--query {path}: {error.strerror}") from None


def look_for(
    table: FeatureTable,
    pictures: Sequence[np.ndarray],
    model: Path | Network | None = None,
    camera: str | None = None,
    most: int = 20,
) -> list[list[Hit]]:
    """The nearest rows to each picture (H, W, 3) uint8.

    ``model``: of the features, by default from where it was. Raises ``BadRecipe`` naming what
    differs if it is another one, ``NotFound`` if it is gone, or for an unknown ``camera``.
    """
    if model is None or isinstance(model, Path):
        model = open_network(model or model_of(table))
    require_same_model(table, model)
    size = table.about.model.height, table.about.model.width
    images = np.stack([resized(picture, *size) for picture in pictures])
    return search(table, query_features(table, model, images, camera), most)
