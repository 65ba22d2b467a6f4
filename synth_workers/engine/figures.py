"""From actors in the world to figures for the renderer: appearance, pose, place."""

from __future__ import annotations

from collections.abc import KeysView, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from synth_workers.coordinates import CM_PER_METRE, engine_axes, rotation_axes, to_engine
from synth_workers.engine.crowd import Appearance, Crowd
from synth_workers.engine.drawing import Figure
from synth_workers.engine.materials import Material, dress
from synth_workers.engine.shapes import cube
from synth_workers.engine.world import Actor, Kind, Stance
from synth_workers.people.person import CLIP_FRAMES, BuiltPerson, Clip

_KEPT_REDRESSED = 128
_ORDINARY_HEIGHT = 2.1  # metres that the culling spheres allow for


def pose_matrices(clip: Clip, phase: float) -> np.ndarray:
    """(bones, 3, 4) float32 of a clip at ``phase`` (cycles), between its stored frames."""
    place = (phase % 1.0) * CLIP_FRAMES
    whole = int(place)
    part = np.float32(place - whole)
    first = clip.bones[whole % CLIP_FRAMES]
    if part == 0:
        return first
    return first + part * (clip.bones[(whole + 1) % CLIP_FRAMES] - first)


def travelled(clip: Clip, phase: float) -> float:
    """Metres the root has moved forward at ``phase`` (cycles, beyond 0..1 too)."""
    cycles = np.floor(phase)
    frames = (phase - cycles) * CLIP_FRAMES
    within = np.interp(frames, np.arange(CLIP_FRAMES + 1), clip.travel)
    return float(cycles * clip.travel[-1] + within)


def actor_later(actor: Actor, person: BuiltPerson, seconds: float) -> Actor:
    """The actor as it would be ``seconds`` later (or earlier) if it kept on doing what it does."""
    clip = person.clips[actor.animation]
    phase = actor.phase + seconds / clip.seconds
    metres = travelled(clip, phase) - travelled(clip, actor.phase)
    forward = rotation_axes(actor.rotation)[0] * metres * CM_PER_METRE * actor.scale[0]
    x, y, z = np.asarray(actor.location) + forward
    return replace(actor, phase=phase % 1.0, location=(float(x), float(y), float(z)))


def body_to_engine(actor: Actor) -> np.ndarray:
    """(3, 4): body frame (left, up, forward; metres) to the engine's frame for one actor."""
    forward, right, up = engine_axes(actor.rotation)
    matrix = np.empty((3, 4))
    sx, sy, sz = actor.scale
    matrix[:, 0], matrix[:, 1], matrix[:, 2] = -right * sy, up * sz, forward * sx
    matrix[:, 3] = to_engine(actor.location)
    return matrix


def skinning_palette(person: BuiltPerson, actor: Actor) -> np.ndarray:
    """(bones, 3, 4) float32 in the engine's frame for an actor as it stands."""
    pose = pose_matrices(person.clips[actor.animation], actor.phase)
    root = body_to_engine(actor).astype(np.float32)
    palette = np.matmul(root[:, :3], pose)
    palette[:, :, 3] += root[:, 3]
    return palette


def bound_points(palette: np.ndarray, bones: Sequence[int], points: np.ndarray) -> np.ndarray:
    """(n, 3) engine positions of homogeneous rest ``points`` (n, 4) bound to one bone each."""
    return np.einsum("nij,nj->ni", palette[list(bones)], points)


def joint_places(figure: Figure) -> np.ndarray:
    """(j, 3) engine positions of a figure's joints."""
    person = figure.person
    return bound_points(figure.palette, person.joint_bones, person.joints)


class FigureBuilder:
    """Turns actors into figures; keeps what has not changed since it was last asked."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._cube = cube()
        self._redressed = lru_cache(_KEPT_REDRESSED)(self._redress)
        self._kept: dict[str, tuple[dict[str, object], Figure]] = {}

    @property
    def names(self) -> KeysView[str]:
        """Names of the actors behind the figures built last, in the same order."""
        return self._kept.keys()

    def figure(self, name: str) -> Figure:
        """The figure built last for the actor called ``name``."""
        return self._kept[name][1]

    def appearance(self, actor: Actor) -> Appearance | None:
        """What the actor looks like; None for a person of an engine without a crowd."""
        if actor.kind is Kind.CUBE:
            return self._cube
        if not len(self._crowd):
            return None
        if actor.materials:
            return self._redressed(actor.appearance, actor.materials)
        return self._crowd.appearance(actor.appearance)

    def _redress(self, number: int, materials: tuple[Material, ...]) -> Appearance:
        plain = self._crowd.appearance(number)
        return Appearance((plain.key, materials), dress(plain.person, materials))

    def build_later(self, actors: Sequence[Actor], seconds: float) -> list[Figure]:
        """Figures of the actors of the last ``build`` as they would be ``seconds`` later."""
        figures = [self.figure(actor.name) for actor in actors]
        return [
            figure_of(actor_later(actor, now.person, seconds), Appearance(now.key, now.person))
            for actor, now in zip(actors, figures)
        ]

    def next_palettes(self, actors: Sequence[Actor]) -> np.ndarray:
        """(n, 55, 3, 4) float32: bones of the actors of the last ``build`` at the next tick, or as
        they are if they are gone then or nobody said where they will be."""
        palettes: list[np.ndarray] = []
        for actor in actors:
            now, then = self.figure(actor.name), actor.following
            if isinstance(then, Stance):
                moved = replace(
                    actor,
                    location=then.location,
                    rotation=(actor.rotation[0], then.yaw, actor.rotation[2]),
                    animation=then.animation,
                    phase=then.phase,
                )
                palettes.append(skinning_palette(now.person, moved))
            else:
                palettes.append(now.palette)
        return np.stack(palettes)

    def build(self, actors: Sequence[Actor]) -> list[Figure]:
        """Figures of the actors that have an appearance, in the same order."""
        kept: dict[str, tuple[dict[str, object], Figure]] = {}
        for actor in actors:
            state = {name: value for name, value in vars(actor).items() if name != "following"}
            before = self._kept.get(actor.name)
            if before is not None and before[0] == state:
                figure = before[1]
            else:
                appearance = self.appearance(actor)
                if appearance is None:
                    continue
                figure = figure_of(actor, appearance)
            kept[actor.name] = (state, figure)
        self._kept = kept
        return [figure for _, figure in kept.values()]


def figure_of(actor: Actor, appearance: Appearance) -> Figure:
    """An actor as it stands, ready to be drawn."""
    person = appearance.person
    palette = skinning_palette(person, actor)
    feet = None
    if actor.kind is Kind.PERSON:
        feet = bound_points(palette, person.foot_bones, person.feet)
    stretch = max(abs(value) for value in actor.scale)
    reach = max(max(person.reach, 2 * person.radius) * stretch - _ORDINARY_HEIGHT, 0.0)
    mirrored = float(np.prod(actor.scale)) < 0
    root = to_engine(actor.location)
    return Figure(appearance.key, person, palette, root, feet, float(reach), mirrored)
