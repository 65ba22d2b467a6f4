"""What an evaluation leaves behind: CMC plot, ranked lists as a picture, embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from manifests.whole_files import whole_file, write_whole

matplotlib.use("agg")

_TILE = (96, 48)
_BORDER = 3
_RIGHT, _WRONG, _QUERY = (46, 139, 87), (200, 40, 40), (60, 60, 60)


def write_cmc_plot(path: Path, curves: Mapping[str, np.ndarray]) -> None:
    """PNG with one curve per method: share of queries found within each rank."""
    figure = Figure(figsize=(5, 3.6), dpi=120, layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.plot(np.arange(1, len(curve) + 1), curve, label=f"{name} ({curve[0]:.1%})")
    axes.set(xlabel="rank", ylabel="queries found", ylim=(0, 1.02), xlim=(1, None))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    with whole_file(path) as file:
        figure.savefig(file, format="png")


def write_ranked_lists(
    path: Path, rows: Sequence[tuple[np.ndarray, Sequence[tuple[np.ndarray, bool]]]]
) -> None:
    """PNG with a row per query: its picture, then gallery pictures framed green or red.

    ``rows``: (query picture, [(gallery picture, right)]), pictures (h, w, 3) uint8 sRGB.
    """
    longest = max(len(found) for _, found in rows)
    tall, wide = _TILE[0] + 2 * _BORDER, _TILE[1] + 2 * _BORDER
    sheet = np.full((len(rows) * tall, (longest + 1) * wide + _BORDER, 3), 255, np.uint8)
    for row, (query, found) in enumerate(rows):
        tiles = [(query, _QUERY), *((image, _RIGHT if right else _WRONG) for image, right in found)]
        for column, (image, colour) in enumerate(tiles):
            y, x = row * tall, column * wide + (_BORDER if column else 0)
            sheet[y : y + tall, x : x + wide] = colour
            inner = cv2.resize(image, _TILE[::-1], interpolation=cv2.INTER_AREA)
            sheet[y + _BORDER : y + tall - _BORDER, x + _BORDER : x + wide - _BORDER] = inner
    encoded = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1]
    write_whole(path, encoded.tobytes())


def write_embeddings(
    path: Path, keys: np.ndarray, person: np.ndarray, camera: np.ndarray, features: np.ndarray
) -> None:
    """Parquet with one row per image: key, person, camera and feature (float32 list)."""
    values = pa.array(np.ascontiguousarray(features, np.float32).ravel())
    table = pa.table(
        {
            "key": keys.tolist(),
            "person": person.tolist(),
            "camera": camera.tolist(),
            "feature": pa.FixedSizeListArray.from_arrays(values, features.shape[1]),
        }
    )
    with whole_file(path) as file:
        pq.write_table(table, file)
