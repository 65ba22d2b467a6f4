"""What exists in the level and in what state: actors, cameras, light, pause. No pixels.

World units (cm, degrees). Every change that can alter a picture raises ``version``; colours of
the mask do not, because they are applied when a mask is encoded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Literal

import numpy as np

from synth_workers.coordinates import rotation_axes
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.materials import Material
from synth_workers.engine.person_meshes import MAX_ACTORS
from synth_workers.engine.sensor import SensorSettings
from synth_workers.engine.view import View
from synth_workers.lens import IDEAL, Distortion

Triple = tuple[float, float, float]
Colour = tuple[int, int, int]

BLACK: Colour = (0, 0, 0)
PERSON_CLASS = "BP_Person_C"
WALKER_CLASS = "MHMainClass_C"
CUBE_CLASS = "Cube_C"
MAX_CAMERAS = 256
MAX_SIDE = 8192
MAX_PIXELS = 1 << 24

_LEVELS = (0, 255, 127, 63, 191, 31, 95, 159, 223)
_COLOURS: list[Colour] = [
    (_LEVELS[red], _LEVELS[green], _LEVELS[blue])
    for red, green, blue in sorted(product(range(len(_LEVELS)), repeat=3), key=max)
]


def default_colour(index: int) -> Colour:
    """The mask colour of the ``index``-th paintable actor until somebody sets one.

    Index 0 is black; later ones are distinct for as long as the nine levels last (728).
    """
    return _COLOURS[index % len(_COLOURS)]


class Kind(StrEnum):
    """What an actor is to the renderer."""

    PERSON = "person"
    CUBE = "cube"
    SCENERY = "scenery"
    CAMERA = "camera"
    OTHER = "other"

    @property
    def drawn(self) -> bool:
        """Whether it is a figure of its own in pictures and masks."""
        return self in (Kind.PERSON, Kind.CUBE)


_SPAWNED = {PERSON_CLASS: Kind.PERSON, WALKER_CLASS: Kind.PERSON, CUBE_CLASS: Kind.CUBE}


@dataclass(frozen=True)
class Stance:
    """Where a person is at another time and what it does there."""

    location: Triple
    yaw: float
    animation: str
    phase: float


@dataclass(eq=False)
class Actor:
    """One named thing. ``appearance``, ``animation`` and ``phase`` matter for people only;
    whoever is not ``painted`` is nobody in masks. ``following``: where it will be at the next tick
    if somebody said so, None if it is gone by then; optical flow alone shows it."""

    name: str
    kind: Kind
    uclass: str
    location: Triple = (0.0, 0.0, 0.0)
    rotation: Triple = (0.0, 0.0, 0.0)
    scale: Triple = (1.0, 1.0, 1.0)
    colour: Colour = BLACK
    painted: bool = True
    hidden: bool = False
    label: str = ""
    appearance: int = 0
    animation: str = "idle"
    phase: float = 0.0
    materials: tuple[Material, ...] = ()  # instead of the appearance's own
    following: Stance | Literal["here"] | None = "here"

    @property
    def movable(self) -> bool:
        """Whether locations and rotations may change."""
        return self.kind is not Kind.SCENERY


@dataclass(eq=False)
class SceneCamera:
    """One camera; its id is its position in ``World.cameras``."""

    actor: Actor
    component: str
    fov: float
    width: int
    height: int
    sensor: SensorSettings = field(default_factory=SensorSettings)
    aside: float = 0.0  # cm to the right of its actor: the right eye of a stereo pair
    exposure_bias: float = 0.0  # stops
    distortion: Distortion = IDEAL
    shutter: float = 0.0  # seconds the shutter is open: motion blur

    @property
    def location(self) -> Triple:
        """Where the camera is, cm."""
        if not self.aside:
            return self.actor.location
        right = rotation_axes(self.actor.rotation)[1]
        x, y, z = np.asarray(self.actor.location) + right * self.aside
        return (float(x), float(y), float(z))

    def view(self) -> View:
        """The camera's geometry now."""
        return View(
            self.location, self.actor.rotation, self.fov, self.width, self.height, self.distortion
        )


