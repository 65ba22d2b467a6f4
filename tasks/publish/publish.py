"""Publishing: select, write, commit. Nothing is visible to readers before the last step."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.identity import ANNOTATION_VERSION, DATA_VERSION
from manifests.recipe import Recipe
from manifests.requests import keep_plan, keep_recipe
from manifests.schema import ROLES, SCHEMA_VERSION, SPLITS
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot, commit_snapshot
from tasks.publish.abandoned import being_published, remove_publication
from tasks.publish.candidates import ReadCrops, read_candidates
from tasks.publish.companions import COMPANIONS, keep_companion, store_companion
from tasks.publish.copies import keep_copy
from tasks.publish.frame_tables import read_frame_tables
from tasks.publish.lineage import lineage
from tasks.publish.origins import refusals
from tasks.publish.parts import write_published
from tasks.publish.published import find_published, production_versions
from tasks.publish.selection import Selection, select
from tasks.publish.videos import coders, store_videos, videos_of


def publish_dataset(
    recipe: Recipe,
    dataset: Dataset,
    plans: Sequence[BuildPlan],
    claims: Mapping[str, Claim],
    run: str = "",
    known: ReadCrops | None = None,
) -> Snapshot:
    """The committed snapshot of exactly the crops that ``recipe`` asks for.

    ``plans``: every round's plan; ``claims``: the claims of all their shards, by crop_id;
    ``run``: name of the orchestrator's run, for the lineage; ``known``: what was read of crops.
    Raises ``Shortfall`` when people lack crops (see ``OnShortfall``). Publishing the same
    crops again gives the same snapshot; a publisher that dies leaves only unnamed files, which the
    next build of this host removes.
    """
    selection = select(recipe, read_candidates(dataset.store, claims, known))
    existing = find_published(recipe, dataset)
    if existing is not None and existing.selection_digest == selection.digest:
        return existing
    publish_id = f"{selection.digest[:16]}-{secrets.token_hex(4)}"
    with being_published(dataset, publish_id):
        written = _written(recipe, dataset, plans, claims, run, selection, publish_id)
        committed = commit_snapshot(dataset, written)
        if committed.publish_id != publish_id:  # somebody published the same data meanwhile
            remove_publication(dataset, publish_id)
    keep_copy(dataset, committed)
    return committed


def _written(
    recipe: Recipe,
    dataset: Dataset,
    plans: Sequence[BuildPlan],
    claims: Mapping[str, Claim],
    run: str,
    selection: Selection,
    publish_id: str,
) -> Snapshot:
    """The snapshot of ``selection``, all of whose files are stored; it is not committed."""
    kept_recipe, kept_plans = keep_recipe(dataset, recipe), [keep_plan(dataset, p) for p in plans]
    files = write_published(dataset, publish_id, selection)
    tables = read_frame_tables(dataset, recipe, kept_plans)
    of_frames = tuple(
        store_companion(dataset, dataset.published_key(publish_id, name), data)
        for name, data in tables.files().items()
    )
    snapshot = Snapshot(
        number=1,
        dataset=dataset.name,
        schema_version=SCHEMA_VERSION,
        recipe_digest=kept_recipe,
        data_version=DATA_VERSION,
        annotation_version=ANNOTATION_VERSION,
        versions=production_versions(recipe),
        content_digest=tables.content_digest(files.content_digest),
        selection_digest=selection.digest,
        publish_id=publish_id,
        parts=files.parts,
        manifest=files.manifest,
        tracklets=files.tracklets,
        people=len(np.unique(selection.rows.person)),
        crops=len(selection.rows),
        images_per_person=recipe.images_per_person,
        counts=_counts(selection),
        people_by_split=_people_by_split(selection),
        statistics={**files.statistics, "rejected": refusals(recipe, claims.values())},
        lineage=lineage(recipe, claims, kept_plans, run),
        dropped_people=selection.dropped,
        licence=recipe.licence,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    of_frames += store_videos(dataset, recipe, snapshot.model_copy(update={"files": of_frames}))
    named = snapshot.model_copy(update={"files": of_frames})
    made = {**snapshot.lineage, **coders(named, videos_of(named))}
    snapshot = named.model_copy(update={"lineage": made})
    kept = tuple(keep_companion(dataset, recipe, snapshot, claims, name) for name in COMPANIONS)
    return snapshot.model_copy(update={"files": (*of_frames, *kept)})


def _counts(selection: Selection) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for code, split in enumerate(SPLITS):
        roles = np.bincount(selection.roles[selection.is_test == bool(code)], minlength=len(ROLES))
        counts[split] = {name: int(count) for name, count in zip(ROLES, roles) if count}
    return counts


def _people_by_split(selection: Selection) -> dict[str, int]:
    person = selection.rows.person
    return {
        split: len(np.unique(person[selection.is_test == bool(code)]))
        for code, split in enumerate(SPLITS)
    }
