"""Families draw whole scenes from a number, the same every time."""

import pytest

from manifests.errors import BadScene
from synth_workers.scenes.families.registry import FAMILIES
from synth_workers.scenes.families.worlds import make_world, split_world, world_name


def test_a_world_is_called_by_its_family_and_its_number() -> None:
    assert world_name("plaza", 17) == "plaza-17"
    found = split_world("plaza-17")
    assert found is not None and found[0].name == "plaza" and found[1] == 17


@pytest.mark.parametrize("name", ["plaza", "plaza-017", "plaza-", "plaza-1000000", "moonbase-1"])
def test_other_names_are_no_worlds(name: str) -> None:
    assert split_world(name) is None


def test_the_name_of_no_family_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(BadScene, match="did you mean plaza-1"):
        make_world("plasa-3")


@pytest.mark.parametrize("family", FAMILIES.names)
def test_a_world_says_the_same_every_time_and_another_number_something_else(family: str) -> None:
    one, other = make_world(f"{family}-1"), make_world(f"{family}-2")
    assert one.name == f"{family}-1" and len(one.cameras) == 6
    assert one.version != other.version
    make_world.cache_clear()
    assert make_world(f"{family}-1") == one
