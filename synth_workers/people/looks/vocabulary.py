"""The names a recipe may use when it fixes, weighs or excludes how people look and move.

Each list is read from what makes the thing, so that nothing has to be written down twice.
"""

from __future__ import annotations

from manifests.errors import BadRecipe
from manifests.people import EVERYTHING_ELSE, PeopleRecipe
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.looks.colours import FAMILIES, HAIR_COLOURS
from synth_workers.people.looks.dress import DRESSES
from synth_workers.people.looks.movement import MOVEMENTS
from synth_workers.people.motion.activities import ACTIVITIES
from synth_workers.people.spec import WalkStyle
from synth_workers.people.textures.fabrics import FABRICS
from synth_workers.people.worn.accessories.registry import ACCESSORIES
from synth_workers.people.worn.hair.registry import HAIR_STYLES

FACTORS = ("hair_styles", "hair_colours", "garments", "fabrics", "colours", "walks")
"""Fields of a recipe that hold factors; what is not named is ``*``."""


def vocabulary() -> dict[str, tuple[str, ...]]:
    """The names that a field of ``PeopleRecipe`` may use."""
    return {
        "accessories": ACCESSORIES.names,
        "hair_styles": HAIR_STYLES.names,
        "hair_colours": tuple(HAIR_COLOURS),
        "garments": GARMENTS.names,
        "fabrics": tuple(fabric.name for fabric in FABRICS if fabric.worn),
        "colours": tuple(FAMILIES),
        "walks": tuple(map(str, WalkStyle)),
        "activities": tuple(ACTIVITIES),
    }


def check_names(recipe: PeopleRecipe) -> None:
    """Refuse a recipe that names what there is not (``BadRecipe``)."""
    for field, profiles in (("dress", DRESSES), ("movement", MOVEMENTS)):
        if (name := getattr(recipe, field)) not in profiles:
            raise BadRecipe(f"people.{field}: unknown {name!r}; known are {', '.join(profiles)}")
    words = vocabulary()
    for number, later in enumerate(recipe.later):
        if unknown := sorted(set(later.accessories) - set(words["accessories"])):
            raise BadRecipe(
                f"people.later.{number}.accessories: unknown {', '.join(unknown)}; known are "
                f"{', '.join(words['accessories'])}"
            )
    for field, known in words.items():
        allowed = {*known, EVERYTHING_ELSE} if field in FACTORS else {*known}
        if unknown := sorted(set(getattr(recipe, field)) - allowed):
            raise BadRecipe(
                f"people.{field}: unknown {', '.join(unknown)}; known are {', '.join(known)}"
            )
