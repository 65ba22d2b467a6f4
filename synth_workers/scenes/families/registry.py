"""What a family of scenes is, and the table of all families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from manifests.errors import BadScene
from manifests.registry import Registry
from synth_workers.scenes.families.site import Site

Draw = Callable[[Site], None]
"""Fills a site."""


@dataclass(frozen=True)
class Family:
    """Scenes of one kind. ``draw`` fills the site it is given, which differs with every number;
    cameras and lights are chosen for what it has put there."""

    name: str
    indoor: bool
    summary: str
    draw: Draw


FAMILIES: Registry[Family] = Registry(
    "family", BadScene, room="synth_workers.scenes.families.kinds"
)


def family(name: str, *, indoor: bool) -> Callable[[Draw], Draw]:
    """Registers ``draw(site)`` under ``name``; the first line of its docstring is its summary."""

    def register(draw: Draw) -> Draw:
        summary = (draw.__doc__ or "").strip().partition("\n")[0]
        FAMILIES.add(Family(name, indoor, summary, draw))
        return draw

    return register
