"""The stages of the factory as calls: build, train, evaluate. The work itself is in the rooms."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.places import model_folder, output_folder
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, recipe_digest
from manifests.whole_files import write_whole
from unrealperson._dataset import Dataset

if TYPE_CHECKING:
    from tasks.evaluate.measure import Evaluation
    from tasks.evaluate.target import TargetEvaluation
    from training.saved_model import Model


def load_recipe(
    name_or_path: str | Path,
    variants: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Recipe:
    """A validated recipe: a shipped one's name or a YAML file.

    ``variants`` (night, indoor, indoor-only, black-clothing) lie over it, then ``overrides``:
    fields by their paths, e.g. ``{"people.count": 48}``. Raises ``NotFound``, ``BadRecipe`` or
    ``BadScene`` with the field, what is allowed and what was given.
    """
    from tasks.plan.requests import resolve_recipe

    return resolve_recipe(name_or_path, variants, overrides)


def build(
    recipe: Recipe | str | Path,
    variants: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
) -> Dataset:
    """Build and publish what a recipe asks for on this machine, as `unrealperson build` does.

    ``recipe``: a shipped one's name, a YAML file, or a recipe in hand; ``variants`` and
    ``overrides`` as in ``load_recipe``; ``store`` as in ``Dataset``; ``workers``: shards at a
    time. Whatever is stored already is not rendered again. Call it from
    ``if __name__ == "__main__":``. Raises ``BadRecipe``, ``BadScene``, ``MissingRequirement``
    before any work, ``Shortfall`` and others of ``errors`` after it.
    """
    from flows.commands import BuildRequest, built

    name = _as_file(recipe) if isinstance(recipe, Recipe) else str(recipe)
    request = BuildRequest.parse(
        name, variants, dict(overrides or {}), None if store is None else str(store)
    )
    snapshot = built(request, workers)
    return Dataset(snapshot.dataset, store, snapshot.number)


def train(
    dataset: Dataset,
    settings: str | Path = "demo",
    overrides: dict[str, Any] | None = None,
    folder: str | Path | None = None,
    initial: str | Path | None = None,
) -> Model:
    """Train on a data set's training split; a run that was stopped goes on where it was.

    ``settings``: a preset's name or a YAML file; ``overrides`` changes fields of it, e.g.
    ``{"iterations": 500}``; ``folder``: where the model goes, by default below ``out/models``;
    ``initial``: a saved model to start from.
    """
    from manifests.identity import digest
    from tasks.train.fit import train_snapshot
    from training.config import load_training
    from training.saved_model import Model

    config = load_training(settings, overrides)
    snapshot = dataset.snapshot
    place = model_folder(snapshot.dataset, snapshot.content_digest, digest(config))
    start = None if initial is None else Path(initial)
    trained = train_snapshot(dataset.reader, config, Path(folder or place), start)
    return Model.load(trained.path)


def evaluate(
    model: Model | str | Path, data: Dataset | str, root: str | Path | None = None
) -> Evaluation | TargetEvaluation:
    """How well a model finds people again: ``means()`` has the metrics, ``metrics()`` everything.

    ``data``: a data set, whose test split is measured, or the name of a public one (market1501,
    ...; a CSV or Parquet file) in the folder ``root``.
    """
    from training.saved_model import Model

    path = model.path if isinstance(model, Model) else Model.load(model).path
    if isinstance(data, Dataset):
        from tasks.evaluate.evaluation_sets import snapshot_set
        from tasks.evaluate.models import measure_saved_model

        return measure_saved_model(path, snapshot_set(data.reader)).evaluation
    from tasks.evaluate.target import evaluate_target

    folder = path.parent / f"on-{Path(data).stem}"
    return evaluate_target(path, data, Path(root or "."), folder)


def add_scenes(folder: str | Path) -> None:
    """Let this process, and all that it starts, find the scene files (``*.yaml``) of a folder."""
    from synth_workers.scenes.library import SCENES_PATH_VARIABLE

    known = [entry for entry in os.environ.get(SCENES_PATH_VARIABLE, "").split(os.pathsep) if entry]
    added = str(Path(folder).resolve())
    if added not in known:
        os.environ[SCENES_PATH_VARIABLE] = os.pathsep.join([*known, added])


def _as_file(recipe: Recipe) -> str:
    """Where a recipe in hand was written: flows are told names, since they may run elsewhere."""
    path = output_folder() / "recipes" / f"{recipe.name}-{recipe_digest(recipe)[:12]}.yaml"
    write_whole(path, dump_recipe(recipe))
    return str(path)
