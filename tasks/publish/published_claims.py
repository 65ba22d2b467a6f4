"""Which claims a snapshot is made from."""

from __future__ import annotations

from pydantic import ValidationError

from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.identity import crop_id, render_id
from manifests.requests import read_plan, read_recipe
from manifests.snapshots import Snapshot
from tasks.publish.origins import read_origins


def claimed_by(dataset: Dataset, snapshot: Snapshot) -> list[str]:
    """The crop_ids that ``snapshot`` is made from: as it says itself, else as its plans say.

    Raises ``FactoryError`` if both are gone or damaged.
    """
    try:
        return list(read_origins(dataset, snapshot).claims)
    except (FactoryError, ValidationError):
        rules = read_recipe(dataset, snapshot.recipe_digest).annotation
        plans = [read_plan(dataset, str(name)) for name in snapshot.lineage.get("plans", [])]
        return [crop_id(render_id(shard), rules) for plan in plans for shard in plan.shards]
