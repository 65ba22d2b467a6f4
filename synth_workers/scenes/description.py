"""What a worker knows of a scene: cameras, walkable graph, lights, obstacles. No pixels.

World frame: Unreal's. Left-handed, centimetres, z up; rotations in degrees, order pitch,
yaw, roll; yaw 0 looks along +x and grows clockwise seen from above (towards +y, the right).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from synth_workers.lens import IDEAL, Distortion


@dataclass(frozen=True)
class CameraLook:
    """How one camera's sensor differs from the ideal one (all seeded by the frame)."""

    exposure: float = 1.0
    white_balance: tuple[float, float] = (1.0, 1.0)  # gains of red and blue
    vignette: float = 0.06  # darkening of the corners, 0..1
    noise: float = 0.02  # standard deviation at mid grey, 0..1
    blur: float = 0.0  # lens blur, standard deviation in pixels
    sharpening: float = 0.0  # share of its contrast to pixels around that is added to each

    def numbers(self) -> tuple[float, ...]:
        """Exposure, gains of red and blue, vignette, noise, blur, sharpening: as engines take
        them."""
        first = (self.exposure, *self.white_balance, self.vignette)
        return (*first, self.noise, self.blur, self.sharpening)


@dataclass(frozen=True)
class Camera:
    """A fixed surveillance camera."""

    name: str
    location: tuple[float, float, float]
    rotation: tuple[float, float, float]
    fov: float  # horizontal, degrees
    look: CameraLook = CameraLook()
    distortion: Distortion = IDEAL

    def without_distortion(self) -> Camera:
        """The same camera with an ideal lens, as Unreal's own cameras have it."""
        return replace(self, distortion=IDEAL)


@dataclass(frozen=True)
class WalkGraph:
    """Where people may walk.

    ``nodes``: (n, 3) float64, cm. ``edges``: (m, 2) intp, undirected. ``widths``: (m,) float64,
    cm, full lateral width within which people may deviate from the edge.
    """

    nodes: np.ndarray
    edges: np.ndarray
    widths: np.ndarray


@dataclass(frozen=True)
class Obstacle:
    """An axis-aligned box that hides people and stops feet: (x0, y0, z0, x1, y1, z1), cm."""

    box: tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Seat:
    """Where somebody can sit: ``place``, cm, on the ground below the front edge, and the ``yaw`` of
    who sits there, degrees (``synth_workers.seating``). ``hides``: boxes that may hide them, cm in
    the frame of the seat: ahead, to the right, up.
    """

    place: tuple[float, float, float]
    yaw: float
    hides: tuple[Obstacle, ...] = ()


@dataclass(frozen=True)
class GameLevel:
    """What a worker needs of a scene that is a level of a packaged game.

    ``map``: its asset name. ``contract``: how it is driven. ``person_classes``: one that wears
    every appearance, or one per appearance. ``blocked``: patterns (``*``) of actors to be left
    alone. ``root_height``: cm of the location of the level's own people above their feet.
    ``settle_seconds``: how long these spread before the first frame.
    """

    map: str
    contract: str
    person_classes: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    root_height: float = 0.0
    settle_seconds: float = 5.0


@dataclass(frozen=True)
class SceneDescription:
    """One scene as workers and planners see it.

    ``drawn_lights``: further ones, which nobody wrote down. ``game``: only if a game draws it.
    """

    name: str
    version: int
    indoor: bool
    cameras: tuple[Camera, ...]
    camera_sets: dict[str, tuple[str, ...]]  # always has "all"
    walk: WalkGraph
    lights: tuple[str, ...]
    obstacles: tuple[Obstacle, ...] = ()
    overhead: tuple[Obstacle, ...] = ()  # above heads: hides people from cameras, stops no feet
    target_points: tuple[tuple[float, float, float], ...] = field(default=())
    seats: tuple[Seat, ...] = ()
    drawn_lights: tuple[str, ...] = ()
    game: GameLevel | None = None

    def camera(self, name: str) -> Camera:
        """The camera called ``name``; ``KeyError`` if there is none."""
        for camera in self.cameras:
            if camera.name == name:
                return camera
        raise KeyError(name)
