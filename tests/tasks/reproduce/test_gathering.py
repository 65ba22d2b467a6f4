"""Crops of several worlds as one training set."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pytest

from manifests.dataset import Dataset
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import open_store
from tasks.reproduce.gathering import Gathered, Piece, drawn
from tests.tasks.reproduce.toy_worlds import publish_world


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SnapshotReader]:
    tmp = tmp_path_factory.mktemp("worlds")
    made = {}
    for world in ("core", "wide"):
        store = open_store(tmp / "store")
        recipe = publish_world(store, world, tmp)
        made[world] = open_snapshot(Dataset(recipe.name, store))
    return made


def test_pictures_are_drawn_round_robin_over_cameras() -> None:
    person = np.array(["a"] * 7 + ["b"] * 2)
    camera = np.array(["1", "1", "1", "1", "2", "3", "3", "1", "1"])
    key = np.array([str(i) for i in range(9)])

    for count, expected in ((3, ["1", "2", "3"]), (5, ["1", "1", "2", "3", "3"])):
        kept = drawn(person, camera, key, count)
        assert sorted(camera[kept & (person == "a")]) == expected
        assert kept[person == "b"].sum() == 2


def test_the_order_of_crops_does_not_change_what_is_drawn() -> None:
    rng = np.random.default_rng(3)
    person, camera = rng.integers(0, 5, 80).astype(str), rng.integers(0, 4, 80).astype(str)
    key = np.array([f"crop {i}" for i in range(80)])
    order = rng.permutation(80)

    first = set(key[drawn(person, camera, key, 6)])
    again = set(key[order][drawn(person[order], camera[order], key[order], 6)])

    assert first == again


def test_people_scenes_and_pictures_are_as_asked(worlds: dict[str, SnapshotReader]) -> None:
    gathered = Gathered(
        [Piece(worlds["core"], None, 6), Piece(worlds["wide"], ("plaza",), 6)], images=4
    )
    table = gathered.table(["person_id", "person_index", "scene"]).to_pandas()

    assert set(table["person_index"]) == set(range(6))
    assert set(table["scene"]) == {"street", "crossing", "plaza"}
    assert set(Counter(table["person_id"]).values()) == {4}
    assert len(list(gathered.images())) == len(table)


def test_pictures_are_those_of_their_rows(worlds: dict[str, SnapshotReader]) -> None:
    gathered = Gathered([Piece(worlds["core"]), Piece(worlds["wide"], ("plaza",))], images=None)
    digests = gathered.table(["crop_digest"])["crop_digest"].to_pylist()
    mask = np.zeros(len(digests), dtype=bool)
    mask[[0, 5, len(mask) - 1]] = True

    found = [hashlib.sha256(image).digest() for image in gathered.images(mask)]

    assert found == [digests[i] for i in np.flatnonzero(mask)]


def test_the_digest_is_of_the_request_and_the_data(worlds: dict[str, SnapshotReader]) -> None:
    core = worlds["core"]
    requests = [
        Gathered([Piece(core)], 4),
        Gathered([Piece(core)], 3),
        Gathered([Piece(core, ("street",))], 4),
        Gathered([Piece(core, None, 5)], 4),
        Gathered([Piece(worlds["wide"])], 4),
    ]

    assert len({request.content_digest() for request in requests}) == len(requests)
    assert Gathered([Piece(core)], 4).content_digest() == requests[0].content_digest()
