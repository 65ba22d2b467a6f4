"""The documents of a data set one by one, as ``verify`` reads them; what is wrong goes to a report.

Whoever reads them to use them raises the first problem instead (``manifests.requests``,
``manifests.claims``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import yaml
from pydantic import ValidationError

from manifests.claims import Claim, claim_in
from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError
from manifests.identity import digest, digest_bytes
from manifests.layout import ClaimKind
from manifests.model import Stored
from manifests.shards import BuildPlan
from manifests.strict_text import read_yaml
from tasks.publish.verify_report import VerifyReport


def checked_recipe(dataset: Dataset, name: str, report: VerifyReport) -> str | None:
    """The text of a recipe, if it is the one that its name promises, written as recipes are."""
    key = _key(dataset.recipe_key, name, report)
    data = None if key is None else report.read(dataset.store, key)
    if key is None or data is None:
        return None
    try:
        text = data.decode()
        # Not through today's model: fields added since would change the digest.
        said = read_yaml(text)
        if digest(said) == name and yaml.safe_dump(said, sort_keys=False, width=100) == text:
            return text
        report.complain(key, "is not the recipe that its name promises")
    except (TypeError, ValueError) as error:
        report.complain(key, f"cannot be read: {error}")
    return None


def checked_plan(dataset: Dataset, name: str, report: VerifyReport) -> BuildPlan | None:
    """The plan of that name, if it is the one that its name promises."""
    key = _key(dataset.plan_key, name, report)
    data = None if key is None else report.read(dataset.store, key)
    if key is None or data is None:
        return None
    if digest_bytes(data) != name:
        report.complain(key, "is not the plan that its name promises")
        return None
    try:
        return BuildPlan.model_validate_json(data)
    except ValidationError:
        report.complain(key, "is a plan that this version cannot read")
        return None


def checked_claim(kind: ClaimKind, dataset: Dataset, id: str, report: VerifyReport) -> Claim | None:
    """The claim on ``id``, if it is whole; the file that it claims is checked, too."""
    key = _key(partial(dataset.claim_key, kind), id, report)
    data = None if key is None else report.read(dataset.store, key)
    if key is None or data is None:
        return None
    try:
        claim = claim_in(data, dataset, key)
    except CorruptData as error:
        report.complain(key, within(dataset, key, error))
        return None
    report.complain(key, *unknown_keys(data, Claim))
    report.check(dataset.store, claim)
    return claim


def unknown_keys(data: bytes, kind: type[Stored]) -> list[str]:
    """What is wrong with the keys of a document; readers pass over those that they do not know."""
    unknown = sorted(json.loads(data).keys() - kind.model_fields.keys())
    return [f"has keys that there are not: {', '.join(unknown)}"] if unknown else []


def within(dataset: Dataset, key: str, error: FactoryError) -> str:
    """What an error says of the object ``key``, without saying again where that is."""
    return str(error).removeprefix(f"{dataset.where(key)}: ")


def _key(key: Callable[[str], str], name: str, report: VerifyReport) -> str | None:
    """Where a document lies that something stored names; forged names are problems."""
    try:
        return key(name)
    except CorruptData as error:
        report.complain(report.snapshot.dataset, str(error))
        return None
