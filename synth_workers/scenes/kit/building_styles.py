"""Manners of building: what houses of one kind have in common."""

from __future__ import annotations

from dataclasses import dataclass

GROUND_STOREY = 3.9
"""Height of a ground floor, metres."""


@dataclass(frozen=True)
class Style:
    """One manner of building. Lengths in metres; ``*_chance`` are probabilities per place."""

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


STYLES: dict[str, Style] = {
    "townhouse": Style(
        walls=((212, 192, 160), (198, 170, 140), (206, 204, 194), (186, 172, 150), (216, 206, 186)),
        balcony_chance=0.2,
        shutters_chance=0.45,
    ),
    "brick": Style(
        wall="brick",
        walls=((168, 108, 88), (150, 92, 76), (176, 134, 108), (140, 104, 92)),
        trim=(208, 202, 190),
        spacing=2.6,
        awning_chance=0.25,
    ),
    "stone": Style(
        wall="ashlar",
        walls=((206, 196, 176), (190, 186, 178), (198, 182, 158)),
        trim=(214, 208, 196),
        window=(1.2, 2.0),
        spacing=2.9,
        storey=3.6,
        awning_chance=0.3,
    ),
    "arcade": Style(
        wall="ashlar",
        walls=((208, 192, 164), (196, 186, 170), (212, 204, 188)),
        trim=(218, 210, 196),
        window=(1.25, 2.0),
        spacing=2.8,
        storey=3.5,
        base="arcade",
        shutters_chance=0.3,
    ),
    "hall": Style(
        wall="ashlar",
        walls=((214, 206, 190),),
        trim=(226, 220, 206),
        window=(1.5, 2.9),
        spacing=3.1,
        storey=4.6,
        storeys=(2, 2),
        reveal=0.35,
        base="doors",
    ),
    "modern": Style(
        wall="concrete",
        walls=((206, 206, 204), (170, 172, 174), (222, 218, 208)),
        trim=(96, 100, 104),
        glass="panes",
        window=(2.3, 1.9),
        spacing=2.75,
        storey=3.3,
        storeys=(3, 5),
        reveal=0.1,
        base="office",
        courses=False,
    ),
    "modest": Style(
        walls=((190, 186, 176), (176, 182, 180), (204, 188, 168), (168, 160, 150)),
        trim=(200, 196, 188),
        window=(1.05, 1.5),
        spacing=3.0,
        storey=3.0,
        base="doors",
        base_wall="brick",
        shutters_chance=0.2,
    ),
}
