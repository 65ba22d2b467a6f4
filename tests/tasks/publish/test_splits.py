"""Splits keep look-alikes together; every query can be answered."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.schema import ROLES
from tasks.publish.splits import assign_roles, distractors, test_people
from tests.tasks.publish.test_sampling import candidates

test_people.__test__ = False  # pyright: ignore[reportFunctionMemberAccess] (not a test)


def units(people: int, look_alikes: int) -> dict[int, str]:
    """The first ``look_alikes`` people form groups of five."""
    return {p: f"group {p // 5}" if p < look_alikes else f"person {p}" for p in range(people)}


@pytest.mark.parametrize("seed", range(10))
def test_the_demo_holds_out_exactly_24_people_of_96(seed: int) -> None:
    assert len(test_people(units(96, 20), 0.25, seed)) == 24


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.floats(0, 1), st.integers(0, 5), st.integers(0, 50))
def test_groups_stay_whole_and_the_share_is_near(
    people: int, share: float, groups: int, seed: int
) -> None:
    who = units(people, min(people, groups * 5))
    test = test_people(who, share, seed)
    for unit in set(who.values()):
        assert len({p in test for p in who if who[p] == unit}) == 1
    assert abs(len(test) - share * people) <= 3
    if not groups:
        assert (len(test) == 0) == (round(share * people) == 0)


def test_the_split_depends_on_the_seed_alone() -> None:
    assert test_people(units(96, 20), 0.25, 1) == test_people(
        dict(reversed(units(96, 20).items())), 0.25, 1
    )
    assert test_people(units(96, 20), 0.25, 1) != test_people(units(96, 20), 0.25, 2)


def test_everybody_and_nobody_can_be_held_out() -> None:
    assert test_people(units(10, 5), 0.0, 0) == set()
    assert test_people(units(10, 5), 1.0, 0) == set(range(10))


def test_distractors_are_an_exact_share_of_the_test_people() -> None:
    test = set(range(100, 140))
    assert len(distractors(test, 0.25, 3)) == 10
    assert distractors(test, 0.25, 3) < test
    assert distractors(test, 0.25, 3) != distractors(test, 0.25, 4)


VIEWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=60)


@settings(max_examples=300, deadline=None)
@given(VIEWS, st.integers(0, 9))
def test_every_query_has_an_answer_in_another_camera(views: list, seed: int) -> None:
    rows = candidates(sorted(views))
    roles = assign_roles(rows, {0, 1, 2, 3}, {3}, 0.5, seed)
    names = np.array(ROLES)[roles]
    assert set(names[rows.person == 3]) <= {"distractor"}
    for person in range(3):
        mine = [(int(c), str(n)) for p, c, n in zip(rows.person, rows.camera, names) if p == person]
        queries = [camera for camera, name in mine if name == "query"]
        gallery = {camera for camera, name in mine if name == "gallery"}
        assert len(queries) == len(set(queries))
        for camera in queries:
            assert gallery - {camera}
        pairs = [camera for camera, n in Counter(c for c, _ in mine).items() if n >= 2]
        if len(pairs) >= 2:
            assert set(queries) == {camera for camera, _ in mine}
        if len({camera for camera, _ in mine}) >= 2:
            assert queries


def test_two_crops_in_each_of_six_views_make_six_queries_and_six_answers() -> None:
    rows = candidates([(0, camera) for camera in range(5) for _ in range(2)])
    names = [ROLES[code] for code in assign_roles(rows, {0}, set(), 0.5, 0)]
    assert names.count("query") == 5 and names.count("gallery") == 5


def test_hardly_visible_test_crops_are_junk_and_training_ones_are_not() -> None:
    rows = candidates([(person, camera) for person in (0, 1) for camera in (0, 0, 1, 1)])
    rows.visibility[[0, 4]] = 0.4
    names = [ROLES[code] for code in assign_roles(rows, {1}, set(), 0.5, 0)]
    assert names[:4] == ["train"] * 4
    assert names[4] == "junk" and "junk" not in names[5:]
