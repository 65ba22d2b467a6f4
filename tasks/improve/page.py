"""What is kept and shown of a round that was measured."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import simplejpeg

from manifests.reader import SnapshotReader
from tasks.improve.decide import plan_markdown
from tasks.improve.increment import changed_looks
from tasks.improve.journal import Round
from tasks.improve.measure import look, queries
from tasks.improve.request import Improvement
from tasks.report.failures import (
    camera_heat_map,
    failures_markdown,
    mistakes,
    mistakes_markdown,
)
from tasks.report.thumbnails import Images, snapshot_images
from training.data.crops import CropSet


def measured_round(
    asked: Improvement, reader: SnapshotReader, model: Path, number: int
) -> tuple[Round, str]:
    """A round, without what it cost, and its page in Markdown: where the model fails, with the
    surest mistakes as pictures, and whom the next round would draw."""
    found, snapshot = look(asked, reader, model), reader.snapshot
    if asked.target is None:
        images = snapshot_images(reader, reader.table(["crop_key"])["crop_key"].to_pylist())
    else:
        images = _as_measured(found.measured.crops)
    shown = mistakes(found.failures.worst(), images)
    heat_map = camera_heat_map(found.measured.evaluation, standalone=True)
    page = failures_markdown(found.failures, heat_map, mistakes_markdown(shown))
    looks = changed_looks(asked.recipe.people, found.weights)
    kept = Round(
        number=number,
        dataset=snapshot.dataset,
        snapshot=snapshot.number,
        content_digest=snapshot.content_digest,
        people=snapshot.people,
        crops=snapshot.crops,
        model=str(model),
        weights=found.weights,
        **queries(found.measured),
    )
    return kept, page + "\n" + plan_markdown(asked.people, found.weights, looks)


def _as_measured(crops: CropSet) -> Images:
    """Crops at the size at which they were measured, as JPEG."""
    place = {key: row for row, key in enumerate(crops.keys.tolist())}

    def images(keys: Iterable[str]) -> dict[str, bytes]:
        return {
            key: simplejpeg.encode_jpeg(
                np.ascontiguousarray(crops.images[place[key]]), quality=90, colorspace="RGB"
            )
            for key in keys
        }

    return images
