"""Manners of building: what houses of one kind have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from manifests.strict_text import read_yaml

GROUND_STOREY = 3.9
"""Height of a ground floor, metres."""

LIFT = 0.012
"""``Style.lift`` of houses in worlds, and what lies on other things there stands off as much."""


@dataclass(frozen=True)
class Style:
    """One manner of building. Lengths in metres; ``*_chance`` are probabilities per place.

    ``lift``: by how much sills, heads and thresholds lie off the faces of the openings that they
    trim; 0 in scenes that were drawn before there was one, where the two flicker.
    """

    wall: str = "plaster"
    walls: tuple[tuple[int, int, int], ...] = ((214, 200, 172),)
    trim: tuple[int, int, int] = (226, 220, 208)
    glass: str = "windows"
    window: tuple[float, float] = (1.15, 1.75)
    spacing: float = 2.7
    storey: float = 3.25
    storeys: tuple[int, int] = (2, 4)
    reveal: float = 0.18
    base: str = "shops"  # shops, doors, office or arcade
    base_wall: str | None = None
    balcony_chance: float = 0.0
    awning_chance: float = 0.35
    shutters_chance: float = 0.0
    courses: bool = True
    lift: float = 0.0


STYLES = TypeAdapter(dict[str, Style]).validate_python(
    read_yaml(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
)
"""The manners in ``building_styles.yaml`` by name."""
