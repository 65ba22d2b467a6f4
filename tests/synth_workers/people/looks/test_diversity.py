"""Diversity is measured on specs: equal clothes are near, other clothes far, edits visible."""

from __future__ import annotations

import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.people.looks.diversity import clothing_descriptor, measure
from synth_workers.people.looks.outfits import make_fabric
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import PersonSpec, Slot


def _recoloured(spec: PersonSpec, colour: tuple[int, int, int]) -> PersonSpec:
    garments = tuple(
        garment.model_copy(
            update={"fabric": make_fabric(np.random.default_rng(1), "plain", "top", base=colour)}
        )
        if garment.slot is not Slot.shoes
        else garment
        for garment in spec.garments
    )
    return spec.model_copy(update={"garments": garments})


def _gap(one: PersonSpec, other: PersonSpec) -> float:
    return float(np.linalg.norm(clothing_descriptor(one) - clothing_descriptor(other)))


def test_distances_follow_colours() -> None:
    spec = sample_people(PeopleRecipe(count=1, look_alikes=0), 1, [0])[0]
    grey, near, red = (_recoloured(spec, c) for c in ((90, 90, 92), (98, 98, 99), (150, 50, 50)))
    assert _gap(grey, grey) == 0
    assert 0 < _gap(grey, near) < 0.3 * _gap(grey, red)


def test_patterns_count_besides_colours() -> None:
    spec = sample_people(PeopleRecipe(count=1, look_alikes=0), 1, [0])[0]

    def wearing(kind: str) -> PersonSpec:
        fabric = spec.garments[0].fabric.model_copy(
            update={"kind": kind, "colours": ((200, 200, 200), (40, 40, 60)), "scale": 1.0}
        )
        first = spec.garments[0].model_copy(update={"fabric": fabric})
        return spec.model_copy(update={"garments": (first, *spec.garments[1:])})

    if spec.garments[0].slot is Slot.shoes:
        raise AssertionError("the first garment should be the innermost")
    across, down = wearing("horizontal_stripe"), wearing("vertical_stripe")
    assert _gap(across, down) > 8


def test_look_alikes_are_nearer_than_strangers_but_never_equal() -> None:
    people = sample_people(PeopleRecipe(count=1, look_alikes=0.5), 4, range(100))
    found = measure(people)
    assert found.equal_looks == 0
    assert found.look_alikes.min() > 0
    assert np.median(found.look_alikes) < 0.8 * np.median(found.strangers)
    summary = found.summary()
    assert summary["strangers_p1"] > 5
    assert {"strangers_p50", "look_alikes_p50", "equal_looks"} <= set(summary)


def test_equal_people_are_counted() -> None:
    spec = sample_people(PeopleRecipe(count=1), 1, [3])[0]
    twin = spec.model_copy(update={"person_id": "other", "index": 9})
    assert measure([spec, twin]).equal_looks == 1
