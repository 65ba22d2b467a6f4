"""Sampling: exact numbers, even spread, and nothing that depends on luck."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.crop_sizes import SizeShares, size_class
from tasks.publish.candidates import Candidates
from tasks.publish.sampling import mix, rank_within, stratified_sample

SCENE_OF = (0, 0, 0, 1, 1)


def candidates(rows: list[tuple[int, int]], seed: int = 0) -> Candidates:
    """``rows``: (person, camera); cameras 0 to 2 are in scene 0, 3 and 4 in scene 1."""
    person = np.array([row[0] for row in rows], dtype=np.int32)
    camera = np.array([row[1] for row in rows], dtype=np.int16)
    digest = np.random.default_rng(seed).integers(0, 2**63, (len(rows), 2)).astype(np.uint64)
    return Candidates(
        (),
        ("a", "b"),
        tuple(f"c{n}" for n in range(5)),
        person,
        np.array([SCENE_OF[c] for c in camera], dtype=np.int16),
        camera,
        np.arange(len(rows), dtype=float),
        np.ones(len(rows), dtype=np.float32),
        np.random.default_rng(seed).choice([100, 150, 300], len(rows)).astype(np.int16),
        digest,
        np.zeros(len(rows), dtype=np.int32),
        np.arange(len(rows), dtype=np.int32),
        {int(p): f"person {p}" for p in person},
    )


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=120)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.integers(1, 12))
def test_everybody_gets_exactly_as_many_as_asked_or_all_there_are(rows: list, wanted: int) -> None:
    pool = candidates(rows)
    chosen = stratified_sample(pool, wanted, seed=3)
    assert (np.diff(chosen) > 0).all()
    available, got = Counter(pool.person.tolist()), Counter(pool.person[chosen].tolist())
    assert got == {person: min(wanted, count) for person, count in available.items()}


@settings(max_examples=150, deadline=None)
@given(ROWS, st.integers(1, 12))
def test_the_spread_is_as_even_as_the_crops_allow(rows: list, wanted: int) -> None:
    """No scene, nor camera within a scene, may have two more than one that could give more."""
    pool = candidates(rows)
    sample = pool.take(stratified_sample(pool, wanted, seed=3))
    for person in set(pool.person.tolist()):
        for strata, within in ((SCENE_OF, None), (range(5), SCENE_OF)):
            have = Counter(strata[c] for c in pool.camera[pool.person == person])
            took = Counter(strata[c] for c in sample.camera[sample.person == person])
            for rich in took:
                for poor in have:
                    same = within is None or within[rich] == within[poor]
                    if same and took[poor] < have[poor]:
                        assert took[rich] <= took[poor] + 1


def test_the_choice_depends_on_the_seed_and_not_on_the_order_of_shards() -> None:
    pool = candidates([(p, c) for p in range(6) for c in range(5) for _ in range(7)])
    shuffled = pool.take(np.random.default_rng(1).permutation(len(pool)))

    def chosen(source: Candidates, seed: int) -> set[int]:
        return set(source.row[stratified_sample(source, 8, seed)].tolist())

    assert chosen(pool, 1) == chosen(shuffled, 1)
    assert chosen(pool, 1) != chosen(pool, 2)


def test_adding_people_does_not_change_the_choice_for_others() -> None:
    rows = [(p, c) for p in range(6) for c in range(5) for _ in range(7)]
    pool = candidates(rows)
    few = pool.take(pool.person < 3)
    of_all = pool.take(stratified_sample(pool, 8, 1))
    of_few = few.take(stratified_sample(few, 8, 1))
    assert set(of_few.row) == set(of_all.row[of_all.person < 3])


def test_left_over_images_do_not_always_go_to_the_same_camera() -> None:
    pool = candidates([(p, c) for p in range(200) for c in range(3) for _ in range(4)])
    sample = pool.take(stratified_sample(pool, 4, 0))
    counts = np.bincount(sample.camera, minlength=3)[:3]
    assert counts.sum() == 800
    assert counts.min() > 230


@pytest.mark.parametrize("group", [[0, 0, 1, 1, 0], [2, 1, 0, 1, 2]])
def test_rank_within_counts_from_nought_in_every_group(group: list[int]) -> None:
    order = np.array([5, 3, 9, 1, 4])
    ranks = rank_within(np.array(group), order)
    for g in set(group):
        members = [i for i in range(5) if group[i] == g]
        assert sorted(members, key=lambda i: order[i]) == sorted(members, key=lambda i: ranks[i])
        assert sorted(ranks[members]) == list(range(len(members)))


def test_mixing_is_one_to_one_and_salted() -> None:
    values = np.arange(10_000, dtype=np.uint64)
    mixed = mix(values, np.uint64(1))
    assert len(np.unique(mixed)) == len(values)
    assert (mixed != mix(values, np.uint64(2))).all()


def test_sizes_that_are_asked_for_come_first_person_by_person() -> None:
    pool = candidates([(p, c) for p in range(8) for c in range(5) for _ in range(12)])

    def kinds(source: Candidates, sizes: SizeShares) -> np.ndarray:
        chosen = stratified_sample(source, 20, 1, sizes)
        return np.bincount(size_class(source.height[chosen]), minlength=3) / len(chosen)

    assert np.abs(kinds(pool, {}) - 1 / 3).max() < 0.12
    assert kinds(pool, {"small": 1.0})[0] > 0.75
    assert np.abs(kinds(pool, {"small": 3, "large": 1}) - [0.7, 0.0, 0.3]).max() < 0.15
    fewer = pool.take(pool.person < 3)
    sizes: SizeShares = {"small": 3, "large": 1}
    alone, among = (source.row[stratified_sample(source, 20, 1, sizes)] for source in (fewer, pool))
    assert alone.tolist() == among[pool.person[among] < 3].tolist()