class World:
    """Actors by name in the order they came, cameras by id."""

    def __init__(self, scene: str, width: int, height: int, fov: float = 90.0) -> None:
        self.scene = scene
        self.actors: dict[str, Actor] = {}
        self.cameras: list[SceneCamera] = []
        self.paused = False
        self.paints_spawned = True
        self.version = 0
        self._size = (width, height)
        self._fov = fov
        self._spawned: dict[str, int] = {}
        self._painted = 0
        self.level_script = f"{scene}_C_0"
        scenery = f"{scene}_scenery"
        pawn = Actor("CameraPawn_0", Kind.CAMERA, "CameraPawn")
        self.actors[scenery] = Actor(scenery, Kind.SCENERY, "StaticMeshActor", label="scenery")
        self.actors[pawn.name] = pawn
        self.cameras.append(SceneCamera(pawn, "PawnSensor", fov, width, height))

    def touch(self) -> None:
        """Note that pictures taken before are out of date."""
        self.version += 1

    def state(self, light: str) -> str:
        """Digest, 32 hex characters, of everything a picture in ``light`` can show. Names, mask
        colours and cameras are no part of it, so that whoever shows the same instant says the
        same."""
        standing = [
            (str(a.kind), a.appearance, a.location, a.rotation, a.scale, a.animation, a.phase,
             a.materials)
            for a in self.figures()
            if not a.hidden
        ]  # fmt: skip
        told = repr((self.scene, light, standing)).encode()
        return hashlib.blake2b(told, digest_size=16).hexdigest()

    def actor(self, name: str, unknown: str) -> Actor:
        """The actor called ``name``, else the error ``unknown``."""
        found = self.actors.get(name)
        if found is None:
            raise CommandError(unknown)
        return found

    def camera(self, text: str) -> SceneCamera:
        """The camera with the id written in ``text`` (empty: 0)."""
        number = int(text) if text and len(text) < 10 else 0 if not text else MAX_CAMERAS
        if number >= len(self.cameras):
            raise CommandError("Invalid sensor id")
        return self.cameras[number]

    def cameras_of(self, actor: Actor) -> list[SceneCamera]:
        """The cameras that hang on an actor."""
        return [camera for camera in self.cameras if camera.actor is actor]

    def fresh_name(self, stem: str) -> str:
        """``stem`` with the next number that nobody has had."""
        while True:
            number = self._spawned.get(stem, -1) + 1
            self._spawned[stem] = number
            name = f"{stem}_{number}"
            if name not in self.actors:
                return name

    def figures(self) -> list[Actor]:
        """Actors that may be drawn, hidden ones included."""
        return [actor for actor in self.actors.values() if actor.kind.drawn]

    def room(self) -> int:
        """How many more people and cubes may be spawned."""
        return MAX_ACTORS - sum(actor.kind.drawn for actor in self.actors.values())

    def spawn(self, uclass: str, name: str | None) -> Actor:
        """A new person or cube at the origin."""
        kind = _SPAWNED.get(uclass)
        if kind is None:
            raise CommandError(f"Can not find a class with name '{uclass}'")
        if name and name in self.actors:
            raise CommandError(f"Failed to spawn {name}, object exsit.")
        if self.room() <= 0:
            raise CommandError(f"Failed to spawn, at most {MAX_ACTORS} actors can be drawn")
        actor = Actor(name or self.fresh_name(uclass), kind, uclass, painted=False)
        self.actors[actor.name] = actor
        if self.paints_spawned:
            self.paint_everybody()
        self.touch()
        return actor

    def paint_everybody(self) -> None:
        """Give a default colour to all who have none."""
        for actor in self.actors.values():
            if not actor.painted:
                self._painted += 1
                actor.colour, actor.painted = default_colour(self._painted), True

    def spawn_camera(self) -> SceneCamera:
        """A new camera at the origin, with the next id."""
        if len(self.cameras) >= MAX_CAMERAS:
            raise CommandError(f"Failed to spawn, at most {MAX_CAMERAS} cameras")
        name = self.fresh_name("FusionCameraActor")
        actor = self.actors[name] = Actor(name, Kind.CAMERA, "FusionCameraActor")
        camera = SceneCamera(actor, "FusionCameraSensor", self._fov, *self._size)
        self.cameras.append(camera)
        return camera

    def set_eyes_distance(self, distance: float) -> None:
        """Give the pawn a right eye ``distance`` cm beside its camera."""
        pawn, *eyes = self.cameras_of(self.cameras[0].actor)
        if not eyes:
            eyes = [SceneCamera(pawn.actor, "RightEyeSensor", pawn.fov, pawn.width, pawn.height)]
            self.cameras += eyes
        eyes[0].aside = distance

    def destroy(self, actor: Actor) -> None:
        """Remove an actor (and its camera)."""
        if actor is self.cameras[0].actor or actor.kind is Kind.SCENERY:
            raise CommandError(f"{actor.name} cannot be destroyed")
        del self.actors[actor.name]
        self.cameras = [camera for camera in self.cameras if camera.actor is not actor]
        self.touch()

    def rename(self, actor: Actor, new: str) -> None:
        """Give an actor another name, keeping its place in lists."""
        if new == actor.name:
            return
        if not new or new in self.actors:
            raise CommandError(
                f"Renaming an object to overwrite an existing object is not allowed, {new}"
            )
        actor.name = new
        self.actors = {a.name: a for a in self.actors.values()}

    def resize(self, camera: SceneCamera, width: int, height: int) -> None:
        """Set a camera's picture size."""
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
            raise CommandError(
                f"Argument Invalid, size {width}x{height} is not within 1..{MAX_SIDE} a side "
                f"and {MAX_PIXELS} pixels"
            )
        camera.width, camera.height = width, height
