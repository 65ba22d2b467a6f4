"""Worlds held out for testing: who walked there is tested, and the card says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manifests.dataset import Dataset
from manifests.places import Places
from tasks.publish.candidates import read_candidates
from tasks.publish.publish import publish_dataset
from tasks.publish.selection import missing_crops, select
from tests.manifests.claimed_shards import claim_rows, crop_row, recipe

ASKED = recipe(
    people=8,
    scenes=[{"family": "plaza", "worlds": 3, "worlds_per_group": 2}],
    shards={"people_per_shard": 2},
    splits={"worlds": 1, "test_share": 0.25},
)
PLACES = Places(ASKED)


def test_test_people_are_those_who_walked_in_held_out_worlds(toy: Dataset, tmp_path: Path) -> None:
    rows = [
        crop_row(person, name, f"{name}_c0{1 + frame % 2}", frame)
        for person in range(8)
        for name in (PLACES.all[number].name for number in PLACES.of_group(person // 2))
        for frame in range(6)
    ]
    made = claim_rows(toy, "s", rows, tmp_path)
    candidates = read_candidates(toy.store, {made.id: made})
    assert missing_crops(ASKED, candidates) == {}
    chosen = select(ASKED, candidates)
    where = np.array(chosen.rows.scenes)[chosen.rows.scene]
    assert set(where[chosen.is_test]) == PLACES.held_out
    assert not set(where[~chosen.is_test]) & PLACES.held_out
    assert len(set(chosen.rows.person[chosen.is_test])) == 2

    snapshot = publish_dataset(ASKED, toy, [], {made.id: made})
    (world,) = PLACES.held_out
    card = toy.store.get(snapshot.files[0].key).decode()
    assert f"nobody else was seen, and nowhere else:\n{world}." in card
    assert set(snapshot.versions) >= {f"scene plaza-{number}" for number in range(3)}


def test_who_met_too_few_worlds_lacks_crops(toy: Dataset, tmp_path: Path) -> None:
    trained = next(group for group in range(4) if not PLACES.is_tested(group))
    first, second = (PLACES.all[number].name for number in PLACES.of_group(trained))
    rows = [crop_row(2 * trained, first, f"{first}_c0{1 + k % 2}", k) for k in range(6)]
    made = claim_rows(toy, "s", rows, tmp_path)
    lacking = missing_crops(ASKED, read_candidates(toy.store, {made.id: made}))
    assert lacking[2 * trained] == 1 and first != second
