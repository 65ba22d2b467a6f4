"""What was measured, as intervals: of every row on every target, of differences of sources, and of
the effects of what was varied.

People of each target and seeds are both resampled; see ``training.evaluation.bootstrap``. Targets
are fixed: a mean over them is of these targets, not of targets in general.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from manifests.errors import CorruptData
from tasks.bench.results import Measured, Results
from tasks.transfer.names import MEAN
from tasks.transfer.questions import Resolved
from tasks.transfer.variants import Study
from training.evaluation.bootstrap import Resampled, mean_of, resampled
from training.evaluation.metrics import METRICS


@dataclass(frozen=True)
class Line:
    """One row measured one way. ``found``: (target, metric's key) -> what was measured there;
    with several targets also of ``MEAN``. Absent where a metric or a cell was not measured."""

    name: str
    method: str
    floor: bool
    found: Mapping[tuple[str, str], Resampled]

    def minus(self, other: Line) -> Line:
        """The paired difference, wherever both were measured."""
        common = {
            key: one - other.found[key] for key, one in self.found.items() if key in other.found
        }
        return Line(f"{self.name} minus {other.name}", self.method, False, common)


def measured_lines(resolved: Resolved, results: Results) -> list[Line]:
    """Every row in each of its ways of measuring, sources first.

    ``CorruptData`` if cells of one target are of different queries.
    """
    lines, people = [], dict[str, np.ndarray]()
    for row in resolved.rows:
        for method in row.methods:
            found: dict[tuple[str, str], Resampled] = {}
            for number, target in enumerate(resolved.targets):
                cells = [results.find(cell.id) for cell in resolved.cells(row, target, method)]
                whole = [cell for cell in cells if cell is not None]
                if len(whole) == len(cells):
                    _expect_same_queries(target.name, whole, people)
                    found |= {
                        (target.name, key): _resampled(whole, key, number)
                        for key in METRICS
                        if all(cell.tells(key) for cell in whole)
                    }
            found |= _means(found, [target.name for target in resolved.targets])
            lines.append(Line(row.name, method.name, row.floor, found))
    return lines


def differences(lines: Sequence[Line], study: Study | None = None) -> list[Line]:
    """Of every two sources that were measured in the same way, the earlier minus the later; of the
    variants of a ``study`` what each has gained over the first, and that one beside the others."""
    first, *others = [variant.name for variant in study.variants] if study else [""]
    sources = [line for line in lines if not line.floor]
    plain = [line for line in sources if line.name not in others]
    pairs = list(combinations(plain, 2))
    pairs += [
        (line, base)
        for base in plain
        if base.name == first
        for line in sources
        if line.name in others
    ]
    return [a.minus(b) for a, b in pairs if a.method == b.method]


def effects(lines: Sequence[Line], study: Study) -> list[Line]:
    """Of each factor of a fractional design: the mean over the variants with its second level less
    the mean over those with its first, wherever all variants were measured."""
    design = study.fraction
    if design is None:
        return []
    by_place = {(line.name, line.method): line for line in lines if not line.floor}
    found: list[Line] = []
    for method in dict.fromkeys(line.method for line in lines if not line.floor):
        runs = [by_place.get((variant.name, method)) for variant in study.variants]
        whole = [run for run in runs if run is not None]
        if len(whole) < len(runs):
            continue
        for number, factor in enumerate(study.factors):
            groups: dict[bool, list[Line]] = {True: [], False: []}
            for run, line in enumerate(whole):
                groups[design.second(number, run)].append(line)
            effect = _mean(groups[True]).minus(_mean(groups[False]))
            (first, _), (second, _) = factor.levels
            name = f"{factor.name}: {second} instead of {first}"
            found.append(Line(name, method, False, effect.found))
    return found


def _mean(lines: Sequence[Line]) -> Line:
    keys = [key for key in lines[0].found if all(key in line.found for line in lines)]
    found = {key: mean_of([line.found[key] for line in lines]) for key in keys}
    return Line("mean", lines[0].method, False, found)


def _resampled(cells: Sequence[Measured], metric: str, target: int) -> Resampled:
    values = np.stack([cell.per_query(metric) for cell in cells])
    return resampled(values, cells[0].person, seed=target)


def _means(
    found: Mapping[tuple[str, str], Resampled], targets: Sequence[str]
) -> dict[tuple[str, str], Resampled]:
    if len(targets) < 2:
        return {}
    return {
        (MEAN, key): mean_of([found[target, key] for target in targets])
        for key in METRICS
        if all((target, key) in found for target in targets)
    }


def _expect_same_queries(
    target: str, cells: Sequence[Measured], people: dict[str, np.ndarray]
) -> None:
    for cell in cells:
        if not np.array_equal(people.setdefault(target, cell.person), cell.person):
            raise CorruptData(
                f"target {target}: two cells were measured on different queries; delete its cells "
                "and measure anew"
            )


def columns_of(resolved: Resolved) -> tuple[str, ...]:
    """The targets, and their mean if there are several."""
    names = tuple(target.name for target in resolved.targets)
    return (*names, MEAN) if len(names) > 1 else names
