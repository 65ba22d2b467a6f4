"""What an accessory is, and the table of all accessories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from manifests.registry import Registry
from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.spec import CarryPose, Colour, PersonSpec
from synth_workers.people.worn.wearer import Wearer

Place = StrEnum("Place", "back hand other_hand head eyes mouth neck ears arms")
"""Where an accessory is. A person has at most one at each place; they are drawn in this order.

``hand`` is the one that carries, ``other_hand`` the one that is free for the rest; who has
something in both ``arms`` has nothing in either.
"""

Build = Callable[[Wearer], list[Part]]


@dataclass(frozen=True)
class Accessory:
    """One kind of accessory.

    ``chance``: how often a person has it when the recipe does not say; ``men``: factor on it for
    men, of which women get what is missing to 2. ``cloth``: weights of fabrics, ``palette``: of
    their colours (``looks.colours``), ``base``: the one family of colours it usually has;
    ``colours``: what it comes in, instead of cloth. ``pictures``: use under which a library of
    pictures serves it. ``pose``: of the arm that holds it, ``other_pose``: of the other one, if
    it takes both; ``straps``: whether a free hand may hold on to it.
    """

    name: str
    place: Place
    build: Build
    chance: float = 0.0
    men: float = 1.0
    cloth: Mapping[str, float] = field(default_factory=dict)
    palette: str = "bag"
    base: str | None = None
    colours: tuple[Colour, ...] = ()
    pictures: str | None = None
    pose: CarryPose | None = None
    other_pose: CarryPose | None = None
    straps: bool = False


ACCESSORIES: Registry[Accessory] = Registry("accessory")


def accessory(name: str, place: Place, **about: object) -> Callable[[Build], Build]:
    """Registers a builder as the accessory ``name``; ``about`` are the fields of ``Accessory``."""

    def register(build: Build) -> Build:
        ACCESSORIES.add(Accessory(name, place, build, **about))  # type: ignore[arg-type]
        return build

    return register


def accessories_at(place: Place) -> list[Accessory]:
    """All kinds of accessory at one place."""
    return [row for row in ACCESSORIES if row.place is place]


def place_of(kind: str) -> Place:
    """Where an accessory of this kind is."""
    return ACCESSORIES.find(kind).place


def has_at(spec: PersonSpec, place: Place) -> bool:
    """Whether a person has an accessory at a place."""
    return any(place_of(accessory.kind) is place for accessory in spec.accessories)


def accessory_parts(spec: PersonSpec, body: FittedBody) -> list[Part]:
    """The parts of everything a person wears or carries besides clothes and hair."""
    parts: list[Part] = []
    for accessory in spec.accessories:
        parts.extend(ACCESSORIES.find(accessory.kind).build(Wearer(accessory, spec, body)))
    return parts
