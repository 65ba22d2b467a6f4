"""The stages of the factory as calls: build, train, evaluate. The work itself is in the rooms."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from flows.places import model_folder, output_folder
from manifests.arguments import CHANGES, LOCAL, PLACE, checked, instance, listed, such
from manifests.errors import BadRecipe, NotFound
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, recipe_digest
from manifests.whole_files import write_whole
from unrealperson._dataset import Dataset

if TYPE_CHECKING:
    from tasks.evaluate.measure import Evaluation
    from tasks.evaluate.target import TargetEvaluation
    from training.saved_model import Model


_OPENED = 'a Dataset; Dataset("tiny") opens a published one, build("tiny") makes it'
_VARIANTS = listed(str, words="variants", example='["night"]')


def _is_model(value: object) -> bool:
    from training.saved_model import Model

    return isinstance(value, Model)


def _is_place(value: object) -> bool:
    return isinstance(value, str | os.PathLike)


MODEL = such(
    lambda value: _is_place(value) or _is_model(value), "a Model, or the path of a saved one"
)


@checked(name_or_path=LOCAL, variants=_VARIANTS, overrides=CHANGES)
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


@checked(
    recipe=instance(Recipe, str, os.PathLike, words="a recipe's name, a YAML file or a Recipe"),
    variants=_VARIANTS,
    overrides=CHANGES,
    store=PLACE,
    workers=Annotated[int, Field(ge=1)],
)
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


@checked(
    dataset=instance(Dataset, words=_OPENED),
    settings=LOCAL,
    overrides=CHANGES,
    folder=LOCAL,
    initial=MODEL,
)
def train(
    dataset: Dataset,
    settings: str | Path = "demo",
    overrides: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    initial: Model | str | Path | None = None,
) -> Model:
    """Train on a data set's training split; a run that was stopped goes on where it was.

    ``settings``: a preset's name or a YAML file; ``overrides`` changes fields of it, e.g.
    ``{"iterations": 500}``; ``folder``: where the model goes, by default below ``out/models``;
    ``initial``: a saved model to start from. Raises ``BadRecipe``, ``NotFound`` and
    ``CorruptData`` before any work, ``TrainingFailed`` for data that cannot teach anything and a
    loss that diverged.
    """
    from manifests.identity import digest
    from tasks.publish.leases import reading
    from tasks.train.fit import train_snapshot
    from training.config import load_training
    from training.saved_model import Model

    config = load_training(settings, overrides)
    snapshot = dataset.snapshot
    place = model_folder(snapshot.dataset, snapshot.content_digest, digest(config))
    place = place if folder is None else _folder("train", Path(folder))
    start = initial if initial is None or isinstance(initial, Model) else Model(initial)
    with reading(dataset.reader):
        trained = train_snapshot(dataset.reader, config, place, start and start.path)
    return Model(trained.path)


@checked(
    model=MODEL,
    data=instance(
        Dataset,
        str,
        os.PathLike,
        words='a Dataset, or the name of a data set of others, e.g. "market1501"; the model is '
        "the first argument",
    ),
    root=LOCAL,
    test_on=such(lambda value: value in ("test", "train"), '"test" or "train"'),
)
def evaluate(
    model: Model | str | Path,
    data: Dataset | str | Path,
    root: str | Path | None = None,
    test_on: str = "test",
) -> Evaluation | TargetEvaluation:
    """How well a model finds people again: ``means()`` has the metrics, ``metrics()`` everything.

    ``data``: a data set, whose test split is measured, or the name of a public one (market1501,
    ...; a CSV or Parquet file) in the folder ``root``; of those, ``test_on="train"`` makes a test
    of the training part, with one query of each person and camera. Raises ``NotFound`` and
    ``CorruptData`` for models and data that are not there or not whole, ``TrainingFailed`` if the
    model was trained on what is tested.
    """
    from training.saved_model import Model

    if isinstance(data, Dataset) and test_on != "test":
        raise BadRecipe(
            f"evaluate: test_on: {test_on!r} is for data sets of others; {data!r} has a test split"
        )

    if isinstance(data, Dataset) and root is not None:
        raise BadRecipe(
            f"evaluate: root: {root} is for data sets of others, found by their names; {data!r} "
            "is open already, so leave root out"
        )
    path = model.path if isinstance(model, Model) else Model(model).path
    if isinstance(data, Dataset):
        from tasks.evaluate.evaluation_sets import snapshot_set
        from tasks.evaluate.models import measure_saved_model
        from tasks.publish.leases import reading

        with reading(data.reader):
            return measure_saved_model(path, snapshot_set(data.reader)).evaluation
    from tasks.evaluate.target import evaluate_target
    from training.targets.training_part import TestOn

    part = TestOn(test_on)
    name = Path(data).stem if part is TestOn.test else f"{Path(data).stem}-train"
    return evaluate_target(
        path, str(data), Path(root or "."), path.parent / f"on-{name}", test_on=part
    )


@checked(folder=LOCAL)
def add_scenes(folder: str | Path) -> None:
    """Let this process, and all that it starts, find the scene files (``*.yaml``) of a folder.

    Raises ``NotFound`` for a folder that is not there or holds none.
    """
    from synth_workers.scenes.library import SCENES_PATH_VARIABLE, scene_files

    place = Path(folder).resolve()
    if not place.is_dir():
        raise NotFound(f"add_scenes: folder: there is no folder {place}; name one of scene files")
    if not scene_files(place):
        raise NotFound(f"add_scenes: folder: {place} holds no scene files (*.yaml, *.json)")
    if os.pathsep in str(place):
        raise BadRecipe(
            f"add_scenes: folder: {place} has a {os.pathsep!r} in its name, which separates "
            "folders; rename it"
        )
    known = [entry for entry in os.environ.get(SCENES_PATH_VARIABLE, "").split(os.pathsep) if entry]
    if str(place) not in known:
        os.environ[SCENES_PATH_VARIABLE] = os.pathsep.join([*known, str(place)])


def _folder(call: str, folder: Path) -> Path:
    """A folder to write to, made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = "it is a file" if folder.is_file() else str(error)
        raise BadRecipe(
            f"{call}: folder: {folder} cannot be one ({reason}); name another"
        ) from error
    return folder


def _as_file(recipe: Recipe) -> str:
    """Where a recipe in hand was written: flows are told names, since they may run elsewhere."""
    path = output_folder() / "recipes" / f"{recipe.name}-{recipe_digest(recipe)[:12]}.yaml"
    write_whole(path, dump_recipe(recipe))
    return str(path)
