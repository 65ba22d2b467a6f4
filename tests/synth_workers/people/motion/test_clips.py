"""Clips: finite, rigid, grounded; the stance foot stays where it is put."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.people import PeopleRecipe
from synth_workers.people.body.rig import Rig
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.motion.activities import build_clips
from synth_workers.people.motion.foot_placement import STANCE
from synth_workers.people.motion.posing import carried
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec, IdleStyle, WalkStyle

FRAMES = np.arange(CLIP_FRAMES)


@pytest.fixture(scope="module")
def rigs(fitter: Fitter) -> list[Rig]:
    people = sample_people(PeopleRecipe(count=1, look_alikes=0), 5, range(4))
    return [Rig.from_body(fitter.body(spec.body, spec.body.stature)) for spec in people]


def _soles(clip: Clip, rig: Rig) -> np.ndarray:
    """(frames, 2 feet, points, 3)."""
    bones = clip.bones.astype(np.float64)
    return np.stack([carried(sole, bones) for sole in rig.soles], axis=1)


GAITS = [GaitSpec(walk=walk, idle=idle) for walk, idle in zip(WalkStyle, [*IdleStyle] * 2)]


@pytest.mark.parametrize("gait", GAITS)
def test_clips_have_the_promised_form(rigs: list[Rig], gait: GaitSpec) -> None:
    for rig in rigs:
        clips = build_clips(gait, rig)
        assert set(clips) == {"walk", "idle"}
        for clip in clips.values():
            assert clip.bones.shape == (CLIP_FRAMES, 55, 3, 4)
            assert clip.bones.dtype == np.float32
            assert np.isfinite(clip.bones).all()
            turned = clip.bones[..., :3].astype(np.float64)
            assert np.abs(turned @ turned.swapaxes(-1, -2) - np.eye(3)).max() < 1e-4
            assert clip.travel.shape == (CLIP_FRAMES + 1,)
        assert not clips["idle"].travel.any()
        assert np.diff(clips["walk"].travel).min() > 0


@pytest.mark.parametrize("gait", GAITS)
def test_feet_neither_sink_nor_float(rigs: list[Rig], gait: GaitSpec) -> None:
    for rig in rigs:
        for clip in build_clips(gait, rig).values():
            lowest = _soles(clip, rig)[..., 1].reshape(CLIP_FRAMES, -1).min(axis=1)
            assert lowest.min() > -0.005
            assert lowest.max() < 0.005


def _slides(clip: Clip, rig: Rig, double_support: bool) -> list[float]:
    """Horizontal speed of ground-contact points of bearing feet, as shares of the body's."""
    soles = _soles(clip, rig)
    step = clip.travel[-1] / CLIP_FRAMES
    slides: list[float] = []
    for frame in FRAMES:
        for foot in (0, 1):
            own = (frame / CLIP_FRAMES + 0.5 * foot) % 1
            both = own < 0.11 or own > 0.49
            if own >= STANCE - 1 / CLIP_FRAMES or both != double_support:
                continue
            here, there = soles[frame, foot], soles[(frame + 1) % CLIP_FRAMES, foot]
            bearing = (here[:, 1] < 0.004) & (there[:, 1] < 0.004)
            moved = (there - here)[bearing][:, [0, 2]]
            moved[:, 1] += clip.travel[frame + 1] - clip.travel[frame]
            slides.extend(np.linalg.norm(moved, axis=1) / step)
    return slides


@pytest.mark.parametrize("gait", GAITS)
def test_bearing_feet_do_not_slide(rigs: list[Rig], gait: GaitSpec) -> None:
    for rig in rigs:
        clip = build_clips(gait, rig)["walk"]
        assert np.mean(_slides(clip, rig, double_support=False)) < 0.01
        assert np.mean(_slides(clip, rig, double_support=True)) < 0.02


