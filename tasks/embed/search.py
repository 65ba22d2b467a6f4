"""Who in a file of features looks like the people in some pictures: exact, portion by portion."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, NotFound
from tasks.embed.table import FeatureTable
from training.embedding.network import Network


@dataclass(frozen=True)
class Hit:
    """A picture that was found: its name and camera, and the cosine to the query."""

    key: str
    camera: str
    similarity: float


def require_same_model(table: FeatureTable, network: Network) -> None:
    """``BadRecipe`` naming what differs if the features are of another model."""
    differing = table.about.model.differences(network.identity)
    if differing:
        raise BadRecipe(
            f"{table.path}: features of another model than {network.identity.file} (features | "
            f"model): {'; '.join(differing)}; embed the pictures again, or name their model"
        )


def model_of(table: FeatureTable) -> Path:
    """Where the model of the features lay; ``NotFound`` if nothing is there any more."""
    path = Path(table.about.model.file)
    if not path.is_file():
        raise NotFound(
            f"{table.path}: its model was {path}, which is not there any more; name it: --model"
        )
    return path


def query_features(
    table: FeatureTable, network: Network, images: np.ndarray, camera: str | None = None
) -> np.ndarray:
    """(Q, D): of query pictures (Q, H, W, 3) of the network's size.

    Normalised with the statistics of ``camera``, one of those of the file; by default of all of
    them together. ``NotFound`` for another, ``BadRecipe`` for a model that knows no cameras.
    """
    if network.camera_based:
        known = table.about.cameras
        if camera is not None and camera not in known:
            near = difflib.get_close_matches(camera, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise NotFound(
                f"--camera {camera}: {hint}{table.path} knows {', '.join(map(repr, known[:20]))}"
            )
        if camera is not None:
            network.use(table.statistics[known.index(camera)])
        else:
            network.use(network.together(table.statistics))
    elif camera is not None:
        raise BadRecipe(
            f"--camera {camera}: the model of {table.path} looks at all cameras alike (it was "
            "exported, or has plain batch normalisation); leave --camera out"
        )
    return network.features(images)


def search(table: FeatureTable, queries: np.ndarray, most: int = 20) -> list[list[Hit]]:
    """The ``most`` nearest rows to each of ``queries`` (Q, D), the nearest first; of equally near
    ones the first in the file."""
    best: list[list[tuple[float, int, str, str]]] = [[] for _ in queries]
    start = 0
    for keys, cameras, features in table.parts():
        similarity = queries @ features.T
        for found, row in zip(best, similarity):
            top = np.argsort(-row, kind="stable")[:most].tolist()
            found += [(-float(row[at]), start + at, keys[at], cameras[at]) for at in top]
            found.sort(key=lambda one: one[:2])
            del found[most:]
        start += len(keys)
    return [[Hit(key, camera, -near) for near, _, key, camera in found] for found in best]
