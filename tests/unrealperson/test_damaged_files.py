"""No file that people bring ends in a traceback: it is read, or refused in words of ours.

Clothes and pictures have tests of their own, beside their readers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, BadScene, CorruptData, FactoryError, NotFound
from manifests.reader import open_snapshot
from manifests.recipes_io import dump_recipe, load_recipe, parse_recipe
from manifests.stores import open_store
from synth_workers.scenes.library import read_scene, scene_file
from tasks.jobs import read_job
from tasks.publish.publish import publish_dataset
from tasks.render.jobs import PeopleJob
from tests.damaging import damaged
from tests.manifests.claimed_shards import claim_shards, recipe
from tests.training.targets.trees import write_images
from training.targets.registry import open_target

LIST = (
    b"path,person,camera,role,time,session,outfit\n"
    b"a.jpg,anna,c1,query,0.5,mon,0\n"
    b"b.jpg,anna,c2,gallery,7,mon,1\n"
    b'"c, d.jpg",ben,c1,query,,,\n'
    b"e.jpg,ben,c2,gallery,9,tue,\n"
)
NAMES = [
    "query/0001_c1s1_000151_01",
    "bounding_box_test/0001_c2s1_000151_01",
    "bounding_box_test/0000_c2s1_000151_02",
    "bounding_box_test/-1_c3s1_000151_02",
    "bounding_box_train/0002_c1s1_000151_02",
]


def refused_in_words(read: Callable[[], object], *kinds: type[FactoryError]) -> bool:
    """Whether it was refused, with one of these errors; any other is a failure."""
    try:
        read()
    except kinds as error:
        assert str(error)
        return True
    return False


def whole_and_damaged(whole: bytes, seed: str, tries: int) -> Iterator[bytes]:
    """The whole file first: that it is read shows that the damage is what is refused."""
    yield whole
    yield from damaged(whole, seed, tries)


def lists(folder: Path) -> Iterator[Callable[[], object]]:
    write_images(folder, ["a.jpg", "b.jpg", "c, d.jpg", "e.jpg"])
    for data in whole_and_damaged(LIST, "list", 250):
        (folder / "lab.csv").write_bytes(data)
        yield lambda: open_target("lab.csv", folder)


def parquet_lists(folder: Path) -> Iterator[Callable[[], object]]:
    write_images(folder, ["a.jpg", "b.jpg"])
    columns = {"path": ["a.jpg", "b.jpg"], "person": ["anna"] * 2, "camera": ["c1", "c2"]}
    table = pa.table({**columns, "role": ["query", "gallery"], "time": [0.5, None]})
    pq.write_table(table, folder / "lab.parquet")
    whole = (folder / "lab.parquet").read_bytes()
    for data in whole_and_damaged(whole, "parquet", 120):
        (folder / "lab.parquet").write_bytes(data)
        yield lambda: open_target("lab.parquet", folder)


def market(folder: Path) -> Iterator[Callable[[], object]]:
    write_images(folder, ["a.jpg"])
    whole = "\n".join(NAMES).encode()
    for number, names in enumerate(whole_and_damaged(whole, "market", 40)):
        root = folder / str(number)
        for name in names.split(b"\n"):
            place, _, file = name.replace(b"\0", b"").rpartition(b"/")
            path = root / os.fsdecode(place.strip(b"./")) / os.fsdecode(file[:200] + b".jpg")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((folder / "a.jpg").read_bytes())
        yield lambda root=root: open_target("market1501", root, partial=True)


def msmt(folder: Path) -> Iterator[Callable[[], object]]:
    lines = "0000/0000_000_01_0303morning_0008_0.jpg 0\n0000/0000_001_02_0303noon_0011_1.jpg 0\n"
    write_images(folder / "train", [line.split()[0] for line in lines.splitlines()])
    write_images(folder / "test", [line.split()[0] for line in lines.splitlines()])
    for name, line in zip(("list_query.txt", "list_gallery.txt"), lines.splitlines()):
        (folder / name).write_text(line)
    for data in whole_and_damaged(lines.encode(), "msmt", 200):
        (folder / "list_train.txt").write_bytes(data)
        yield lambda: open_target("msmt17-v1", folder, partial=True)


def manifests(folder: Path) -> Iterator[Callable[[], object]]:
    toy = Dataset("toy", open_store(folder / "store"))
    publish_dataset(recipe(), toy, [], claim_shards(toy, folder))
    snapshot = open_snapshot(toy)
    path = folder / "store" / snapshot.snapshot.manifest.key
    for data in whole_and_damaged(path.read_bytes(), "manifest", 60):
        path.write_bytes(data)
        yield lambda: open_snapshot(toy).table()


@pytest.mark.parametrize("reader", [lists, parquet_lists, market, msmt, manifests])
def test_data_of_others(reader: Callable[[Path], Iterator], tmp_path: Path) -> None:
    whole, *ends = [refused_in_words(read, CorruptData, NotFound) for read in reader(tmp_path)]
    assert not whole
    assert any(ends)


def test_recipes() -> None:
    whole = dump_recipe(load_recipe("demo"), complete=True).encode()
    for data in damaged(whole, "recipe", 25):
        refused_in_words(lambda data=data: parse_recipe(data.decode("utf-8", "replace")), BadRecipe)


def test_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_SCENES", str(tmp_path))
    whole = scene_file("street").read_bytes().replace(b"name: street", b"name: own", 1)
    for data in damaged(whole, "scene", 12):
        (tmp_path / "own.yaml").write_bytes(data)
        refused_in_words(lambda: read_scene("own"), BadScene)


def test_jobs(tmp_path: Path) -> None:
    job = PeopleJob(people=recipe().people, dataset_seed=5, indices=(0, 1))
    path = tmp_path / "job.json"
    for data in damaged(job.model_dump_json().encode(), "job", 120):
        path.write_bytes(data)
        refused_in_words(lambda: read_job(path, PeopleJob), CorruptData)
