"""Single moments of a scene, drawn in this process: no server, no worker, no store.

People of a recipe stand on the scene's paths, walking; every channel of a still shows the same
instant. Needs OpenGL; one thread must make, use and close everything here.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from manifests.arguments import checked, listed
from manifests.errors import BadRecipe, BadScene
from synth_workers.engine.commands import register_all
from synth_workers.engine.crowd import Crowd
from synth_workers.engine.dialects import SUPERSET
from synth_workers.engine.engine import Engine, EngineSettings
from synth_workers.engine.levels import load_level
from synth_workers.engine.person_meshes import MAX_ACTORS
from synth_workers.engine.world import PERSON_CLASS
from synth_workers.people.cache import PeopleCache
from synth_workers.people.spec import PersonSpec
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import read_scene
from synth_workers.worker.replies import numbers

_SPACING = 90.0  # cm
_CLEARANCE = 300.0  # cm around every camera, or umbrellas fill pictures

_MAX_DRAWN = 8192
"""Pixels along a side; lenses need some more, and OpenGL has at least 16384."""

Box = tuple[int, int, int, int]
Pixels = Annotated[int, Field(ge=16, le=_MAX_DRAWN)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class SeenPerson:
    """One person in a still.

    ``value``: their number in its mask. ``box``: x0, y0, x1, y1 of what is visible, ``full_box``
    of the whole person as if nothing hid them, beyond the border too; half-open pixels.
    ``visibility``: share of the whole person's pixels that can be seen. ``joints``: name ->
    column, row (pixels) and planar depth (cm); without those behind the camera.
    """

    person_id: str
    value: int
    box: Box
    full_box: Box
    visibility: float
    joints: dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Still:
    """Every channel of one camera at one instant.

    ``lit`` (H, W, 3) uint8 sRGB; ``mask`` (H, W) uint8: 0 scenery, else a person's ``value``;
    ``depth`` (H, W) float32: planar, cm. ``people``: whoever shows at least one pixel.
    """

    lit: np.ndarray
    mask: np.ndarray
    depth: np.ndarray
    people: tuple[SeenPerson, ...]


class Scene:
    """One scene with people on its paths, seen through any of its cameras and lights."""

    @checked(
        scene=str,
        people=listed(PersonSpec, words="people", example="people_of(recipe)"),
        seed=Seed,
        width=Pixels,
        height=Pixels,
        supersampling=Annotated[float, Field(ge=1.0, le=4.0)],
    )
    def __init__(
        self,
        scene: str,
        people: Sequence[PersonSpec] = (),
        *,
        seed: int = 0,
        width: int = 1280,
        height: int = 720,
        supersampling: float = 1.25,
    ) -> None:
        """Build whoever is not in this host's cache, and put them where ``seed`` says.

        ``scene``: a name, see ``add_scenes`` for scenes of your own, or a world (``plaza-3``);
        ``people``: up to 255, e.g. ``people_of(recipe)``; those for whom the paths have no room are
        not put anywhere. ``width`` and ``height``: of pictures, pixels; ``supersampling``: how many
        times larger they are drawn, 1 to 4.

        Raises ``BadRecipe`` for other sizes and too many people, ``BadScene`` for a scene that
        there is not, ``MissingRequirement`` without body data or OpenGL.
        """
        if len(people) > MAX_ACTORS:
            raise BadRecipe(
                f"Scene: people: {len(people)} of them, at most {MAX_ACTORS} can be drawn in one "
                f"picture; give fewer, e.g. people[:{MAX_ACTORS}], and the others to another Scene"
            )
        if max(width, height) * supersampling > _MAX_DRAWN:
            raise BadRecipe(
                f"Scene: supersampling: {supersampling:g} times {width}x{height} is more than "
                f"{_MAX_DRAWN} pixels along a side; make it or the picture smaller"
            )
        read_scene(scene)
        self._closed, self._thread = False, threading.get_ident()
        cache = PeopleCache()
        cache.ensure(people)
        crowd = Crowd([person.digest() for person in people], cache.load)
        settings = EngineSettings(width, height, supersampling=supersampling)
        self._people = tuple(people)
        self._engine = Engine(load_level, scene, crowd, settings, SUPERSET)
        register_all(self._engine)
        self.enter(scene, seed)

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up the OpenGL context; nothing can be drawn any more."""
        self._closed = True
        self._engine.close()

    @property
    def description(self) -> SceneDescription:
        """The scene that is loaded: its cameras, lights and paths."""
        return self._engine.level.description

    @checked(scene=str, seed=Seed)
    def enter(self, scene: str, seed: int = 0) -> None:
        """Load another scene and put the same people onto its paths.

        Raises ``BadScene`` for a scene that there is not; the present one then stays.
        """
        self._expect_open("enter")
        self._engine.enter(scene)
        rng = np.random.default_rng([seed, 1])
        for i, (place, yaw) in enumerate(_places(self.description, len(self._people), seed)):
            self._tell(f"vset /objects/spawn {PERSON_CLASS} p{i}")
            self._tell(f"vbp p{i} set_app {i}")
            self._tell(f"vset /object/p{i}/location {numbers(*place)}")
            self._tell(f"vset /object/p{i}/rotation 0 {numbers(yaw + rng.normal(0, 8))} 0")
            self._tell(f"vbp p{i} set_anim walk {numbers(rng.random())}")

    @checked(
        camera=str,
        light=str,
        exposure=Annotated[float, Field(ge=0.0, le=0.2)],
        sensor=Annotated[str, Field(pattern="^[a-z]+$")],
    )
    def render(
        self,
        camera: str | None = None,
        light: str | None = None,
        exposure: float = 0.0,
        sensor: str = "scene",
    ) -> Still:
        """What a camera sees: the scene's first one and its present light if not said.

        ``exposure``: seconds that its shutter is open, roughly (``capture.exposure``); people who
        move blur. ``sensor``: what is behind its lens (``capture.sensor``).

        Raises ``BadScene`` for a camera or a light that the scene does not have, for a sensor that
        there is not, and once the scene is closed.
        """
        self._expect_open("render")
        chosen = self._camera(camera)
        if light is not None:
            known = self.description.lights + self.description.drawn_lights
            if light not in known:
                raise BadScene(
                    f"scene {self.description.name} has no light {light!r}; it has "
                    f"{', '.join(known)}"
                )
            self._tell(f"vrun ce Light {light}")
        self._aim(chosen)
        seed = zlib.crc32(chosen.name.encode())
        self._tell(f"vbp CameraPawn_0 set_exposure {exposure:.6f} {seed}")
        self._tell(f"vbp CameraPawn_0 set_sensor {sensor} {seed}")
        captures, pawn = self._engine.captures, self._engine.world.cameras[0]
        lit, ids, depth = captures.lit(pawn), captures.ids(pawn), captures.depth(pawn)
        return Still(lit.copy(), ids.copy(), depth, self._seen(ids))

    @checked(command=str)
    def ask(self, command: str) -> str | bytes:
        """What the engine answers to any command that workers use (docs/engine.md); camera 0 is the
        one that ``render`` used last, people are called p0, p1, …

        Raises ``BadScene`` for what the engine refuses, and once the scene is closed.
        """
        self._expect_open("ask")
        reply = self._engine.execute(command)
        if isinstance(reply, str) and reply.startswith("error"):
            raise BadScene(f"scene {self.description.name}: {command}: {reply}")
        return reply

    def _expect_open(self, what: str) -> None:
        if self._closed:
            raise BadScene(
                f"Scene.{what}: the scene is closed; make another Scene, or draw before close() "
                "and within the `with` block"
            )
        if threading.get_ident() != self._thread:
            raise BadScene(
                f"Scene.{what}: the scene belongs to the thread that made it; make a Scene in "
                "each thread"
            )

    def _camera(self, name: str | None) -> Camera:
        cameras = {camera.name: camera for camera in self.description.cameras}
        if name is None and cameras:
            return next(iter(cameras.values()))
        if name is None:
            raise BadScene(f"scene {self.description.name} has no cameras to draw it through")
        if name not in cameras:
            raise BadScene(
                f"scene {self.description.name} has no camera {name!r}; it has {', '.join(cameras)}"
            )
        return cameras[name]

    def _aim(self, camera: Camera) -> None:
        """Point the pawn's camera as a scene's camera points, with its look."""
        self._tell(f"vset /camera/0/location {numbers(*camera.location)}")
        self._tell(f"vset /camera/0/rotation {numbers(*camera.rotation)}")
        self._tell(f"vset /camera/0/fov {numbers(camera.fov)}")
        self._tell(f"vbp CameraPawn_0 set_look {numbers(*camera.look.numbers())} 85 1 1")
        self._tell("vbp CameraPawn_0 set_lens {:.9f} {:.9f}".format(*camera.distortion))

    def _seen(self, ids: np.ndarray) -> tuple[SeenPerson, ...]:
        truth = json.loads(self._tell("vget /camera/0/people"))
        drawn = {actor.name: row for row, actor in enumerate(self._engine.captures.drawn, 1)}
        names = truth["joint_names"]
        found: list[SeenPerson] = []
        for person in truth["people"]:
            if not person["visible"]:
                continue
            value = drawn[person["name"]]
            x, y, width, height = cv2.boundingRect((ids == value).astype(np.uint8))
            joints = {
                name: (at[0], at[1], at[2])
                for name, at in zip(names, person["joints"], strict=True)
                if at is not None
            }
            x0, y0, x1, y1 = person["box"]
            found.append(
                SeenPerson(
                    person_id=self._people[int(person["name"][1:])].person_id,
                    value=value,
                    box=(x, y, x + width, y + height),
                    full_box=(x0, y0, x1, y1),
                    visibility=person["visible"] / person["full"],
                    joints=joints,
                )
            )
        return tuple(found)

    def _tell(self, command: str) -> str:
        """Carry out a command that must not fail and is answered in words."""
        reply = self.ask(command)
        assert isinstance(reply, str), f"{command} is answered by bytes"
        return reply


