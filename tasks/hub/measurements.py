"""What was measured of a model, from the ``metrics.json`` beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.errors import BadRecipe, CorruptData, NotFound
from training.evaluation.bootstrap import Interval
from training.evaluation.metrics import METRICS, headline_metrics

METRICS_FILE = "metrics.json"
_OF_MODEL = "this model"
_HOW = {
    "trained": _OF_MODEL,
    "untrained": "the untrained network",
    "colour": "colours alone",
}


@dataclass(frozen=True)
class Measurement:
    """One method on one test set.

    ``of_model``: whether it is the model, not what it is compared with; ``data``: which test set;
    ``record``: the file that says so; ``values``: of all metrics, by key; ``intervals``: 95 %, of
    those that have one.
    """

    of_model: bool
    method: str
    data: str
    record: Path
    people: int
    queries: int
    gallery: int
    values: Mapping[str, float]
    intervals: Mapping[str, Interval]

    def told(self) -> list[str]:
        """The headline metrics with their intervals, in their order."""
        return [self._told(metric.key) for metric in headline_metrics()]

    def _told(self, key: str) -> str:
        metric, of = METRICS[key], self.intervals.get(key)
        within = f" ({metric.number(of.low)} – {metric.number(of.high)})" if of else ""
        return f"{metric.text(self.values[key], ' ')}{within}"


def measurements(folder: Path, others: Sequence[Path], run: str) -> dict[str, list[Measurement]]:
    """All that evaluations left in a model's folder (of its own data, then of others by name) and
    in ``others``, by the name that a copy of the record goes by.

    ``run``: which model it must be of. Raises ``NotFound`` for a folder of ``others`` without a
    record, ``BadRecipe`` for one of another model, ``CorruptData`` for a file that is no record.
    """
    for other in others:
        if not (other / METRICS_FILE).is_file():
            raise NotFound(f"{other}: no {METRICS_FILE} in it; `unrealperson evaluate` leaves one")
    files = {METRICS_FILE: folder / METRICS_FILE}
    beside = [path.parent for path in sorted(folder.glob(f"on-*/{METRICS_FILE}"))]
    files |= {f"{each.name}-{METRICS_FILE}": each / METRICS_FILE for each in (*beside, *others)}
    return {name: _read(file, run) for name, file in files.items() if file.is_file()}


def public_record(file: Path) -> str:
    """A record as it may go to anybody: without where this machine keeps a target's list."""
    said = json.loads(file.read_text(encoding="utf-8"))
    if "target" in said:
        said["target"] = Path(said["target"]).name
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def _read(file: Path, run: str) -> list[Measurement]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        found = [_measurement(one, data, name, file) for one, data, name in _methods(said)]
        of_others = [one for one, _, name in _methods(said) if name == _OF_MODEL]
        wrong = {one["lineage"]["model"] for one in of_others} - {run}
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptData(
            f"{file}: not what `unrealperson evaluate` writes ({type(error).__name__}: {error}); "
            "evaluate the model again"
        ) from error
    if wrong:
        raise BadRecipe(
            f"{file} is of another model (run {min(wrong)[:16]}, this one is {run[:16]}); evaluate "
            "this one, or leave that folder out"
        )
    return found


def _methods(said: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
    """What was measured, on which data, and what by."""
    if "splits" not in said:
        for one in said["methods"]:
            data = f"{one['lineage']['dataset']}, snapshot {one['lineage']['snapshot']}"
            yield one, data, _HOW.get(one["method"], str(one["method"]))
        return
    part = " (its training part)" if said["tested_on"] == "train" else ""
    for number, one in enumerate(said["splits"], start=1):
        several = f", split {number}" if len(said["splits"]) > 1 else ""
        yield one, f"{one['lineage']['dataset']}{several}{part}", _OF_MODEL


def _measurement(said: dict[str, Any], data: str, name: str, file: Path) -> Measurement:
    more = [said["protocol"].replace("_", "-")] if said["protocol"] != "standard" else []
    more += ["re-ranked"] if said["reranked"] else []
    return Measurement(
        name == _OF_MODEL,
        f"{name} ({', '.join(more)})" if more else name,
        data,
        file,
        said["people"],
        said["queries"],
        said["gallery"],
        {key: float(said[key]) for key in METRICS},
        {
            metric.key: Interval(said[metric.key], *said[f"{metric.key}_interval"])
            for metric in headline_metrics()
        },
    )
