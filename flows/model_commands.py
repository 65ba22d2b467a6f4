"""The commands that train and measure models: check first, then run, then sum up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from flows.commands import local_run
from flows.places import chosen_dataset, chosen_store, output_folder
from manifests.errors import BadRecipe, NotFound
from manifests.snapshots import find_snapshot

if TYPE_CHECKING:
    from training.evaluation.protocol import Protocol
    from training.evaluation.statistics_rule import StatisticsRule


def run_train(
    dataset: str | None,
    number: int | None,
    store: str | None,
    training: str,
    initial: Path | None,
) -> None:
    """Train on a published data set."""
    if dataset is None:
        raise BadRecipe("train: name a published data set, or --target and --root")
    opened = chosen_dataset(dataset, store)
    start = None if initial is None else _model_file(initial, "--initial")
    snapshot = find_snapshot(opened, number)
    pinned = (snapshot.dataset, snapshot.number, snapshot.content_digest)
    with local_run(None):
        from flows.train import train

        model = train(*pinned, store=opened.store.address, training=training, initial=start)
    typer.echo(f"Model: {model.path.parent}")


def run_train_target(
    target: str,
    root: Path | None,
    output: Path | None,
    training: str,
    initial: Path | None,
    partial: bool,
) -> None:
    """Train on somebody else's data set; ``python -m tasks.train`` does it in many processes."""
    from tasks.train.target import open_training_target
    from training.config import load_training

    start = None if initial is None else _model_file(initial, "--initial")
    folder = output or output_folder() / "models" / Path(target).stem
    config = load_training(training)
    data = open_training_target(target, root, partial, config)
    # Imports torch: only once nothing can be refused any more.
    from tasks.train.fit import fit

    model = fit(data, config, folder, on_progress=lambda now: typer.echo(now), initial=start)
    typer.echo(f"Model: {model.path.parent}")


@dataclass(frozen=True)
class MeasuringRequest:
    """How a model is measured, as given on the command line."""

    protocol: str
    rerank: bool
    memory_mb: float | None
    embeddings: bool
    statistics: str

    def known_statistics(self) -> StatisticsRule:
        """``BadRecipe`` for a rule that does not exist."""
        from training.evaluation.statistics_rule import StatisticsRule

        if self.statistics not in [known.value for known in StatisticsRule]:
            known = ", ".join(StatisticsRule)
            raise BadRecipe(f"--statistics: must be one of {known}; got {self.statistics!r}")
        return StatisticsRule(self.statistics)

    def known_protocol(self) -> Protocol:
        """``BadRecipe`` for a protocol that does not exist."""
        from training.evaluation.protocol import Protocol

        name = self.protocol.replace("-", "_")
        if name not in [known.value for known in Protocol]:
            known = ", ".join(known.value.replace("_", "-") for known in Protocol)
            raise BadRecipe(f"--protocol: must be one of {known}; got {self.protocol!r}")
        return Protocol(name)


def run_adapt(
    source: str,
    target: str,
    root: Path | None,
    store: str | None,
    adaptation: str,
    initial: Path | None,
    camstyle: Path | None,
    partial: bool,
) -> None:
    """Adapt from a published data set to another one, or to somebody else's."""
    from tasks.adapt.places import DataPlace
    from training.adaptation.config import load_adaptation
    from training.evaluation.metrics import in_one_line

    address = chosen_store(store).address
    load_adaptation(adaptation)
    if initial is not None:
        initial = _model_file(initial, "--initial")
    places = [
        DataPlace(name=source, store=address),
        DataPlace(name=target, store=address, root=root, partial=partial),
    ]
    for place in places:
        place.opened()
    with local_run(None):
        from flows.adapt import adapt

        outcome = adapt(places[0], places[1], adaptation, initial, camstyle)
    typer.echo(f"Model: {outcome.model.path.parent}")
    for found in outcome.measured.evaluations if outcome.measured else ():
        typer.echo(f"{found.method}: {in_one_line(found.means())}")


def run_evaluate(
    dataset: str | None,
    number: int | None,
    store: str | None,
    model: Path,
    asked: MeasuringRequest,
) -> None:
    """Measure a model beside its baselines."""
    folder = _model_file(model, "--model").parent
    if dataset is None:
        raise BadRecipe("evaluate: name a published data set, or --target and --root")
    protocol, statistics = asked.known_protocol(), asked.known_statistics()
    opened = chosen_dataset(dataset, store)
    snapshot = find_snapshot(opened, number)
    with local_run(None):
        from flows.evaluate import evaluate

        comparison = evaluate(
            dataset,
            folder,
            snapshot.number,
            snapshot.content_digest,
            opened.store.address,
            protocol=protocol,
            rerank=asked.rerank,
            memory_mb=asked.memory_mb,
            embeddings=asked.embeddings,
            statistics=statistics,
        )
    from flows.summary import metric_lines

    for line in metric_lines(comparison):
        typer.echo(line)


def run_evaluate_target(
    model: Path,
    target: str,
    root: Path | None,
    output: Path | None,
    asked: MeasuringRequest,
    partial: bool,
) -> None:
    """Measure a model on somebody else's data set, read by its official layout."""
    from tasks.evaluate.measure import Measuring
    from tasks.evaluate.target import evaluate_target
    from training.evaluation.metrics import in_one_line

    file = _model_file(model, "--model")
    if root is None:
        raise BadRecipe(f"--target {target}: needs --root, the folder of the unpacked data set")
    found = evaluate_target(
        file,
        target,
        root,
        output or output_folder() / "targets" / Path(target).stem,
        Measuring(
            asked.known_protocol(),
            asked.rerank,
            asked.memory_mb,
            statistics=asked.known_statistics(),
        ),
        partial,
        asked.embeddings,
    )
    skipped = sum(split.skipped_queries for split in found.splits)
    typer.echo(f"{found.target}: {in_one_line(found.means())}, {skipped} queries without a match")


def _model_file(model: Path, option: str) -> Path:
    """The saved model that a folder or a file names; ``NotFound`` says how to make one."""
    file = model / "model.pt" if model.is_dir() else model
    if model == Path() or not file.is_file():
        raise NotFound(f"{option} {model}: no such model; `unrealperson train` makes one")
    return file.resolve()
