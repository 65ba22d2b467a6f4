"""What a data set was asked for with: the card has its recipe, too, and plans follow from that."""

from __future__ import annotations

import re

from manifests.claims import read_claims
from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError, NotFound
from manifests.identity import crop_id, digest, digest_bytes, render_id
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, parse_recipe
from manifests.requests import keep_plan, read_plan, read_recipe
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot
from manifests.strict_text import read_yaml
from tasks.plan.planner import plan_build, plan_top_up
from tasks.publish.candidates import read_candidates
from tasks.publish.selection import missing_crops, seen_by
from tasks.repair.report import RepairReport

_DAMAGED = "gone or damaged"
_REQUEST = re.compile(r"^(`{3,})yaml\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)


def mend_requests(dataset: Dataset, snapshot: Snapshot, report: RepairReport) -> None:
    """See to it that the recipe and the plans of ``snapshot`` are there and whole."""
    key = dataset.recipe_key(snapshot.recipe_digest)
    if not _is_recipe(_stored(dataset, key), snapshot.recipe_digest):
        if (text := _from_card(dataset, snapshot)) is None:
            report.not_mended[key] = f"{_DAMAGED}, and so is the card, which has it, too"
            return
        dataset.store.put(key, text.encode())
        report.mended[key] = f"{_DAMAGED}; put back from the card"
    plans: list[BuildPlan] = []
    for place, name in enumerate(map(str, snapshot.lineage.get("plans", []))):
        key = dataset.plan_key(name)
        data = _stored(dataset, key)
        if data is None or digest_bytes(data) != name:
            try:
                recipe = read_recipe(dataset, snapshot.recipe_digest)
                plan = _planned(dataset, recipe, plans, place)
                if digest(plan) != name:
                    raise CorruptData("this version of the factory plans something else")
            except FactoryError as error:
                report.not_mended[key] = f"{_DAMAGED}, and cannot be planned again: {error}"
                return
            keep_plan(dataset, plan)
            report.mended[key] = f"{_DAMAGED}; planned again"
        plans.append(read_plan(dataset, name))


def _planned(dataset: Dataset, recipe: Recipe, earlier: list[BuildPlan], place: int) -> BuildPlan:
    """The plan of a round as a build would make it, from what the rounds before it have claimed."""
    if place == 0:
        return plan_build(recipe)
    shards = (render_id(shard) for plan in earlier for shard in plan.shards)
    claims = read_claims(dataset, "crops", [crop_id(id, recipe.annotation) for id in shards])
    candidates = read_candidates(dataset.store, claims)
    lacking = missing_crops(recipe, candidates)
    return plan_top_up(recipe, earlier[0], lacking, place, seen_by(candidates, lacking))


def _from_card(dataset: Dataset, snapshot: Snapshot) -> str | None:
    """The recipe in the words of ``recipes/``, if the card still has it."""
    card = _stored(dataset, dataset.published_key(snapshot.publish_id, "README.md")) or b""
    for _, text in _REQUEST.findall(card.decode(errors="replace")):
        try:
            written = dump_recipe(parse_recipe(text))
        except FactoryError:
            continue
        if _is_recipe(written.encode(), snapshot.recipe_digest):
            return written
    return None


def _is_recipe(data: bytes | None, name: str) -> bool:
    try:
        return data is not None and digest(read_yaml(data.decode())) == name
    except (TypeError, ValueError, FactoryError):
        return False


def _stored(dataset: Dataset, key: str) -> bytes | None:
    try:
        return dataset.store.get(key)
    except NotFound:
        return None
