"""How a crowd moves: profiles of gaits, activities and of what is pushed or held, by name.

A profile says what is usual; fields of a recipe (``walks``, ``activities``, ``accessories``) work
on top of it. What an activity looks like is ``motion.activities``'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Table = Mapping[str, float]
Range = tuple[float, float]

_WALKS: Table = {"normal": 0.5, "brisk": 0.22, "relaxed": 0.28}


@dataclass(frozen=True)
class Movement:
    """What is usual in a crowd.

    ``walks``: shares of styles of those who are not old. ``stride``, ``cadence``, ``arm_swing``:
    ranges of gains on a style. ``own_ways``: whether lean, bend of the elbows and width of steps
    differ from person to person, too. ``activities``: shares of moments of people who are able;
    ``accessories``: probabilities, those of the dress where not named.
    """

    about: str
    walks: Table = field(default_factory=lambda: _WALKS)
    stride: Range = (0.9, 1.1)
    cadence: Range = (0.92, 1.08)
    arm_swing: Range = (0.6, 1.25)
    own_ways: bool = False
    activities: Table = field(default_factory=dict)
    accessories: Table = field(default_factory=dict)


MOVEMENTS: dict[str, Movement] = {
    "usual": Movement("everybody walks and stops now and then"),
    "street": Movement(
        "as counted on pavements: spread of speeds, telephones, few runners, few things pushed",
        walks={"normal": 0.52, "brisk": 0.30, "relaxed": 0.18},
        stride=(0.88, 1.16),
        cadence=(0.9, 1.14),
        arm_swing=(0.35, 1.4),
        own_ways=True,
        activities={"run": 0.02, "hurry": 0.08, "stroll": 0.10, "wait": 0.12, "call": 0.46},
        accessories={"phone": 0.135, "pram": 0.004, "shopping_trolley": 0.0015,
                     "bicycle": 0.02, "box": 0.01},
    ),
    "lively": Movement(
        "everything there is, often: for variety's sake",
        stride=(0.82, 1.2),
        cadence=(0.84, 1.18),
        arm_swing=(0.2, 1.6),
        own_ways=True,
        activities={"run": 0.12, "hurry": 0.12, "stroll": 0.14, "wait": 0.18, "call": 0.4},
        accessories={"phone": 0.2, "pram": 0.04, "shopping_trolley": 0.03, "bicycle": 0.07,
                     "box": 0.06},
    ),
}  # fmt: skip
"""Every profile by name. ``usual`` is what was drawn before there were profiles and may not change.
``street``: speeds as Weidmann (1993) found them, 1.34 m/s with a deviation of 0.26; telephones
as Thompson et al. (Injury Prevention 2013) counted at crossings, 6.2 % at the ear and 7.3 % in
front; prams and trolleys as labelled in PETA. Bicycles, boxes, runners and those who wait are
judgement."""
