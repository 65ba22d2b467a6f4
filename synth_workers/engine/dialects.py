"""How the generations of UnrealCV differ in what they know and what they answer.

The superset is what the factory uses: it knows the commands of all generations and keeps the
reply texts of the most common one. The faithful dialects exist to test workers against.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Flag, auto

from manifests.errors import BadRecipe


class Generation(Flag):
    """Plugin generations a command exists in. ``NONE``: this engine's own commands."""

    NONE = 0
    V0310 = auto()  # UE 4.12 to 4.16
    PAPER = auto()  # the plugin that was patched for UnrealPerson, UE 4.24
    V427 = auto()  # UE 4.19 to 4.27
    V427S = auto()  # branch 4.27-stable
    V52 = auto()  # UE 5
    V110 = auto()  # release 1.1.0
    FROM_52 = V52 | V110
    FROM_427 = V427 | V427S | FROM_52
    FROM_PAPER = PAPER | FROM_427
    ALL = V0310 | FROM_PAPER


@dataclass(frozen=True)
class Dialect:
    """The texts and rules of one plugin generation.

    ``generations``: which commands it knows; None means all, this engine's own included.
    ``list_end``: what follows the last name of a list. ``place_digits``: decimals of actor
    locations. ``pause_toggles``: a second pause resumes, and there is no resume.
    ``switches_to_socket``: after its first TCP connection it serves a unix socket only.
    ``half_depth``: depth goes through half floats. ``rgba_masks``: masks are RGBA PNG.
    ``stray_bmp``: BMP pixels are preceded by their count. ``alias_words``: ``vrun`` of a single
    word is an alias. ``complains``: requests without an id are answered by an id-less frame.
    ``paints_spawned``: whoever is spawned is in masks at once, else once its colour has been set.
    ``lists_paint``: asking for the list of objects paints all that are not painted yet.
    """

    name: str
    version: str
    generations: Generation | None
    no_handler: str = "Can not find a handler for URI '{}'"
    unknown_object: str = "Can not find object"
    name_taken: str = "Failed to spawn {}, object exsit."
    id_pattern: str = r"(\d{1,}):(.*)"
    require_equal_verb: bool = False
    complains: bool = False
    list_end: str = " "
    place_digits: int = 3
    pause_toggles: bool = False
    switches_to_socket: bool = False
    half_depth: bool = True
    rgba_masks: bool = True
    stray_bmp: bool = True
    alias_words: bool = False
    status_digits: int = 6
    status_end: str = "\n"
    formats: frozenset[str] = frozenset({"png", "bmp"})
    silent_cubes: bool = False
    plain_class_names: bool = False
    size_unreadable: bool = False
    paints_spawned: bool = False
    lists_paint: bool = False
    max_payload: int = 1 << 20

    @property
    def superset(self) -> bool:
        """Whether this engine's own commands and formats exist."""
        return self.generations is None


SUPERSET = Dialect(
    "superset",
    "0.3.10",
    None,
    list_end="",
    paints_spawned=True,
    half_depth=False,
    rgba_masks=False,
    stray_bmp=False,
    formats=frozenset({"png", "bmp", "jpg", "npy"}),
)
_V0310 = Dialect(
    "0310",
    "0.3.10",
    Generation.V0310,
    unknown_object="Can not find object {}",
    id_pattern=r"(\d{1,8}):(.*)",
    complains=True,
    list_end="",
    place_digits=2,
    pause_toggles=True,
    half_depth=False,
    formats=frozenset({"png", "npy"}),
)
_PAPER = Dialect(
    "unrealperson",
    "0.3.10",
    Generation.PAPER,
    id_pattern=r"(\d{1,8}):(.*)",
    silent_cubes=True,
    plain_class_names=True,
    lists_paint=True,
)
_V427 = replace(
    _PAPER, name="427", generations=Generation.V427, lists_paint=False, size_unreadable=True
)
_V427S = Dialect(
    "427s",
    "1.0.1",
    Generation.V427S,
    switches_to_socket=True,
    silent_cubes=True,
    plain_class_names=True,
)
_V110 = Dialect(
    "110",
    "1.1.0",
    Generation.V110,
    no_handler="No handler found for URI '{}'",
    unknown_object="Cannot find object",
    name_taken="Failed to spawn {}, object exists.",
    require_equal_verb=True,
    alias_words=True,
    status_digits=1,
    status_end="",
    max_payload=1 << 28,
)
_V52 = replace(
    _V110, name="52", version="1.0.1", generations=Generation.V52, switches_to_socket=True
)

DIALECTS: dict[str, Dialect] = {
    known.name: known for known in (SUPERSET, _V0310, _PAPER, _V427, _V427S, _V52, _V110)
}


def dialect(name: str) -> Dialect:
    """The dialect called ``name``; ``BadRecipe`` if there is none."""
    found = DIALECTS.get(name)
    if found is None:
        raise BadRecipe(f"--dialect {name!r} is not known, choose one of: {', '.join(DIALECTS)}")
    return found
