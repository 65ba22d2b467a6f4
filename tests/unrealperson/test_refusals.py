"""Wrong calls of the front door: each is refused in words that name the argument and the remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import unrealperson as up
from manifests.stores import open_store
from tests.tasks.report.publishing import publish_small
from tests.training.small_model import save_small_model

BAD, NOT_THERE, SCENE = up.errors.BadRecipe, up.errors.NotFound, up.errors.BadScene
CROP = np.zeros((64, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, a model, a file and an empty folder."""
    folder = tmp_path_factory.mktemp("front")
    publish_small(open_store(folder / "store"), people=3)
    save_small_model(folder)
    (folder / "file").write_text("text")
    (folder / "empty").mkdir()
    (folder / f"a{os.pathsep}b").mkdir()
    (folder / f"a{os.pathsep}b" / "x.yaml").touch()
    return folder


@pytest.fixture(scope="module")
def dataset(place: Path) -> up.Dataset:
    return up.Dataset("small", store=place / "store")


@pytest.fixture(scope="module")
def model(place: Path) -> up.Model:
    return up.Model.load(place / "model")


def recipe() -> up.Recipe:
    return up.load_recipe("tiny")


def call(name: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """A public name called so, whatever the types say."""
    return lambda **_: getattr(up, name)(*args, **kwargs)


Wrong = tuple[str, Callable[..., Any], type[up.FactoryError], str]

WITHOUT_DATA: list[Wrong] = [
    ("a person before the first", lambda **_: up.people_of(recipe(), [-1]), BAD,
     r"indices: nobody has the index -1; .*8 people, 0 to 7"),
    ("a person after the last", lambda **_: up.people_of(recipe(), [8]), BAD, "people.count asks"),
    ("one index", lambda **_: up.people_of(recipe(), 3), BAD,  # pyright: ignore
     r"indices: must be a list of whole numbers, e\.g\. \[0, 1, 2\]"),
    ("half a person", lambda **_: up.people_of(recipe(), [1.5]), BAD,  # pyright: ignore
     r"indices: must be a list of whole numbers.* got 1\.5 at place 0"),
    ("people of a name", call("people_of", "tiny"), BAD, "recipe: must be a Recipe; load_recipe"),
    ("a size of nothing", call("Scene", "plaza", width=0), BAD, "width: must be .*at least 16"),
    ("a size of half", call("Scene", "plaza", height=99.5), BAD, "height: must be a whole number"),
    ("a size of truth", call("Scene", "plaza", height=True), BAD, "height: must be a whole number"),
    ("a huge size", call("Scene", "plaza", width=10**9), BAD, "width: must be .*at most 8192"),
    ("a huge product", call("Scene", "plaza", width=8000, height=8000, supersampling=4), BAD,
     "supersampling: 4 times 8000x8000 .*smaller"),
    ("no supersampling", call("Scene", "plaza", supersampling=0), BAD, "supersampling: .*least 1"),
    ("a negative seed", call("Scene", "plaza", seed=-1), BAD, "seed: must be .*at least 0"),
    ("a crowd", lambda **_: up.Scene("plaza", up.people_of(recipe(), [0]) * 300), BAD,
     r"people: 300 of them, at most 255 .*give fewer, e\.g\. people\[:255\]"),
    ("people as a name", call("Scene", "plaza", "tiny"), BAD, r"people: .*people_of\(recipe\)"),
    ("a scene as a number", call("Scene", 3), BAD, "scene: must be text, got 3"),
    ("an unknown scene", call("Scene", "moon"), SCENE, "unknown scene 'moon'; known are crossing"),
    ("no views", lambda **_: up.turntable(up.people_of(recipe(), [0])[0], views=0), BAD,
     "views: must be a whole number, at least 1"),
    ("people to turn", lambda **_: up.turntable(up.people_of(recipe())), BAD,  # pyright: ignore
     r"spec: must be one PersonSpec, e\.g\. people_of"),
    ("one side", lambda **_: up.turntable(up.people_of(recipe(), [0])[0], size=(64,)),  # pyright: ignore
     BAD, r"size\[1\]: is required"),
    ("overrides as a list", call("load_recipe", "tiny", overrides=["people.count=4"]), BAD,
     r'overrides: must be a mapping of fields to values, e\.g\. \{"people\.count": 48\}'),
    ("overrides by number", call("load_recipe", "tiny", overrides={3: 4}), BAD, "fields are named"),
    ("a variant's letters", call("load_recipe", "tiny", "night"), BAD,
     r"variants: must be a list of variants, e\.g\. \[\"night\"\]; got 'night'"),
    ("a build's letters", call("build", "tiny", variants="night"), BAD, r'e\.g\. \["night"\]'),
    ("no recipe", call("load_recipe", None), BAD, "name_or_path: must be text or a path"),
    ("no camera", call("load_recipe", "tiny", overrides={"scenes": [{"name": "plaza",
     "cameras": []}]}), BAD, r"scenes\[0\]\.cameras: must name a camera .*`all` has all"),
    ("nothing to build", call("build", None), BAD, "recipe: must be a recipe's name, a YAML file"),
    ("no workers", call("build", "tiny", workers=0), BAD, "workers: .*at least 1"),
    ("a store as a number", call("Dataset", "tiny", store=3), BAD, "store: must be text or a path"),
    ("a name as a number", call("Dataset", 3), BAD, "name: must be text"),
    ("snapshot 0", call("Dataset", "tiny", snapshot=0), BAD, "snapshot: must be .*at least 1"),
    ("a snapshot's name", call("Dataset", "tiny", snapshot="x"), BAD, "snapshot: must be a whole"),
    ("a NUL", call("Dataset", "tiny", store="a\0b"), BAD, "store: must be text or a path"),
    ("training on a name", call("train", "tiny", "tiny"), BAD,
     r'dataset: must be a Dataset; Dataset\("tiny"\) opens a published one'),
    ("a model as a number", call("Model", 3), BAD, "path: must be text or a path"),
    ("no model", call("Model", "/nowhere"), NOT_THERE, "/nowhere: no such file"),
    ("scenes nowhere", call("add_scenes", "/nowhere"), NOT_THERE, "folder: there is no .*/nowhere"),
    ("scenes as a number", call("add_scenes", 3), BAD, "folder: must be text or a path"),
]  # fmt: skip

WITH_DATA: list[Wrong] = [
    ("a file of scenes", lambda place, **_: up.add_scenes(place / "file"), NOT_THERE,
     "folder: there is no folder .*file"),
    ("no scenes", lambda place, **_: up.add_scenes(place / "empty"), NOT_THERE,
     r"folder: .*empty holds no scene files \(\*\.yaml"),
    ("two folders in one", lambda place, **_: up.add_scenes(place / f"a{os.pathsep}b"), BAD,
     "folder: .*separates folders; rename it"),
    ("an unknown column", lambda dataset, **_: dataset.crops(columns=["hat"]), NOT_THERE,
     "no such columns: hat; the manifest has crop_key"),
    ("a column's number", lambda dataset, **_: dataset.crops(columns=[3]), BAD, "columns: must be"),
    ("an unknown split", lambda dataset, **_: dataset.crops(split="val"), NOT_THERE,
     "no split 'val'; there are train, test"),
    ("several splits", lambda dataset, **_: dataset.torch(["train"]), BAD, "split: must be text"),
    ("a role's number", lambda dataset, **_: dataset.torch("test", role=3), BAD, "role: must be"),
    ("a transform's name", lambda dataset, **_: dataset.torch("train", transform="flip"), BAD,
     "transform: must be a function of an array"),
    ("training in a file", lambda dataset, place, **_: up.train(dataset, "tiny",
     folder=place / "file"), BAD, r"folder: .*file cannot be one \(it is a file\); name another"),
    ("an unknown training", lambda dataset, **_: up.train(dataset, "huge"), BAD,
     "no training called 'huge'.* Shipped: demo"),
    ("iterations as a list", lambda dataset, **_: up.train(
     dataset, "tiny", ["iterations=3"]), BAD,  # pyright: ignore
     "overrides: must be a mapping"),
    ("starting from nothing", lambda dataset, place, **_: up.train(dataset, "tiny",
     folder=place / "run", initial=place / "empty"), NOT_THERE, "empty/model.pt: no such file"),
    ("arguments swapped", lambda model, dataset, **_: up.evaluate(dataset, model), BAD,
     "model: must be a Model.*data: must be a Dataset.*the model is the first argument"),
    ("a data set by its name", lambda model, **_: up.evaluate(model, "tiny"), NOT_THERE,
     r"unknown data set 'tiny'.*Dataset\('tiny'\)"),
    ("a root for nothing", lambda model, dataset, **_: up.evaluate(model, dataset,
     root="/nowhere"), BAD, "root: /nowhere is for data sets of others.*leave root out"),
    ("an empty root", lambda model, place, **_: up.evaluate(model, "market1501",
     root=place / "empty"), NOT_THERE, "market1501: no folder bounding_box_train"),
    ("one path", lambda model, **_: model.embed("mine.jpg"), BAD,
     r"crops: must be a list of crops .*, e\.g\. \[\"mine\.jpg\""),
    ("one path object", lambda model, **_: model.embed(Path("mine.jpg")), BAD, "crops: must be a"),
    ("one crop", lambda model, **_: model.embed(CROP), BAD, "crop 0 must be .*list of such arrays"),
    ("no crops", lambda model, **_: model.embed([None, None]), BAD, "got None at place 0"),
    ("cameras' letters", lambda model, **_: model.embed([CROP, CROP], cameras="ab"), BAD,
     r"cameras: must be a list of names, e\.g\. \[\"c1\""),
    ("cameras' numbers", lambda model, **_: model.embed([CROP, CROP], [1, 1]), BAD,
     "must be a list of names"),
    ("our data set's training part", lambda dataset, model, **_: up.evaluate(model, dataset,
     test_on="train"), BAD, "test_on: 'train' is for data sets of others; .* has a test split"),
    ("an unknown part", lambda model, **_: up.evaluate(model, "own.csv", test_on="val"), BAD,
     """test_on: must be "test" or "train".* got 'val'"""),
    ("half a picture", lambda model, **_: model.embed([b"\x89PNG\r\n\x1a\n"] * 2),
     up.errors.CorruptData, "image number 0: truncated PNG"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [pytest.param(*rest, id=name) for name, *rest in WITHOUT_DATA],
)
def test_wrong_calls(wrong: Callable[..., Any], error: type[up.FactoryError], message: str) -> None:
    expect(wrong, error, message)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [pytest.param(*rest, id=name) for name, *rest in WITH_DATA],
)
def test_wrong_calls_about_data_and_models(
    wrong: Callable[..., Any],
    error: type[up.FactoryError],
    message: str,
    place: Path,
    dataset: up.Dataset,
    model: up.Model,
) -> None:
    expect(wrong, error, message, place=place, dataset=dataset, model=model)


def expect(
    wrong: Callable[..., Any], error: type[up.FactoryError], message: str, **given: Any
) -> None:
    with pytest.raises(up.FactoryError) as refused:
        wrong(**given)
    assert type(refused.value) is error
    assert re.search(message, str(refused.value), re.DOTALL), refused.value


def test_numbers_of_numpy_are_numbers() -> None:
    assert [person.index for person in up.people_of(recipe(), np.arange(2))] == [0, 1]


def test_pictures_alone_can_be_asked_for(dataset: up.Dataset) -> None:
    assert dataset.crops(columns=["image"]).column_names == ["image"]
    assert dataset.crops(columns="person_id").column_names == ["person_id", "image"]
    assert dataset.crops(columns=["image"]).num_rows == len(dataset)


def test_torch_crops_make_batches_as_they_are(dataset: up.Dataset) -> None:
    import torch
    from torch.utils.data import DataLoader

    crops = dataset.torch("train")
    loaded, people, cameras = next(iter(DataLoader(crops, batch_size=4)))
    assert loaded.shape == (4, 3, 256, 128) and loaded.dtype == torch.uint8
    assert crops.person_ids[int(people[0])] == dataset.crops("train")["person_id"][0].as_py()
    assert len(cameras) == 4
    own = dataset.torch("train", transform=lambda picture: picture.shape)
    assert own[0][0] != (256, 128, 3)


def test_what_is_public_says_in_one_line_what_it_is(dataset: up.Dataset, model: up.Model) -> None:
    assert re.fullmatch(r"<Dataset 'small', snapshot 1: 3 people, \d+ crops>", repr(dataset))
    height, width = model.size
    assert f"resnet8, {model.dimension} numbers of a crop, seen at {height}x{width}" in repr(model)
