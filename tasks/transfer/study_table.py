"""What an answer says of the variants of a recipe: what each gained, at what cost, and what the
factors of a design did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.report.markdown import plain_table
from tasks.transfer.designs import explained
from tasks.transfer.figures import NOT_MEASURED, told_difference
from tasks.transfer.sources import Learnt, Source
from tasks.transfer.statistics import Line
from tasks.transfer.variants import Built
from training.evaluation.metrics import METRICS

_JUDGED = METRICS["map"]


def study_parts(
    built: Built, sources: Sequence[Source], lines: Sequence[Line], column: str
) -> list[str]:
    """Every variant with its gain over the first in ``column``: a target or the mean of all."""
    study = built.study
    first = study.variants[0].name
    costs = {source.name: source.cost for source in sources if isinstance(source, Learnt)}
    by_place = {(line.name, line.method): line for line in lines if not line.floor}
    methods = list(dict.fromkeys(line.method for line in lines if not line.floor))
    gained = [
        f"{_JUDGED.name} less that of {first}, {column}{f' ({method})' if len(methods) > 1 else ''}"
        for method in methods
    ]
    rows: list[list[str]] = []
    for variant, (there, shards) in zip(study.variants, built.there, strict=True):
        cost = costs.get(variant.name)
        cells = [
            "–" if variant.name == first else _gain(by_place, variant.name, first, method, column)
            for method in methods
        ]
        rows.append(
            [
                variant.name,
                variant.asks_for(),
                f"{there} of {shards}",
                "–" if cost is None else f"{cost:.3f}",
                *cells,
            ]
        )
    head = ["variant", "asks for", "shards there already", "CPU-s a crop", *gained]
    parts = [f"## Variants of `{study.recipe}`", plain_table(head, rows, range(2, len(head)))]
    if study.fraction is not None:
        names = [factor.name for factor in study.factors]
        parts.append(explained(study.fraction, names))
    return parts


def plain_study(built: Built) -> dict[str, Any]:
    """The same for programs; what was measured of variants is among that of all sources."""
    study = built.study
    return {
        "recipe": study.recipe,
        "variants": [
            {
                "name": variant.name,
                "changes": variant.changes,
                "shards_there_already": there,
                "shards": shards,
            }
            for variant, (there, shards) in zip(study.variants, built.there, strict=True)
        ],
        "resolution": study.fraction and study.fraction.resolution,
        "confounded": study.fraction
        and {
            factor.name: [[study.factors[a].name, study.factors[b].name] for a, b in pairs]
            for factor, pairs in zip(study.factors, study.fraction.confounded, strict=True)
        },
    }


def _gain(
    by_place: dict[tuple[str, str], Line], name: str, first: str, method: str, column: str
) -> str:
    one, base = by_place[name, method], by_place[first, method]
    found = one.minus(base).found.get((column, _JUDGED.key))
    return NOT_MEASURED if found is None else told_difference(found.interval(), _JUDGED)
