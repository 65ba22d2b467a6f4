"""Groups of five look-alikes: same body and clothes but for one or two named local edits."""

from __future__ import annotations

from itertools import combinations

import pytest

from manifests.people import PeopleRecipe
from synth_workers.people.looks.colours import distance
from synth_workers.people.looks.look_alikes import EDITS, GROUP_SIZE
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import PersonSpec, Slot

Group = list[PersonSpec]


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    people = sample_people(PeopleRecipe(count=1, look_alikes=1), 8, range(40 * GROUP_SIZE))
    return [people[at : at + GROUP_SIZE] for at in range(0, len(people), GROUP_SIZE)]


def _looks(spec: PersonSpec) -> PersonSpec:
    return spec.model_copy(
        update={
            "person_id": "",
            "index": 0,
            "look_alike": None,
            "gait": PersonSpec.model_fields["gait"].default,
        }
    )


def test_a_group_shares_body_face_and_name(groups: list[Group]) -> None:
    for group in groups:
        assert len({spec.look_alike.group_id for spec in group if spec.look_alike}) == 1
        first = group[0]
        for spec in group[1:]:
            assert (spec.body, spec.skin, spec.face) == (first.body, first.skin, first.face)
            assert spec.dark_clothing == first.dark_clothing


def test_members_are_pairwise_different_to_the_eye(groups: list[Group]) -> None:
    for group in groups:
        for one, other in combinations(group, 2):
            assert _looks(one) != _looks(other)


def test_edits_are_one_or_two_and_named(groups: list[Group]) -> None:
    for group in groups:
        plans = [spec.look_alike.edits for spec in group if spec.look_alike]
        assert len(set(plans)) == GROUP_SIZE
        for plan in plans:
            assert 1 <= len(plan) <= 2
            assert set(plan) <= set(EDITS)


def test_nothing_but_the_edits_differs(groups: list[Group]) -> None:
    """Two members differ in at most as many places as they have edits together."""
    for group in groups:
        for one, other in combinations(group, 2):
            assert one.look_alike
            assert other.look_alike
            edits = {*one.look_alike.edits, *other.look_alike.edits}
            if not edits & {"hair"}:
                assert one.hair == other.hair
            if not edits & {"bag", "hand_bag", "hat", "glasses", "mask", "scarf", "headphones"}:
                assert one.accessories == other.accessories
            worn = [garment.name for garment in one.garments]
            assert worn == [garment.name for garment in other.garments]
            changed = sum(a != b for a, b in zip(one.garments, other.garments, strict=True))
            assert changed <= len(edits)


def test_recoloured_cloth_stays_close(groups: list[Group]) -> None:
    for group in groups:
        for one, other in combinations(group, 2):
            for a, b in zip(one.garments, other.garments, strict=True):
                if a.slot is not Slot.shoes and a.fabric != b.fabric:
                    assert 0 < distance(a.fabric.main_colour, b.fabric.main_colour) < 50


def test_excluded_accessories_are_never_put_on_by_an_edit() -> None:
    recipe = PeopleRecipe(count=1, look_alikes=1, accessories={"mask": 0, "cap": 0, "backpack": 0})
    for spec in sample_people(recipe, 2, range(100)):
        assert not {"mask", "cap", "backpack"} & set(spec.attributes()["accessories"])


def test_no_share_means_no_groups() -> None:
    people = sample_people(PeopleRecipe(count=1, look_alikes=0), 2, range(50))
    assert all(spec.look_alike is None for spec in people)


def test_other_shoes_keep_the_colours_of_their_cloth() -> None:
    flowery = PeopleRecipe(count=1, look_alikes=1, fabrics={"*": 0, "floral": 1})
    for spec in sample_people(flowery, 77, range(60)):
        for garment in spec.garments:
            if garment.fabric.kind == "floral":
                assert len(garment.fabric.colours) == 3
