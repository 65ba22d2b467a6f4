"""Results of a search as one HTML page: queries and what was found, pictures inlined."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from manifests.errors import FactoryError
from tasks.embed.opening import open_pictures
from tasks.embed.pictures import FOLDER, ONE, Pictures
from tasks.embed.search import Hit
from tasks.embed.table import FeatureTable
from training.data.decoding import decode_crop

_HEIGHT = 160


@dataclass(frozen=True)
class Shown:
    """A picture of the page; without ``uri`` it could not be read any more."""

    name: str
    camera: str
    similarity: float | None
    uri: str | None


def results_page(
    table: FeatureTable,
    queries: Sequence[tuple[str, np.ndarray]],
    found: Sequence[Sequence[Hit]],
) -> str:
    """``queries``: names and pictures (H, W, 3) uint8 sRGB; ``found``: hits of each of them.

    Pictures of hits are read from where they were embedded; those that are gone are left blank.
    """
    wanted = {hit.key for hits in found for hit in hits}
    seen = _thumbnails(table, wanted)
    rows = [
        (
            Shown(name, "", None, thumbnail(picture)),
            [Shown(hit.key, hit.camera, hit.similarity, seen.get(hit.key)) for hit in hits],
        )
        for (name, picture), hits in zip(queries, found, strict=True)
    ]
    environment = Environment(
        loader=PackageLoader("tasks.embed"), undefined=StrictUndefined, autoescape=True
    )
    template = environment.get_template("results.html.j2")
    return template.render(table=table, model=table.about.model, rows=rows, height=_HEIGHT)


def thumbnail(picture: np.ndarray) -> str:
    """A small JPEG of (H, W, 3) uint8 sRGB as a data URI."""
    height, width = picture.shape[:2]
    if height > _HEIGHT:
        size = max(1, round(width * _HEIGHT / height)), _HEIGHT
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    coded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    return "data:image/jpeg;base64," + base64.b64encode(coded.tobytes()).decode()


def _thumbnails(table: FeatureTable, wanted: set[str]) -> dict[str, str]:
    try:
        pictures = _source(table, wanted)
    except FactoryError:
        return {}  # moved or removed since they were embedded
    rows = np.array([row for row, name in enumerate(pictures.names) if name in wanted], np.int64)
    found: dict[str, str] = {}
    for row, stored in zip(map(int, rows), pictures.read(rows)):
        name = pictures.names[row]
        if isinstance(stored, bytes):
            try:
                stored = decode_crop(stored, name)
            except FactoryError:
                continue
        if isinstance(stored, np.ndarray):
            found[name] = thumbnail(stored)
    return found


def _source(table: FeatureTable, wanted: set[str]) -> Pictures:
    """Where the pictures were; of a folder, those that are wanted alone, without listing it."""
    where = Path(table.about.source)
    if table.about.kind != FOLDER:
        return open_pictures(where, ONE)
    return Pictures.of_folder(where, sorted(wanted), ONE)
