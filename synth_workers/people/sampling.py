"""Drawing people: ``sample_person`` turns (seed, index, recipe) into one ``PersonSpec``.

A person depends on the data set's seed, their index and the recipe (not on its ``count``, nor
on who else is drawn), and each aspect has its own stream of randomness, so that asking for
other accessories does not change bodies or clothes. Defaults describe an ordinary street.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from manifests.identity import child_seed, person_id
from manifests.people import PeopleRecipe
from synth_workers.people import colours
from synth_workers.people.look_alikes import GROUP_SIZE, edited
from synth_workers.people.outfits import sample_outfit
from synth_workers.people.spec import (
    FaceSpec,
    HairSpec,
    HairStyle,
    LookAlike,
    PersonSpec,
    Phenotype,
)
from synth_workers.people.things import sample_accessories, sample_gait

AGES = ((0.06, 8.0, 15.0), (0.78, 18.0, 55.0), (0.16, 55.0, 82.0))
"""(share, youngest, oldest) in years."""

STATURE = {"male": (1.755, 0.068), "female": (1.625, 0.062)}
"""Mean and standard deviation of adults, metres."""

DETAIL_TARGETS = (
    "stomach-tone-decr",
    "stomach-tone-incr",
    "hip-scale-horiz-incr",
    "hip-scale-horiz-decr",
    "torso-vshape-incr",
    "torso-vshape-decr",
    "torso-scale-horiz-incr",
    "torso-scale-horiz-decr",
    "buttocks-volume-incr",
    "buttocks-volume-decr",
    "head-scale-vert-incr",
    "head-scale-vert-decr",
    "neck-scale-vert-incr",
    "neck-scale-vert-decr",
    "upperlegs-height-incr",
    "upperlegs-height-decr",
    "lowerlegs-height-incr",
    "lowerlegs-height-decr",
    "chin-width-incr",
    "chin-width-decr",
    "head-oval",
    "head-round",
    "head-square",
    "head-triangular",
    "nose-scale-horiz-incr",
    "nose-scale-horiz-decr",
)
"""MakeHuman detail targets that give bodies and heads character."""

_FEMALE_HAIR = {
    HairStyle.long: 3.0,
    HairStyle.shoulder: 2.5,
    HairStyle.bob: 1.6,
    HairStyle.ponytail: 2.2,
    HairStyle.bun: 1.3,
    HairStyle.braid: 0.7,
    HairStyle.pixie: 0.7,
    HairStyle.curly: 0.7,
    HairStyle.pigtails: 0.15,
}
_MALE_HAIR = {
    HairStyle.short: 3.0,
    HairStyle.crew: 2.0,
    HairStyle.side_part: 1.8,
    HairStyle.quiff: 1.4,
    HairStyle.curly: 0.7,
    HairStyle.bald: 0.35,
    HairStyle.receding: 0.3,
    HairStyle.shoulder: 0.15,
    HairStyle.bun: 0.12,
}


def sample_people(
    recipe: PeopleRecipe, dataset_seed: int, indices: Iterable[int]
) -> list[PersonSpec]:
    """``sample_person`` for each index, in order."""
    return [sample_person(recipe, dataset_seed, index) for index in indices]


def sample_person(recipe: PeopleRecipe, dataset_seed: int, index: int) -> PersonSpec:
    """Draw person ``index`` of a data set.

    Persons ``5 g .. 5 g + 4`` are a group of look-alikes when the seed says so for ``g`` (with
    probability ``recipe.look_alikes``): they share body, face and clothes but for one or two
    local edits each, and no two of them are equal.
    """
    group = index // GROUP_SIZE
    in_group = _stream(dataset_seed, "group", group).random() < recipe.look_alikes
    if not in_group:
        spec = _draw(recipe, dataset_seed, "person", index)
        edits = None
    else:
        base = _draw(recipe, dataset_seed, "group", group)
        spec, edits = edited(
            base,
            index % GROUP_SIZE,
            lambda *path: _stream(dataset_seed, "group", group, *path),
            recipe.accessories,
        )
    gait = sample_gait(
        _stream(dataset_seed, "gait", index), spec.gender, spec.body.age, spec.accessories
    )
    return spec.model_copy(
        update={
            "person_id": person_id(dataset_seed, index),
            "index": index,
            "gait": gait,
            "look_alike": None
            if edits is None
            else LookAlike(group_id=f"{dataset_seed}-g{group:06d}", edits=edits),
        }
    )


def _stream(dataset_seed: int, *path: int | str) -> np.random.Generator:
    return np.random.default_rng(child_seed(dataset_seed, "people", *path))


def _draw(recipe: PeopleRecipe, dataset_seed: int, what: str, number: int) -> PersonSpec:
    """Body, face, hair, clothes and accessories of a person (or of a group's common model)."""

    def stream(aspect: str) -> np.random.Generator:
        return _stream(dataset_seed, what, number, aspect)

    rng = stream("who")
    gender = colours.pick(rng, recipe.gender)
    female = gender == "female"
    dark = bool(rng.random() < recipe.dark_clothing)
    body = sample_body(stream("body"), gender)
    garments = sample_outfit(stream("outfit"), female, body.age, dark)
    hair = sample_hair(stream("hair"), body, female)
    accessories = sample_accessories(
        stream("accessories"), recipe.accessories, female, dark, garments
    )
    return PersonSpec(
        person_id="",
        index=0,
        body=body,
        skin=colours.skin_colour(stream("skin"), body.african, body.asian, body.caucasian),
        face=sample_face(stream("face"), body, female),
        hair=hair,
        garments=garments,
        accessories=accessories,
        dark_clothing=dark,
    )


def sample_body(rng: np.random.Generator, gender: str) -> Phenotype:
    """Draw age, build, stature and ancestry."""
    share = rng.random()
    age = float(rng.uniform(*AGES[2][1:]))
    for weight, youngest, oldest in AGES:
        if share < weight:
            age = float(rng.uniform(youngest, oldest))
            break
        share -= weight
    male = gender == "male"
    ancestry = rng.dirichlet([0.35, 0.35, 0.35])
    chosen = rng.choice(len(DETAIL_TARGETS), 4, replace=False)
    details = tuple(
        (DETAIL_TARGETS[at], round(float(rng.uniform(0.0, 0.5)), 3)) for at in sorted(chosen)
    )
    clipped = lambda mean, deviation, low, high: round(  # noqa: E731
        float(np.clip(rng.normal(mean, deviation), low, high)), 4
    )
    return Phenotype(
        gender=clipped(0.93 if male else 0.05, 0.05, 0.72 if male else 0.0, 1.0 if male else 0.28),
        age=round(age, 2),
        muscle=clipped(0.52 if male else 0.45, 0.14, 0.15, 0.9),
        weight=clipped(0.40, 0.15, 0.05, 0.9),
        stature=sample_stature(rng, gender, age),
        proportions=round(float(rng.uniform(0.35, 0.95)), 4),
        african=round(float(ancestry[0]), 4),
        asian=round(float(ancestry[1]), 4),
        caucasian=round(float(ancestry[2]), 4),
        cup=clipped(0.45, 0.2, 0.05, 0.95),
        firm=round(float(rng.uniform(0.3, 0.8)), 4),
        details=details,
    )


def sample_stature(rng: np.random.Generator, gender: str, age: float) -> float:
    """Metres: normal for adults (0.8 mm lost per year after 50), a growth table below 18."""
    mean, deviation = STATURE[gender]
    if age >= 18:
        stature = rng.normal(mean, deviation) - max(0.0, age - 50) * 0.0008
    else:
        grown = 1.70 if gender == "male" else 1.62
        stature = np.interp(
            age, [6, 8, 10, 12, 14, 16], [1.16, 1.28, 1.39, 1.50, 1.62, grown]
        ) + rng.normal(0, 0.05)
    return round(float(np.clip(stature, 1.05, 2.05)), 4)


def sample_hair(rng: np.random.Generator, body: Phenotype, female: bool) -> HairSpec:
    """Draw style by gender, age and ancestry, colour by age and ancestry."""
    weights = dict(_FEMALE_HAIR if female else _MALE_HAIR)
    if body.african > 0.45:
        weights[HairStyle.afro] = 2.0 if female else 1.6
        weights[HairStyle.curly] += 1.5
    if body.age < 16:
        weights[HairStyle.bald] = 0.0
        weights[HairStyle.receding] = 0.0
        weights[HairStyle.pigtails] = 1.0 if female else 0.0
    if body.age > 50 and not female:
        weights[HairStyle.receding] = 2.0
        weights[HairStyle.bald] = 1.0
    if body.age > 60 and female:
        weights = {HairStyle.bob: 2.0, HairStyle.curly: 2.0, HairStyle.pixie: 2.0,
                   HairStyle.bun: 1.0, HairStyle.shoulder: 0.7}  # fmt: skip
    return HairSpec(
        style=HairStyle(colours.pick(rng, {str(k): w for k, w in weights.items()})),
        colour=colours.hair_colour(rng, body.age, body.african, body.caucasian),
        seed=int(rng.integers(2**31)),
    )


def sample_face(rng: np.random.Generator, body: Phenotype, female: bool) -> FaceSpec:
    """Draw eyes, brows, lips and beard."""
    grown_man = not female and body.age > 19
    shadow = float(rng.uniform(0.1, 0.9)) if grown_man and rng.random() < 0.5 else 0.0
    return FaceSpec(
        eyes=colours.eye_colour(rng, body.caucasian),
        brows=round(float(rng.uniform(0.45, 0.9)), 3),
        lips=round(float(rng.uniform(0.25, 0.8) if female else rng.uniform(0.1, 0.35)), 3),
        stubble=round(shadow, 3),
        beard=1.0 if shadow > 0.6 and rng.random() < 0.6 else 0.0,
    )
