"""What people do besides walking: runs touch the ground as walks do, hands are where they hold."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from manifests.people import PeopleRecipe
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.motion.activities import ACTIVITIES, build_clips, labels_of
from synth_workers.people.motion.gait import RUN
from synth_workers.people.motion.hand_placement import AT_THE_EAR, GRIPS, STANCES, Grip
from synth_workers.people.motion.posing import carried
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec, Stance, WalkStyle

EVERYTHING = tuple((name, 0.1) for name in ACTIVITIES)


def rigs_of(fitter: Fitter, count: int, adults: int = 1) -> list[Rig]:
    """Rigs of the first people of a small crowd, which has ``adults`` adults to a child."""
    recipe = PeopleRecipe(count=1, look_alikes=0, ages={"child": 1, "adult": adults})
    bodies = (fitter.body(s.body, s.body.stature) for s in sample_people(recipe, 5, range(count)))
    return [Rig.from_body(body) for body in bodies]


@pytest.fixture(scope="module")
def rigs(fitter: Fitter) -> list[Rig]:
    return rigs_of(fitter, 3)


def place(clip: Clip, rig: Rig, bone: str, point: np.ndarray) -> np.ndarray:
    """(frames, 3) where a rest position is that moves with a bone."""
    bones = clip.bones[:, rig.bone(bone)].astype(np.float64)
    return bones[..., :3] @ point + bones[..., 3]


def missed(clip: Clip, rig: Rig, side: str, grip: Grip) -> float:
    """Largest distance of a palm from what it holds, metres."""
    goal = np.tile(grip.place(rig, side), (CLIP_FRAMES, 1))
    if grip.bone is not None:
        goal = place(clip, rig, grip.bone, goal[0])
    palm = place(clip, rig, f"hand_{side}", rig.joint(f"prop_{side}"))
    return float(np.linalg.norm(palm - goal, axis=1).max())


def test_who_only_walks_and_stands_has_no_other_clips(rigs: list[Rig]) -> None:
    assert set(build_clips(GaitSpec(), rigs[0])) == {"walk", "idle"}


def test_every_activity_shows_clips_that_are_made(rigs: list[Rig]) -> None:
    clips = build_clips(GaitSpec(right=CarryPose.phone, activities=EVERYTHING), rigs[0])
    for activity in ACTIVITIES.values():
        assert {activity.moving, activity.standing, *activity.clips} <= clips.keys()
        assert clips[activity.moving].travel[-1] > 0 or activity.stays
        assert not clips[activity.standing].travel.any()
    for clip in clips.values():
        turned = clip.bones[..., :3].astype(np.float64)
        assert np.abs(turned @ turned.swapaxes(-1, -2) - np.eye(3)).max() < 1e-4


def test_runners_leave_the_ground_and_come_down_where_they_stay(rigs: list[Rig]) -> None:
    for rig in rigs:
        clip = build_clips(GaitSpec(activities=(("run", 1.0),)), rig)["run"]
        bones = clip.bones.astype(np.float64)
        soles = np.stack([carried(sole, bones) for sole in rig.soles], axis=1)
        lowest = soles[..., 1].min(axis=2)
        assert lowest.min() > -0.005
        own = (np.arange(CLIP_FRAMES)[:, None] / CLIP_FRAMES + [0.0, 0.5]) % 1
        bearing = own < RUN.stance - 1 / CLIP_FRAMES
        assert lowest[bearing].max() < 0.005
        in_the_air = ~(own < RUN.stance + 1 / CLIP_FRAMES).any(axis=1)
        assert in_the_air.any() and lowest[in_the_air].min() > 0.002
        step = clip.travel[-1] / CLIP_FRAMES
        slides = []
        for frame, foot in zip(*np.nonzero(bearing)):
            here, there = soles[frame, foot], soles[(frame + 1) % CLIP_FRAMES, foot]
            down = (here[:, 1] < 0.004) & (there[:, 1] < 0.004)
            slides += np.hypot(*((there - here)[down][:, [0, 2]] + [0, step]).T).tolist()
        assert np.mean(slides) / step < 0.018
        assert 1.6 < clip.travel[-1] / clip.seconds < 3.6


def test_paces_of_one_person_are_in_order(rigs: list[Rig]) -> None:
    clips = build_clips(GaitSpec(activities=EVERYTHING), rigs[1])
    order = ("walk_stroll", "walk", "walk_hurry", "run")
    speeds = [clips[name].travel[-1] / clips[name].seconds for name in order]
    assert all(faster > 1.15 * slower for slower, faster in pairwise(speeds))


@pytest.mark.parametrize("pose", GRIPS)
def test_hands_stay_on_what_they_hold(rigs: list[Rig], pose: CarryPose) -> None:
    for rig in rigs:
        clips = build_clips(GaitSpec(left=pose, right=pose), rig)
        for side in SIDES:
            assert max(missed(clip, rig, side, GRIPS[pose]) for clip in clips.values()) < 0.02


@pytest.mark.parametrize("pose", GRIPS)
def test_arms_that_hold_something_do_not_spin(rigs: list[Rig], pose: CarryPose) -> None:
    for rig in rigs:
        gait = GaitSpec(left=pose, right=pose, walk=WalkStyle.brisk, lean=-1.0)
        for clip in build_clips(gait, rig).values():
            rows = [rig.bone(f"{bone}_{side}") for bone in ("lowerarm", "hand") for side in SIDES]
            turned = clip.bones[:, rows, :, :3].astype(np.float64)
            step = turned @ np.roll(turned, 1, axis=0).swapaxes(-1, -2)
            cosine = (np.trace(step, axis1=-2, axis2=-1) - 1) / 2
            assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 8


def test_telephones_are_at_the_ear_and_waiting_hands_where_they_rest(rigs: list[Rig]) -> None:
    for rig in rigs:
        calling = GaitSpec(left=CarryPose.phone, activities=(("call", 1.0),))
        for clip in (build_clips(calling, rig)[name] for name in ("walk_call", "idle_call")):
            assert missed(clip, rig, "l", AT_THE_EAR) < 0.01
            assert missed(clip, rig, "r", AT_THE_EAR) > 0.3
    for stance in Stance:
        waiting = GaitSpec(stance=stance, activities=(("wait", 1.0),))
        clip = build_clips(waiting, rigs[0])["idle_wait"]
        assert all(missed(clip, rigs[0], side, STANCES[stance]) < 0.02 for side in SIDES)


def test_what_is_pushed_rolls_on_the_ground(rigs: list[Rig]) -> None:
    clip = build_clips(GaitSpec(left=CarryPose.bar, right=CarryPose.bar), rigs[0])["walk"]
    assert np.array_equal(clip.bones[:, 53:], np.tile(np.eye(3, 4), (CLIP_FRAMES, 2, 1, 1)))


def test_ways_of_ones_own_show(rigs: list[Rig]) -> None:
    rig = rigs[0]
    plain, own = (
        build_clips(gait, rig)["walk"]
        for gait in (GaitSpec(), GaitSpec(lean=8, elbow=40, width=0.1))
    )
    feet = [
        place(clip, rig, "foot_l", rig.joint("foot_l"))
        - place(clip, rig, "foot_r", rig.joint("foot_r"))
        for clip in (plain, own)
    ]
    assert feet[1][:, 0].mean() > feet[0][:, 0].mean() + 0.06
    neck = [
        place(clip, rig, "spine_03", rig.joint("neck_01"))[:, 2].mean() for clip in (plain, own)
    ]
    assert neck[1] > neck[0] + 0.03


def test_labels_say_what_clips_show() -> None:
    assert labels_of("idle") == ["stand"] and labels_of("run") == ["run"]
    assert labels_of("walk_call") == ["walk", "call"] and labels_of("idle_wait") == [
        "stand",
        "wait",
    ]
