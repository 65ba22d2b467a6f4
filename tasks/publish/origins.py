"""What a snapshot was made from: its recipe, plans and claims, chained to it by digests.

``publish`` stores the chain beside the published files; ``verify`` follows it back and derives
again whatever the snapshot says of them.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import Field, ValidationError

from manifests.claims import Claim, claim_in, claimed_ids
from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError, NotFound
from manifests.expenses import expense_names
from manifests.identity import crop_id, digest, render_id
from manifests.layout import repairing
from manifests.model import Stored
from manifests.reasons import counts_today
from manifests.recipe import Recipe
from manifests.recipes_io import parse_recipe
from manifests.replaced import replacements
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot
from tasks.publish.documents import checked_claim, checked_plan
from tasks.publish.lineage import lineage
from tasks.publish.verify_report import VerifyReport

_NOT_DERIVED = {("lineage", "code"), ("lineage", "run")}
_ROUNDING = 0.002


class Origins(Stored):
    """What a snapshot is chained to, stored beside it as ``claims.json``.

    ``claims``: crop_id -> digest of what the claim says; ``frames``: render_ids of those of its
    shards whose frame bundles are kept; ``expenses``: names of those that were noted before;
    ``documents``: crop_id -> the claim, sealed, so that a lost one can be had again.
    """

    claims: dict[str, str]
    frames: tuple[str, ...] = ()
    expenses: tuple[str, ...] = ()
    documents: dict[str, str] = Field(default_factory=dict)

    def claim_of(self, id: str) -> bytes | None:
        """The claim on ``id`` as it was at publication, if a copy of it is kept."""
        document = self.documents.get(id)
        return None if document is None else document.encode()


def origins(
    dataset: Dataset, claims: Mapping[str, Claim], expenses: Iterable[str] | None = None
) -> Origins:
    """What a snapshot that is about to be made from ``claims`` is chained to. ``expenses``: names
    of those that were noted before; by default of all that there are."""
    shards = {claim.render_id for claim in claims.values()}
    known = expense_names(dataset) if expenses is None else expenses
    return Origins(
        claims={id: said(claim) for id, claim in sorted(claims.items())},
        frames=tuple(id for id in claimed_ids(dataset, "frames") if id in shards),
        expenses=tuple(known),
        documents={id: claim.seal()[1].decode() for id, claim in sorted(claims.items())},
    )


def refusals(recipe: Recipe, claims: Iterable[Claim]) -> dict[str, int]:
    """Reason -> refusals in all shards, without those of extras."""
    total: Counter[str] = Counter()
    for claim in claims:
        total.update(counts_today(claim.rejected))
        for person, refused in claim.rejected_of.items():
            if person >= recipe.people.count:
                total.subtract(refused)
    return {reason: count for reason, count in sorted(total.items()) if count}


def check_origins(
    dataset: Dataset, text: str, report: VerifyReport, statistics: Mapping[str, Any] | None
) -> None:
    """Compare a snapshot with its recipe, plans, claims and the files they claim, byte by byte.

    ``text``: its recipe; ``statistics``: those of the published rows, derived anew, if these are
    whole.
    """
    snapshot = report.snapshot
    try:
        recipe = parse_recipe(text)
    except FactoryError as error:
        key = dataset.recipe_key(snapshot.recipe_digest)
        report.complain(key, f"this version cannot read it: {error}")
        return
    names = [str(name) for name in snapshot.lineage.get("plans", [])]
    plans = [plan for name in names if (plan := checked_plan(dataset, name, report)) is not None]
    claims = _claims(dataset, recipe, plans, report)
    derived: dict[str, Any] = {
        "dataset": recipe.name,
        "licence": recipe.licence,
        "images_per_person": recipe.images_per_person,
        "people": recipe.people.count - len(snapshot.dropped_people),
        "statistics": dict(statistics or {}),
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


def _claims(
    dataset: Dataset, recipe: Recipe, plans: list[BuildPlan], report: VerifyReport
) -> dict[str, Claim] | None:
    """The claims of a snapshot, if it is known which they are and all are whole; they and their
    files are checked."""
    chain = _chain(dataset, report)
    if chain is not None:
        ids, frames = list(chain.claims), chain.frames
        for name in chain.expenses:
            if not dataset.store.exists(dataset.expense_key(name)):
                report.complain(dataset.expense_key(name), "is gone since publication")
    else:
        shards = (render_id(shard) for plan in plans for shard in plan.shards)
        ids, frames = [crop_id(id, recipe.annotation) for id in shards], ()
        what = "what its claims said" if ids else "which claims it was made from"
        report.notes.append(f"of version 0.1: it does not say {what}")
        if not ids:
            return None
    for id in frames:
        checked_claim("frames", dataset, id, report)
    claims: dict[str, Claim] = {}
    for id in ids:
        claim = checked_claim("crops", dataset, id, report)
        if claim is None:
            continue
        if chain is not None and said(claim) != chain.claims[id]:
            claim = _before_repairs(dataset, chain, id, report)
        if claim is not None:
            claims[id] = claim
    return claims if len(claims) == len(ids) else None


def _before_repairs(
    dataset: Dataset, chain: Origins, id: str, report: VerifyReport
) -> Claim | None:
    """The claim on ``id`` as the snapshot knew it, if repairs account for the one that there is."""
    key = dataset.claim_key("crops", id)
    replaced = [found for found in replacements(dataset) if found.key == key]
    if not replaced:
        report.complain(key, "says other things than at publication")
        return None
    latest = max(replaced, key=lambda found: found.created)
    report.notes.append(f"{key} was replaced by a repair: {latest.why}")
    copies = (chain.claim_of(id), *(found.old for found in replaced))
    for document in filter(None, copies):
        with suppress(CorruptData):
            claim = claim_in(document, dataset, key)
            if said(claim) == chain.claims[id]:
                return claim
    return None


def _chain(dataset: Dataset, report: VerifyReport) -> Origins | None:
    try:
        return read_origins(dataset, report.snapshot)
    except NotFound:
        return None
    except ValidationError:
        key = dataset.published_key(report.snapshot.publish_id, "claims.json")
        report.complain(key, "does not say what the snapshot is made from")
    except FactoryError:
        pass  # named already: it is one of the published files
    return Origins(claims={})


def read_origins(dataset: Dataset, snapshot: Snapshot) -> Origins:
    """What ``snapshot`` is chained to. Raises ``NotFound`` if it does not say that, as those of
    version 0.1, ``CorruptData`` if what says it is gone, ``ValidationError`` if it is damaged."""
    key = dataset.published_key(snapshot.publish_id, "claims.json")
    if all(file.key != key for file in snapshot.files):
        raise NotFound(f"{dataset.where(key)}: snapshot {snapshot.number} is older than such files")
    try:
        return Origins.model_validate_json(dataset.store.get(key))
    except NotFound as error:
        raise CorruptData(f"{error}; {repairing(key)}") from None


def said(claim: Claim) -> str:
    """Digest of what a claim says."""
    seal = {"self_digest"}
    return digest(claim.model_dump(mode="json", exclude_defaults=True, exclude=seal))


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
