"""What a snapshot was made from: its recipe, plans and claims, chained to it by digests.

``publish`` stores the chain beside the published files; ``verify`` follows it back and derives
again whatever the snapshot says of them.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.expenses import Expense, read_expenses
from manifests.identity import canonical_json, crop_id, digest, digest_bytes, render_id
from manifests.layout import ClaimKind
from manifests.model import Stored
from manifests.reasons import counts_today
from manifests.recipe import Recipe
from manifests.requests import read_recipe
from manifests.sealed import text_is_whole
from manifests.shards import BuildPlan
from tasks.publish.lineage import lineage
from tasks.publish.verify_report import VerifyReport

_NOT_DERIVED = {("lineage", "code"), ("lineage", "run")}
_ROUNDING = 0.002


def claims_document(claims: Mapping[str, Claim]) -> bytes:
    """The claims that a snapshot is made from: id -> digest of what the claim says."""
    return canonical_json({id: _said(claim) for id, claim in claims.items()})


def refusals(recipe: Recipe, claims: Iterable[Claim]) -> dict[str, int]:
    """Reason -> refusals in all shards, without those of extras."""
    total: Counter[str] = Counter()
    for claim in claims:
        total.update(counts_today(claim.rejected))
        for person, refused in claim.rejected_of.items():
            if person >= recipe.people.count:
                total.subtract(refused)
    return {reason: count for reason, count in sorted(total.items()) if count}


def check_origins(dataset: Dataset, report: VerifyReport, statistics: Mapping[str, Any]) -> None:
    """Compare a snapshot with its recipe, plans, claims and the files they claim, byte by byte.

    ``statistics``: those of the published rows, derived anew. Expenses and the stored report are
    read, too, for the damage that they show themselves.
    """
    snapshot = report.snapshot
    try:
        recipe = read_recipe(dataset, snapshot.recipe_digest)
    except (FactoryError, UnicodeDecodeError) as error:
        report.complain(dataset.recipe_key(snapshot.recipe_digest), f"cannot be read: {error}")
        return
    names = [str(name) for name in snapshot.lineage.get("plans", [])]
    plans = [plan for name in names if (plan := _plan(dataset, name, report)) is not None]
    claims = _claims(dataset, recipe, plans, report)
    _check_notes(dataset, report)
    derived: dict[str, Any] = {
        "dataset": recipe.name,
        "licence": recipe.licence,
        "images_per_person": recipe.images_per_person,
        "people": recipe.people.count - len(snapshot.dropped_people),
        "statistics": dict(statistics),
        "lineage": {"recipe": recipe.name, "sources": recipe.sources(), "seed": recipe.seed},
    }
    if claims is not None:
        derived["statistics"]["rejected"] = refusals(recipe, claims.values())
        derived["lineage"] = lineage(recipe, claims, names, "")
    said = snapshot.model_dump(mode="json")
    for path, value in _leaves(json.loads(json.dumps(derived))):
        known, stored = _at(said, path)
        # What a later version says besides is not in the snapshots of an earlier one.
        whole = bool(snapshot.self_digest)
        if (known or whole) and not _agree(stored, value, whole):
            name = ".".join(path)
            report.complain(
                dataset.snapshot_key(snapshot.number),
                f"{name} says {stored!r} instead of {value!r}",
            )


def _plan(dataset: Dataset, name: str, report: VerifyReport) -> BuildPlan | None:
    try:
        key = dataset.plan_key(name)
    except FactoryError as error:
        report.complain(dataset.snapshot_key(report.snapshot.number), f"lineage.plans: {error}")
        return None
    data = report.read(dataset.store, key)
    if data is None:
        return None
    if digest_bytes(data) != name:
        report.complain(key, "is not the plan that its name promises")
        return None
    try:
        return BuildPlan.model_validate_json(data)
    except ValidationError:
        report.complain(key, "is a plan that this version cannot read")
        return None


def _claims(
    dataset: Dataset, recipe: Recipe, plans: list[BuildPlan], report: VerifyReport
) -> dict[str, Claim] | None:
    """The claims of a snapshot, if it is known which they are; they and their files are checked."""
    chain = _chain(dataset, report)
    shards = (render_id(shard) for plan in plans for shard in plan.shards)
    ids = chain if chain is not None else [crop_id(id, recipe.annotation) for id in shards]
    if chain is None:
        what = "what its claims said" if ids else "which claims it was made from"
        report.notes.append(f"of version 0.1: it does not say {what}")
    if not ids:
        return None
    claims: dict[str, Claim] = {}
    for id in ids:
        claim = _claim(dataset, "crops", id, report)
        if claim is None:
            continue
        if chain is not None and _said(claim) != chain[id]:
            report.complain(dataset.claim_key("crops", id), "says other things than at publication")
        claims[id] = claim
    for frames in {claim.render_id for claim in claims.values()}:
        if dataset.store.exists(dataset.claim_key("frames", frames)):
            _claim(dataset, "frames", frames, report)
    return claims


def _chain(dataset: Dataset, report: VerifyReport) -> dict[str, str] | None:
    key = dataset.published_key(report.snapshot.publish_id, "claims.json")
    if all(file.key != key for file in report.snapshot.files):
        return None
    try:
        return json.loads(dataset.store.get(key))
    except (FactoryError, ValueError):
        return {}  # named already: it is one of the published files


def _claim(dataset: Dataset, kind: ClaimKind, id: str, report: VerifyReport) -> Claim | None:
    key = dataset.claim_key(kind, id)
    data = report.read(dataset.store, key)
    if data is None:
        return None
    try:
        claim = Claim.model_validate_json(data)
        dataset.own(claim.key)
    except (ValidationError, FactoryError):
        report.complain(key, "is not a valid claim")
        return None
    report.complain(key, *_unknown_keys(data, Claim))
    if claim.id != id:
        report.complain(key, f"claims {claim.id!r}")
    report.read(dataset.store, claim.key, claim.sha256)
    return claim


def _check_notes(dataset: Dataset, report: VerifyReport) -> None:
    for info in dataset.store.list(dataset.expenses_prefix):
        data = report.read(dataset.store, info.key)
        if data is not None:
            report.complain(info.key, *_unknown_keys(data, Expense))
    try:
        read_expenses(dataset)
    except FactoryError as error:
        report.complain(dataset.expenses_prefix, str(error))
    key = dataset.published_key(report.snapshot.publish_id, "report.html")
    if dataset.store.exists(key):
        page = report.read(dataset.store, key)
        if page is not None and not text_is_whole(page):
            report.complain(key, "damaged: its SHA-256 is not the one it says")


def _unknown_keys(data: bytes, kind: type[Stored]) -> list[str]:
    """What is wrong with the keys of a document; readers pass over those that they do not know."""
    try:
        unknown = sorted(json.loads(data).keys() - kind.model_fields.keys())
    except (ValueError, AttributeError):
        return []  # whoever reads it as a whole says more
    return [f"has keys that there are not: {', '.join(unknown)}"] if unknown else []


def _said(claim: Claim) -> str:
    return digest(claim.model_dump(mode="json", exclude_defaults=True))


def _leaves(nested: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    for name, value in nested.items():
        here = (*path, name)
        if here in _NOT_DERIVED:
            continue
        if isinstance(value, dict) and len(path) < 1:
            yield from _leaves(value, here)
        else:
            yield here, value


def _at(nested: Any, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether there is something at ``path``, and what."""
    for name in path:
        if not isinstance(nested, dict) or name not in nested:
            return False, None
        nested = nested[name]
    return True, nested


def _agree(one: Any, other: Any, whole: bool = True) -> bool:
    """Equality up to rounding; ``one`` may lack keys unless ``whole``."""
    if isinstance(one, dict) and isinstance(other, dict):
        alike = one.keys() == other.keys() if whole else one.keys() <= other.keys()
        return alike and all(_agree(one[key], other[key], whole) for key in one)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=_ROUNDING)
    return one == other
