"""Drawing people: ``sample_person`` turns (seed, index, recipe) into one ``PersonSpec``.

A person depends on the data set's seed, their index and the recipe (not on its ``count``, nor
on who else is drawn), and each aspect has its own stream of randomness, so that asking for
other accessories does not change bodies or clothes. Defaults describe an ordinary street.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from manifests.arguments import checked, instance, listed
from manifests.errors import BadRecipe
from manifests.identity import child_seed, person_id
from manifests.people import ANCESTRIES, USUAL_STATURE, PeopleRecipe
from manifests.recipe import Recipe
from synth_workers.people.body.makehuman_data import DETAIL_NAMES
from synth_workers.people.looks import colours
from synth_workers.people.looks.look_alikes import GROUP_SIZE, Likes, edited
from synth_workers.people.looks.outfits import sample_outfit
from synth_workers.people.looks.tastes import NO_TASTES, Tastes
from synth_workers.people.looks.things import sample_accessories, sample_gait
from synth_workers.people.spec import (
    FaceSpec,
    HairSpec,
    LookAlike,
    PersonSpec,
    Phenotype,
)
from synth_workers.people.worn.hair.registry import HAIR_STYLES

AGES = {"child": (8.0, 15.0), "adult": (18.0, 55.0), "senior": (55.0, 82.0)}
"""Youngest and oldest of each age group, years."""

DETAIL_TARGETS = DETAIL_NAMES[1:]
"""MakeHuman detail targets that give bodies and heads character: all but pregnancy."""

_HAIR_ORDER = {
    "women": "long shoulder bob ponytail bun braid pixie curly pigtails afro",
    "old women": "bob curly pixie bun shoulder",
    "men": "short crew side_part quiff curly bald receding shoulder bun afro",
}
"""In which order hair styles are drawn. It decides who has which and so stays as it is; styles
that are not named follow as they are registered."""


@checked(
    recipe=instance(Recipe, words="a Recipe; load_recipe reads one by its name or from a file"),
    indices=listed(int, np.integer, words="whole numbers", example="[0, 1, 2] or range(3)"),
)
def people_of(recipe: Recipe, indices: Iterable[int] | None = None) -> list[PersonSpec]:
    """People of a data set by their indices, all of them if not said, in their first outfit.

    Raises ``BadRecipe`` for indices of nobody: there are 0 to ``recipe.people.count`` - 1.
    """
    count = recipe.people.count
    chosen = [int(index) for index in (range(count) if indices is None else indices)]
    for index in chosen:
        if not 0 <= index < count:
            raise BadRecipe(
                f"people_of: indices: nobody has the index {index}; recipe {recipe.name!r} has "
                f"{count} people, 0 to {count - 1} (people.count asks for more)"
            )
    return sample_people(recipe.people, recipe.seed, chosen)


def sample_people(
    recipe: PeopleRecipe, dataset_seed: int, indices: Iterable[int], outfit: int = 0
) -> list[PersonSpec]:
    """``sample_person`` for each index, in order."""
    tastes = Tastes.of(recipe)
    return [_sample(recipe.of(index), tastes, dataset_seed, index, outfit) for index in indices]


def sample_person(
    recipe: PeopleRecipe, dataset_seed: int, index: int, outfit: int = 0
) -> PersonSpec:
    """Draw person ``index`` of a data set, in outfit ``outfit`` of ``outfits_per_person``.

    Body, face, hair and gait are the same in every outfit; clothes and accessories are not.
    Persons ``5 g .. 5 g + 4`` are a group of look-alikes when the seed says so for ``g`` (with
    probability ``recipe.look_alikes``): they share body, face and clothes but for one or two
    local edits each, and no two of them are equal. Raises ``BadRecipe`` when the recipe's
    factors leave nothing to draw or its texture folder cannot be used.
    """
    return _sample(recipe.of(index), Tastes.of(recipe), dataset_seed, index, outfit)


def _sample(
    recipe: PeopleRecipe, tastes: Tastes, dataset_seed: int, index: int, outfit: int
) -> PersonSpec:
    if not 0 <= outfit < recipe.outfits_per_person:
        raise BadRecipe(
            f"outfit {outfit} of person {index}: the recipe has people.outfits_per_person = "
            f"{recipe.outfits_per_person}, so outfits are 0 to {recipe.outfits_per_person - 1}"
        )
    group = index // GROUP_SIZE
    in_group = _stream(dataset_seed, "group", group).random() < recipe.look_alikes
    edits: tuple[str, ...] | None = None
    if in_group:
        base = _draw(recipe, tastes, dataset_seed, "group", group, outfit)
        spec, edits = edited(
            base,
            index % GROUP_SIZE,
            lambda *path: _stream(dataset_seed, "group", group, outfit, *path),
            Likes(recipe.accessories, tastes),
        )
    else:
        spec = _draw(recipe, tastes, dataset_seed, "person", index, outfit)
    rng = _stream(dataset_seed, "gait", index)
    group_id = f"{dataset_seed}-g{group:06d}"
    return spec.model_copy(
        update={
            "person_id": person_id(dataset_seed, index),
            "index": index,
            "outfit": outfit,
            "gait": sample_gait(rng, spec.body.age, spec.accessories, tastes),
            "look_alike": LookAlike(group_id=group_id, edits=edits) if edits else None,
        }
    )


def _stream(dataset_seed: int, *path: int | str) -> np.random.Generator:
    return np.random.default_rng(child_seed(dataset_seed, "people", *path))


def _draw(
    recipe: PeopleRecipe, tastes: Tastes, dataset_seed: int, what: str, number: int, outfit: int
) -> PersonSpec:
    """Body, face, hair, clothes and accessories of a person (or of a group's common model)."""

    def stream(aspect: str, *path: int) -> np.random.Generator:
        return _stream(dataset_seed, what, number, aspect, *path)

    rng = stream("who")
    gender = colours.pick(rng, recipe.gender)
    female = gender == "female"
    dark = bool(rng.random() < recipe.dark_clothing)
    body = sample_body(stream("body"), gender, recipe)
    return PersonSpec(
        person_id="",
        index=0,
        body=body,
        skin=colours.skin_colour(stream("skin"), body.african, body.asian, body.caucasian),
        face=sample_face(stream("face"), body, female),
        hair=sample_hair(stream("hair"), body, female, tastes),
        garments=sample_outfit(stream("clothes", outfit), female, body.age, dark, tastes),
        accessories=sample_accessories(
            stream("accessories", outfit), recipe.accessories, female, dark, tastes
        ),
        dark_clothing=dark,
    )


def sample_body(rng: np.random.Generator, gender: str, recipe: PeopleRecipe) -> Phenotype:
    """Draw age, build, stature and ancestry."""
    age = float(rng.uniform(*AGES[colours.pick(rng, recipe.ages)]))
    male = gender == "male"
    shares = np.array([recipe.ancestry.get(name, 0.0) for name in ANCESTRIES])
    drawn = rng.gamma(0.35, size=3) * (shares > 0) * shares / shares.max()
    ancestry = (drawn + 1e-9 * shares) / (drawn + 1e-9 * shares).sum()
    chosen = rng.choice(len(DETAIL_TARGETS), 4, replace=False)
    details = tuple(
        (DETAIL_TARGETS[at], round(float(rng.uniform(0.0, 0.4)), 3)) for at in sorted(chosen)
    )

    def clipped(mean: float, deviation: float, low: float, high: float) -> float:
        return round(float(np.clip(rng.normal(mean, deviation), low, high)), 4)

    return Phenotype(
        gender=clipped(0.93, 0.05, 0.72, 1.0) if male else clipped(0.05, 0.05, 0.0, 0.28),
        age=round(age, 2),
        muscle=clipped(0.40 if male else 0.42, 0.12, 0.12, 0.85),
        weight=clipped(recipe.build.mean, recipe.build.deviation, 0.05, 0.9),
        stature=sample_stature(rng, gender, age, recipe),
        proportions=round(float(rng.uniform(0.25, 0.8)), 4),
        african=round(float(ancestry[0]), 4),
        asian=round(float(ancestry[1]), 4),
        caucasian=round(float(ancestry[2]), 4),
        cup=clipped(0.45, 0.2, 0.05, 0.95),
        firm=round(float(rng.uniform(0.3, 0.8)), 4),
        details=details,
    )


def sample_stature(
    rng: np.random.Generator, gender: str, age: float, recipe: PeopleRecipe
) -> float:
    """Metres: normal for adults (0.8 mm lost per year after 50), a growth table below 18."""
    adult = recipe.stature.get(gender, USUAL_STATURE[gender])
    if age >= 18:
        stature = rng.normal(adult.mean, adult.deviation) - max(0.0, age - 50) * 0.0008
    else:
        grown = 1.70 if gender == "male" else 1.62
        stature = np.interp(
            age, [6, 8, 10, 12, 14, 16], [1.16, 1.28, 1.39, 1.50, 1.62, grown]
        ) + rng.normal(0, 0.05)
    return round(float(np.clip(stature, 1.05, 2.1)), 4)


def sample_hair(
    rng: np.random.Generator, body: Phenotype, female: bool, tastes: Tastes = NO_TASTES
) -> HairSpec:
    """Draw style by gender, age and ancestry, colour by age and ancestry."""
    usual = _hair_styles(body, female)
    if not any(tastes.weights("hair_styles", usual).values()):
        usual = dict.fromkeys(HAIR_STYLES.names, 1.0)
    style = tastes.pick(rng, "hair_styles", usual)
    shades = colours.hair_colour_weights(body.age, body.african, body.caucasian)
    if not any(tastes.weights("hair_colours", shades).values()):
        shades = dict.fromkeys(shades, 1.0)
    return HairSpec(
        style=style,
        colour=colours.hair_colour(rng, tastes.pick(rng, "hair_colours", shades)),
        seed=int(rng.integers(2**31)),
    )


def _hair_styles(body: Phenotype, female: bool) -> dict[str, float]:
    who = "men" if not female else "old women" if body.age > 60 else "women"
    order = dict.fromkeys([*_HAIR_ORDER[who].split(), *HAIR_STYLES.names])
    african = body.african > 0.45
    return {name: HAIR_STYLES.find(name).common.weight(female, body.age, african) for name in order}


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