def _places(scene: SceneDescription, count: int, seed: int) -> list[tuple[np.ndarray, float]]:
    """Up to ``count`` places on the paths, a step apart, with the yaw along the path."""
    rng = np.random.default_rng([seed, count])
    graph = scene.walk
    cameras = np.array([camera.location for camera in scene.cameras]).reshape(-1, 3)
    steps = graph.nodes[graph.edges[:, 1]] - graph.nodes[graph.edges[:, 0]]
    lengths = np.linalg.norm(steps, axis=1)
    found: list[tuple[np.ndarray, float]] = []
    for edge in rng.choice(len(graph.edges), 40 * count, p=lengths / lengths.sum()):
        start, end = graph.nodes[graph.edges[edge]]
        if rng.random() < 0.5:
            start, end = end, start
        way = (end - start)[:2] / max(float(np.linalg.norm((end - start)[:2])), 1e-6)
        aside = np.array([-way[1], way[0], 0.0]) * (rng.random() - 0.5) * graph.widths[edge]
        place = start + (end - start) * rng.random() + aside
        apart = all(np.linalg.norm((place - other)[:2]) > _SPACING for other, _ in found)
        if apart and (np.linalg.norm((cameras - place)[:, :2], axis=1) > _CLEARANCE).all():
            found.append((place, float(np.degrees(np.arctan2(way[1], way[0])))))
        if len(found) == count:
            break
    return found
