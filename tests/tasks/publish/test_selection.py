"""What is missing, who is dropped, and which errors name whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from manifests.dataset import Dataset
from manifests.errors import CorruptData, Shortfall
from tasks.publish.candidates import read_candidates
from tasks.publish.selection import missing_crops, select
from tests.manifests.claimed_shards import CAMERAS, claim_rows, claim_shards, crop_row, recipe


def test_nothing_is_missing_when_everybody_has_enough(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    assert missing_crops(recipe(images=12), read_candidates(toy.store, claims)) == {}
    assert missing_crops(recipe(images=13), read_candidates(toy.store, claims)) == dict.fromkeys(
        range(20), 1
    )


def test_people_without_any_crop_lack_all_of_them(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path, people=range(18))
    assert missing_crops(recipe(), read_candidates(toy.store, claims)) == {18: 6, 19: 6}
    assert missing_crops(recipe(people=2), read_candidates(toy.store, {})) == {0: 6, 1: 6}


def test_too_few_cameras_or_scenes_are_missing_too(toy: Dataset, tmp_path: Path) -> None:
    rows = [crop_row(0, "street", "street_c01", frame) for frame in range(6)]
    rows += [crop_row(1, "street", CAMERAS["street"][frame % 3], frame) for frame in range(6)]
    made = claim_rows(toy, "s", rows, tmp_path)
    wanted = recipe(people=2, min_cameras_per_person=3)
    assert missing_crops(wanted, read_candidates(toy.store, {made.id: made})) == {0: 2, 1: 1}
    one_scene = recipe(people=2, min_cameras_per_person=3, scenes_per_person=1)
    assert missing_crops(one_scene, read_candidates(toy.store, {made.id: made})) == {0: 2}


def test_extras_ask_for_crops_only_beside_somebody_of_their_group(
    toy: Dataset, tmp_path: Path
) -> None:
    # Groups of four: six people walk with the extras 6 and 7.
    claims = claim_shards(toy, tmp_path, people=[0, 1, 2, 3, 4, 6])
    wanted = recipe(people=6, shards={"people_per_shard": 4})
    assert missing_crops(wanted, read_candidates(toy.store, claims)) == {5: 6, 7: 6}
    with pytest.raises(Shortfall, match="1 of 6 people"):
        select(wanted, read_candidates(toy.store, claims))
    enough = recipe(people=5, shards={"people_per_shard": 4})
    assert missing_crops(enough, read_candidates(toy.store, claims)) == {}
    grown = recipe(people=8, shards={"people_per_shard": 4})
    assert missing_crops(grown, read_candidates(toy.store, claims)) == {5: 6, 7: 6}


def test_what_is_published_of_somebody_does_not_depend_on_how_many_there_are(
    toy: Dataset, tmp_path: Path
) -> None:
    candidates = read_candidates(toy.store, claim_shards(toy, tmp_path))
    few, all_ = (select(recipe(people=count), candidates).rows for count in (7, 20))
    old = all_.person < 7
    assert (few.digest == all_.digest[old]).all() and (few.person == all_.person[old]).all()


def test_the_same_image_twice_counts_once(toy: Dataset, tmp_path: Path) -> None:
    row = crop_row(0, "street", "street_c01", 0)
    rows = [row, row, crop_row(0, "street", "street_c01", 1)]
    made = claim_rows(toy, "s", rows, tmp_path)
    assert len(read_candidates(toy.store, {made.id: made})) == 2


def test_a_shortfall_names_people_and_the_way_out(toy: Dataset, tmp_path: Path) -> None:
    candidates = read_candidates(toy.store, claim_shards(toy, tmp_path, people=range(19)))
    with pytest.raises(Shortfall, match=r"1 of 20 people .* 19 \(has 0, lacks 6\).*drop_person"):
        select(recipe(), candidates)


def test_dropped_people_are_recorded(toy: Dataset, tmp_path: Path) -> None:
    candidates = read_candidates(toy.store, claim_shards(toy, tmp_path, people=range(19)))
    selection = select(recipe(on_shortfall="drop_person"), candidates)
    assert selection.dropped == (19,)
    assert set(selection.rows.person) == set(range(19))
    with pytest.raises(Shortfall, match=r"more max_rounds; nobody has enough"):
        select(recipe(on_shortfall="drop_person"), read_candidates(toy.store, {}))


def test_crops_of_people_beyond_the_recipe_are_left_alone(toy: Dataset, tmp_path: Path) -> None:
    candidates = read_candidates(toy.store, claim_shards(toy, tmp_path))
    assert set(select(recipe(people=4), candidates).rows.person) == set(range(4))


def test_rows_are_in_canonical_order(toy: Dataset, tmp_path: Path) -> None:
    rows = select(recipe(), read_candidates(toy.store, claim_shards(toy, tmp_path))).rows
    digests = [row.astype("<u8").tobytes() for row in rows.digest]
    keys = list(zip(rows.person, rows.scene, rows.camera, rows.time, digests))
    assert keys == sorted(keys)
    assert (np.bincount(rows.person) == 6).all()


def test_shards_of_another_recipe_are_noticed(toy: Dataset, tmp_path: Path) -> None:
    claims = {}
    for name, group in (("one", "g1"), ("two", None)):
        rows = [crop_row(0, "street", "street_c01", len(name) + bool(group), group=group)]
        made = claim_rows(toy, name, rows, tmp_path)
        claims[made.id] = made
    with pytest.raises(CorruptData, match="do not belong to one recipe"):
        read_candidates(toy.store, claims)


def test_a_crop_file_that_lost_rows_is_noticed(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    first = next(iter(claims.values()))
    toy.store.put(first.key, toy.store.get(first.key)[:-100])
    with pytest.raises(CorruptData, match=first.key):
        read_candidates(toy.store, claims)
