"""What a table or figure of the paper is made of: sources, models, rows and claims.

Nothing here trains or reads anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from tasks.reproduce.paper import Score

TARGETS = ("market", "duke", "msmt17")


class TableName(StrEnum):
    """What can be reproduced."""

    table2 = "table2"
    table3 = "table3"
    table4 = "table4"
    table5 = "table5"
    fig4 = "fig4"
    fig5 = "fig5"


@dataclass(frozen=True)
class Part:
    """Crops of a world, of some of its scenes only if they are named."""

    world: str
    scenes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Synthetic:
    """The first so many people of worlds of ours."""

    parts: tuple[Part, ...]
    people: int


@dataclass(frozen=True)
class TargetImages:
    """The training images of real data sets, or of their stand-ins; several are a union.

    ``stand_in``: whether there is one.
    """

    names: tuple[str, ...]
    stand_in: bool = True


Source = Synthetic | TargetImages


@dataclass(frozen=True)
class Trained:
    """A network trained on a source, from the first weights or from another one's."""

    source: Source
    initial: Trained | None = None


@dataclass(frozen=True)
class Adapted:
    """A network adapted from a source to the unlabelled training images of a target."""

    source: Source
    target: str


Model = Trained | Adapted


@dataclass(frozen=True)
class Row:
    """One line of a table. ``models``: target -> what is tested on it; ``method``: how."""

    key: str
    labels: tuple[str, ...]
    models: Mapping[str, Model]
    paper: Mapping[str, Score]
    method: str = "direct transfer"


@dataclass(frozen=True)
class Claim:
    """``better`` and ``worse`` are keys of rows that differ in one thing; compared on targets."""

    says: str
    better: str
    worse: str
    targets: tuple[str, ...] = TARGETS


@dataclass(frozen=True)
class Experiment:
    """A table or figure.

    ``anywhere``: no row has learnt anything of what it is tested on, so that all can be tested on
    any people, and claims judged by them.
    """

    name: TableName
    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]
    targets: tuple[str, ...] = TARGETS
    notes: tuple[str, ...] = ()
    anywhere: bool = False

    def row(self, key: str) -> Row:
        """The row of that key."""
        return next(row for row in self.rows if row.key == key)

    def compared_by_claims(self, row: Row, target: str) -> bool:
        """Whether a claim needs that row on that target, which may be one of somebody's own."""
        asked = (c for c in self.claims if target in c.targets or target not in self.targets)
        return any(row.key in (c.better, c.worse) for c in asked)


def described(experiment: Experiment) -> dict[str, Any]:
    """An experiment as plain data, for snapshots and for the JSON beside a table."""
    return {
        "title": experiment.title,
        "rows": {row.key: {t: _said(m) for t, m in row.models.items()} for row in experiment.rows},
        "claims": [asdict(c) | {"targets": list(c.targets)} for c in experiment.claims],
    }


def _said(model: Model) -> str:
    if isinstance(model, Adapted):
        return f"{_said_source(model.source)}, adapted to {model.target}"
    text = _said_source(model.source)
    return text if model.initial is None else f"{_said(model.initial)}, then {text}"


def _said_source(source: Source) -> str:
    if isinstance(source, TargetImages):
        return " and ".join(source.names)
    parts = [p.world + (f" ({', '.join(p.scenes)})" if p.scenes else "") for p in source.parts]
    return f"{source.people} people of {' and '.join(parts)}"
