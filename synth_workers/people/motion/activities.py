"""What people do besides walking their own way and standing about: one row per activity.

An activity is a clip to move by and one to stand by. Which of a person's moments are spent so is
the recipe's (``people.activities``) and the planner's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.motion.clips import idle_clip, run_clip, wait_clip, walk_clip
from synth_workers.people.motion.hand_placement import AT_THE_EAR, PUSHING
from synth_workers.people.motion.riding import ride_clip
from synth_workers.people.motion.rising import get_up_clip, sit_down_clip
from synth_workers.people.motion.sitting import sit_clip
from synth_workers.people.person import Clip
from synth_workers.people.spec import CarryPose, GaitSpec

Make = Callable[[GaitSpec, Rig], Clip]
WALK, IDLE, SIT = "walk", "idle", "sit"
GET_UP, SIT_DOWN = "get_up", "sit_down"

_TALL_ENOUGH = 12
"""Years from which feet stand on the ground before seats."""

_BULKY = {*PUSHING, CarryPose.box, CarryPose.trolley, CarryPose.umbrella}


@dataclass(frozen=True)
class Activity:
    """One activity. ``clips``: makers of the clips that only it has, by name; ``moving`` and
    ``standing``: the clips shown while somebody moves and stands. ``stays``: whether one stands
    all the time; ``on``: where (``walk_net`` has wide ways). ``back_free``: whether nothing
    may be worn on the back. ``able``: whether somebody of this gait and age can.
    """

    name: str
    about: str
    clips: dict[str, Make]
    moving: str = WALK
    standing: str = IDLE
    stays: bool = False
    on: Literal["ways", "wide ways", "seats"] = "ways"
    back_free: bool = False
    able: Callable[[GaitSpec, float], bool] = lambda gait, age: True


def _hands_free(gait: GaitSpec) -> bool:
    return not {gait.left, gait.right} & _BULKY


def _hurrying(gait: GaitSpec, rig: Rig) -> Clip:
    return walk_clip(_with(gait, stride=1.1, cadence=1.13, arm_swing=1.25, lean=3.0), rig)


def _strolling(gait: GaitSpec, rig: Rig) -> Clip:
    return walk_clip(_with(gait, stride=0.86, cadence=0.85, arm_swing=0.7, lean=-1.0), rig)


def _with(
    gait: GaitSpec, *, stride: float, cadence: float, arm_swing: float, lean: float
) -> GaitSpec:
    changed = {
        "stride": gait.stride * stride,
        "cadence": gait.cadence * cadence,
        "arm_swing": gait.arm_swing * arm_swing,
        "lean": gait.lean + lean,
    }
    return gait.model_copy(update=changed)


def _can_sit(gait: GaitSpec, age: float) -> bool:
    return _hands_free(gait) and CarryPose.bag not in (gait.left, gait.right)


def _can_get_up(gait: GaitSpec, age: float) -> bool:
    return _can_sit(gait, age) and age >= _TALL_ENOUGH


def _phone_at_the_ear(make: Callable[..., Clip]) -> Make:
    def clip(gait: GaitSpec, rig: Rig) -> Clip:
        poses = zip(SIDES, (gait.left, gait.right), strict=True)
        return make(
            gait, rig, {side: AT_THE_EAR for side, pose in poses if pose is CarryPose.phone}
        )

    return clip


_on_seats = partial(Activity, on="seats", back_free=True)


def _change(name: str, about: str, make: Make) -> Activity:
    """From one posture to the other, by a clip of the activity's name."""
    return _on_seats(name, about, {SIT: sit_clip, name: make}, able=_can_get_up)


ACTIVITIES: dict[str, Activity] = {
    row.name: row
    for row in (
        Activity(
            "run",
            "runs at an easy pace; nobody above 70 years or with bulky things",
            {"run": run_clip},
            moving="run",
            able=lambda gait, age: age < 70 and _hands_free(gait),
        ),
        Activity("hurry", "walks a quarter faster", {"walk_hurry": _hurrying}, "walk_hurry"),
        Activity("stroll", "walks a quarter slower", {"walk_stroll": _strolling}, "walk_stroll"),
        Activity(
            "call",
            "holds the telephone to the ear; those who carry one",
            {
                "walk_call": _phone_at_the_ear(walk_clip),
                "idle_call": _phone_at_the_ear(idle_clip),
            },
            "walk_call",
            "idle_call",
            able=lambda gait, age: CarryPose.phone in (gait.left, gait.right),
        ),
        Activity(
            "wait",
            "stands all the time, the weight on one leg; free hands on the hips, clasped, behind "
            "the back or hanging",
            {"idle_wait": wait_clip},
            standing="idle_wait",
            stays=True,
        ),
        Activity(
            "ride",
            "rides the bicycle on ways that are wide enough; those between 10 and 75 years who have"
            " one",
            {"ride": ride_clip},
            moving="ride",
            on="wide ways",
            able=lambda gait, age: CarryPose.saddle in (gait.left, gait.right) and 10 <= age <= 75,
        ),
        _on_seats(
            "sit",
            "sits on a bench or a chair of the scene all the time; those with nothing bulky, no bag"
            " in the hand and nothing on the back",
            {SIT: sit_clip},
            standing=SIT,
            stays=True,
            able=_can_sit,
        ),
        _change(
            GET_UP,
            "sits, gets up at some time and walks on; those above 12 years who could sit",
            get_up_clip,
        ),
        _change(SIT_DOWN, "comes to a seat, sits down and stays; the same people", sit_down_clip),
    )
}
"""Every activity by the name it has in recipes, specs and labels."""

_POSTURES = {WALK: "walk", IDLE: "stand", "run": "run"}
_CHANGES = (GET_UP, SIT_DOWN)


def build_clips(gait: GaitSpec, body: FittedBody | Rig) -> dict[str, Clip]:
    """The clips ``walk`` and ``idle`` of a person with this gait and body, and those of what else
    the person does."""
    rig = body if isinstance(body, Rig) else Rig.from_body(body)
    made = {WALK: walk_clip(gait, rig), IDLE: idle_clip(gait, rig)}
    rows = (ACTIVITIES[name] for name, _ in gait.activities)
    return made | {name: make(gait, rig) for row in rows for name, make in row.clips.items()}


def labels_of(clip: str) -> list[str]:
    """What somebody does whom this clip shows: ``walk``, ``stand`` or ``run``, then the rest; or
    one word, like ``sit`` and ``get_up``."""
    if clip in _CHANGES:
        return [clip]
    posture, *rest = clip.split("_")
    return [_POSTURES.get(posture, posture), *rest]
