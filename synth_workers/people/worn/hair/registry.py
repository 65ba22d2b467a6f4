"""What a hair style is, and the table of all styles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from manifests.registry import Registry
from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.spec import FabricSpec

Tail = Callable[[FittedBody, FabricSpec, np.random.Generator], list[Part]]
"""Makes what hangs or sits at the back of a cap from its cloth and the hair's own generator."""

SHEEN = 0.22

FULL = (0.27, 0.37, 0.55, 0.70, 0.79, 0.85, 0.89)
"""The usual hairline: share of head height at ``body.template_fields.HAIRLINE_DEPTHS``."""


@dataclass(frozen=True)
class HairShape:
    """Geometry of one style.

    ``line``: hairline. ``off``: thickness of the cap, dm. ``lift``: extra height on top,
    ``quiff``: at the front of it, ``puff``: all round, metres. ``curl``: size of bumps,
    metres. ``part``: side parting. ``strands``: length of those that break up the rim, metres.
    ``locks``: their width against usual hair. ``drop``: how far a shell hangs below the head's
    centre, half head heights (0 none). ``tail``: makes a bun, ponytail, braid or pigtails.
    """

    line: tuple[float, ...] = FULL
    off: float = 0.13
    lift: float = 0.008
    quiff: float = 0.0
    puff: float = 0.0
    curl: float = 0.002
    part: float = 0.0
    strands: float = 0.012
    locks: float = 1.0
    drop: float = 0.0
    tail: Tail | None = None


@dataclass(frozen=True)
class Commonness:
    """Weights with which a style is drawn.

    Women over 60 have weights of their own. ``girls`` and ``boys`` (under 16) and ``old_men``
    (over 50) are like other women and men unless they say otherwise; ``african`` is added for
    women and for men of mostly that ancestry.
    """

    women: float = 0.0
    men: float = 0.0
    old_women: float = 0.0
    old_men: float | None = None
    girls: float | None = None
    boys: float | None = None
    african: tuple[float, float] = (0.0, 0.0)

    def weight(self, female: bool, age: float, african: bool) -> float:
        """How common the style is among people like this."""
        if female and age > 60:
            return self.old_women
        special = self.girls if female else self.boys
        if age < 16 and special is not None:
            return special
        if age > 50 and not female and self.old_men is not None:
            return self.old_men
        usual = self.women if female else self.men
        return usual + (self.african[0 if female else 1] if african else 0.0)


@dataclass(frozen=True)
class HairStyle:
    """One style: how it is made (None: there is none), who has it, and which styles are ``near``
    enough for look-alikes to differ in. ``close``: cropped so that a band lies on the skin."""

    name: str
    shape: HairShape | None
    common: Commonness
    near: tuple[str, ...] = ()
    close: bool = False


HAIR_STYLES: Registry[HairStyle] = Registry("hair style")


def hair_style(*about: Any, **further: Any) -> None:
    """Registers a style; see ``HairStyle`` for its fields."""
    HAIR_STYLES.add(HairStyle(*about, **further))
