"""How the generations of UnrealCV differ in what they answer."""

from __future__ import annotations

from dataclasses import dataclass

from manifests.errors import BadRecipe


@dataclass(frozen=True)
class Dialect:
    """The texts and rules of one plugin generation."""

    name: str
    version: str
    no_handler: str = "Can not find a handler for URI '{}'"
    require_equal_verb: bool = False


SUPERSET = Dialect("superset", "0.3.10")

DIALECTS: dict[str, Dialect] = {SUPERSET.name: SUPERSET}


def dialect(name: str) -> Dialect:
    """The dialect called ``name``; ``BadRecipe`` if there is none."""
    found = DIALECTS.get(name)
    if found is None:
        raise BadRecipe(f"dialect {name!r} is not known, choose one of: {', '.join(DIALECTS)}")
    return found