@pytest.mark.parametrize("gait", GAITS)
def test_the_swinging_foot_does_not_graze_the_ground(rigs: list[Rig], gait: GaitSpec) -> None:
    for rig in rigs:
        soles = _soles(build_clips(gait, rig)["walk"], rig)
        for foot in (0, 1):
            own = (FRAMES / CLIP_FRAMES + 0.5 * foot) % 1
            swing = (own > STANCE + 0.06) & (own < 0.94)
            assert soles[swing, foot, :, 1].min() > 0.003


@pytest.mark.parametrize("gait", GAITS)
def test_standing_feet_stay_where_they_are(rigs: list[Rig], gait: GaitSpec) -> None:
    for rig in rigs:
        soles = _soles(build_clips(gait, rig)["idle"], rig)
        assert np.ptp(soles, axis=0).max() < 0.004


@pytest.mark.parametrize("gait", GAITS)
def test_knees_never_bend_backwards_nor_snap(rigs: list[Rig], gait: GaitSpec) -> None:
    for rig in rigs:
        bones = build_clips(gait, rig)["walk"].bones.astype(np.float64)
        for side in "lr":
            place = {
                name: bones[:, rig.bone(f"{name}_{side}"), :, :3] @ rig.joint(f"{name}_{side}")
                + bones[:, rig.bone(f"{name}_{side}"), :, 3]
                for name in ("thigh", "calf", "foot")
            }
            thigh, shank = place["calf"] - place["thigh"], place["foot"] - place["calf"]
            forward = np.cross(thigh, shank)[:, 0]
            assert forward.min() > 0
            angle = np.degrees(np.arcsin(forward / np.linalg.norm(thigh, axis=1)
                                         / np.linalg.norm(shank, axis=1)))  # fmt: skip
            assert np.abs(np.diff(angle)).max() < 16


def test_walks_have_human_strides_and_speeds(rigs: list[Rig]) -> None:
    for rig in rigs:
        stature = rig.joints[:, 1].max() + 0.1
        speed = {}
        for walk in WalkStyle:
            clip = build_clips(GaitSpec(walk=walk), rig)["walk"]
            speed[walk] = clip.travel[-1] / clip.seconds
            assert 0.45 < clip.travel[-1] / stature < 1.15
        assert speed["elder"] < speed["relaxed"] < speed["normal"] < speed["brisk"]
        assert speed["elder"] > 0.5
        assert speed["brisk"] < 2.3


def test_a_cycle_closes(rigs: list[Rig]) -> None:
    """The step from the last frame to the first is like any other step."""
    clip = build_clips(GaitSpec(), rigs[0])["walk"]
    turned = clip.bones[..., :3]
    steps = np.abs(np.diff(turned, axis=0)).max(axis=(1, 2, 3))
    assert np.abs(turned[0] - turned[-1]).max() <= steps.max() * 1.2


def test_props_stay_upright(rigs: list[Rig]) -> None:
    clip = build_clips(GaitSpec(right=CarryPose.bag), rigs[0])["walk"]
    assert np.allclose(clip.bones[:, 53:, :, :3], np.eye(3))


def test_a_carrying_arm_swings_less(rigs: list[Rig]) -> None:
    rig = rigs[0]
    hand = rig.bone("hand_r")

    def swing(gait: GaitSpec) -> float:
        bones = build_clips(gait, rig)["walk"].bones[:, hand].astype(np.float64)
        place = bones[..., :3] @ rig.joints[hand] + bones[..., 3]
        return float(np.ptp(place[:, 2]))

    assert swing(GaitSpec(right=CarryPose.bag)) < 0.7 * swing(GaitSpec())


def test_cadence_sets_the_seconds_of_a_cycle(rigs: list[Rig]) -> None:
    slow, fast = (build_clips(GaitSpec(cadence=c), rigs[0])["walk"] for c in (0.9, 1.1))
    assert slow.seconds > fast.seconds
    assert np.array_equal(slow.bones, fast.bones)
