"""The names a recipe may use when it fixes, weighs or excludes how people look and move.

Each list is read from what makes the thing, so that nothing has to be written down twice.
"""

from __future__ import annotations

from manifests.errors import BadRecipe
from manifests.people import EVERYTHING_ELSE, PeopleRecipe
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.looks.colours import FAMILIES, HAIR_COLOURS
from synth_workers.people.looks.dress import DRESSES
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
    }


def check_names(recipe: PeopleRecipe) -> None:
    """Refuse a recipe that names what there is not (``BadRecipe``)."""
    if recipe.dress not in DRESSES:
        raise BadRecipe(f"people.dress: unknown {recipe.dress!r}; known are {', '.join(DRESSES)}")
    for field, known in vocabulary().items():
        allowed = {*known, EVERYTHING_ELSE} if field in FACTORS else {*known}
        if unknown := sorted(set(getattr(recipe, field)) - allowed):
            raise BadRecipe(
                f"people.{field}: unknown {', '.join(unknown)}; known are {', '.join(known)}"
            )
