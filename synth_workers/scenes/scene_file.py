"""The data file of a scene: its pydantic model, and reading it.

Everything in a scene file is metres and degrees in the engine's frame: right-handed, x east,
y north, z up, headings counter-clockwise from +x. Conversion to the world frame happens in
`library`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from manifests.errors import BadScene
from manifests.model import Model, since
from manifests.settings import Form
from synth_workers.scenes.geometry import SkyBake

Point2 = tuple[float, float]
Point3 = tuple[float, float, float]
Share = Annotated[float, Field(ge=-0.05, le=0.05)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64)]


class Row(Model):
    """Places every ``step`` metres from ``start`` to ``end``, shaken by ``jitter`` metres."""

    start: Point2
    end: Point2
    step: float = Field(gt=0)
    jitter: float = 0.0


class Placement(Model):
    """One kind of piece and where it stands.

    ``with``: parameters of all instances; ``vary``: parameters drawn uniformly per instance;
    ``choose``: parameters drawn from a list per instance.
    """

    piece: str
    at: tuple[Point2 | Point3, ...] = ()
    row: Row | None = None
    skip: tuple[int, ...] = ()  # instances of the row that are left out
    heading: float = 0.0
    turn: float = 0.0  # random extra heading, degrees to either side
    z: float = 0.0
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    vary: dict[str, Point2] = Field(default_factory=dict)
    choose: dict[str, tuple[Any, ...]] = Field(default_factory=dict)


class Look(Model):
    """See `description.CameraLook`."""

    exposure: float = Field(default=1.0, gt=0.2, lt=4)
    white_balance: Point2 = (1.0, 1.0)
    vignette: float = Field(default=0.06, ge=0, le=1)
    noise: float = Field(default=0.005, ge=0, le=0.5)
    blur: float = Field(default=0.0, ge=0, le=5)
    sharpening: float = since("0.2", 0.0, ge=0, le=2)


class CameraEntry(Model):
    """``distortion``: see ``SceneFile.lens_distortion``, which it replaces for this camera."""

    name: Name
    at: Point3
    look_at: Point3
    fov: float = Field(60.0, ge=20, le=110)
    distortion: Share | None = None
    look: Look = Field(default_factory=Look)


class WalkPath(Model):
    """A walk through named nodes; every leg is an edge of ``width`` metres."""

    through: tuple[str, ...] = Field(min_length=2)
    width: float = Field(2.0, gt=0)


class Grid(Model):
    """Streets at right angles: nodes ``name.i.j`` at (xs[i], ys[j]), neighbours joined.

    ``width_x``: width of the legs that run along x; ``omit``: pairs of neighbours not joined.
    """

    name: Name
    xs: tuple[float, ...] = Field(min_length=1)
    ys: tuple[float, ...] = Field(min_length=1)
    width_x: float = Field(2.0, gt=0)
    width_y: float = Field(2.0, gt=0)
    omit: tuple[tuple[str, str], ...] = ()

    def nodes(self) -> dict[str, Point2]:
        return {
            f"{self.name}.{i}.{j}": (x, y)
            for i, x in enumerate(self.xs)
            for j, y in enumerate(self.ys)
        }

    def legs(self) -> list[tuple[str, str, float]]:
        """Start, end and width of every leg."""
        known, omitted = self.nodes(), {frozenset(pair) for pair in self.omit}
        legs = [
            (f"{self.name}.{i}.{j}", f"{self.name}.{i + di}.{j + dj}", width)
            for i in range(len(self.xs))
            for j in range(len(self.ys))
            for di, dj, width in ((1, 0, self.width_x), (0, 1, self.width_y))
        ]
        return [leg for leg in legs if leg[1] in known and frozenset(leg[:2]) not in omitted]


class Walk(Model):
    """``nodes``: name -> x, y or x, y, z. ``paths`` and ``grids`` join them."""

    nodes: dict[str, Point2 | Point3] = Field(default_factory=dict)
    paths: tuple[WalkPath, ...] = ()
    grids: tuple[Grid, ...] = ()

    def all_nodes(self) -> dict[str, Point2 | Point3]:
        """Named nodes first, then those of the grids."""
        nodes = dict(self.nodes)
        for grid in self.grids:
            nodes.update(grid.nodes())
        return nodes

    def legs(self) -> list[tuple[str, str, float]]:
        """Start, end and width (metres) of every edge, in file order."""
        legs = [
            (a, b, path.width)
            for path in self.paths
            for a, b in zip(path.through, path.through[1:])
        ]
        return legs + [leg for grid in self.grids for leg in grid.legs()]

    @model_validator(mode="after")
    def _legs_join_known_nodes(self) -> Walk:
        known = self.all_nodes()
        unknown = sorted({name for leg in self.legs() for name in leg[:2] if name not in known})
        if unknown:
            raise ValueError(f"paths go through unknown nodes {', '.join(unknown)}")
        if not self.legs():
            raise ValueError("no path and no grid: nobody can walk")
        return self


class Light(Model):
    """A sky, its sun moved; other fields replace the sky's own."""

    sky: str
    azimuth: float | None = None
    elevation: float | None = Field(default=None, gt=0, le=90)
    exposure: float | None = Field(default=None, gt=0)
    fog_density: float | None = Field(default=None, ge=0, le=0.2)
    windows_lit: float | None = Field(default=None, ge=0, le=1)
    noise: float | None = Field(default=None, ge=0, le=0.5)
    sun_colour: Point3 | None = since("0.2", None)
    sky_colour: Point3 | None = since("0.2", None)
    ground_colour: Point3 | None = since("0.2", None)
    zenith_colour: Point3 | None = since("0.2", None)
    fog_colour: Point3 | None = since("0.2", None)
    clouds: float | None = since("0.2", None, ge=0, le=1)
    white_balance: Point3 | None = since("0.2", None)
    lamp_colour: Point3 | None = since("0.2", None)
    window_colour: Point3 | None = since("0.2", None)


class SceneFile(Model):
    """One scene. ``shadow_area``: x, y, half side of the ground that needs sun shadows.

    ``camera_sets``: names of sets of cameras; ``all`` is every camera unless the file says
    which ones are its regular ones. ``lens_distortion``: between which two every camera's radial
    distortion is drawn (from the seed and the camera's name): by which share of half the width
    points at the left and right edge move, inwards if negative. ``texture_seed``: which painting of
    the materials it has, the scene's own seed if not said; scenes that share one share textures.
    ``sky_bake``: how finely the engine bakes how much of the sky each place sees; ``quick`` takes
    half the time.
    """

    name: Name
    edition: int = Field(ge=1, alias="version")
    indoor: bool
    seed: int = Field(ge=0)
    shadow_area: Point3
    lens_distortion: tuple[Share, Share] = (0.0, 0.0)
    pieces: tuple[Placement, ...]
    cameras: tuple[CameraEntry, ...] = Field(min_length=1)
    camera_sets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    walk: Walk
    lights: dict[str, Light] = Field(min_length=1)
    texture_seed: int | None = since("0.2", None, ge=0)
    sky_bake: SkyBake = since("0.2", "fine")

    @property
    def painted_by(self) -> int:
        """The seed of its painted materials."""
        return self.seed if self.texture_seed is None else self.texture_seed

    @property
    def version(self) -> int:
        """32-bit digest of all that the file says: any edit makes other data, comments do not."""
        content = self.model_dump_json(by_alias=True).encode()
        return int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "big")

    def night(self) -> str:
        """The light of this scene at night: `night` outdoors, `dimmed` indoors, whatever the file
        calls the light with that sky."""
        sky = night_sky(self.indoor)
        with_it = (name for name, light in self.lights.items() if light.sky == sky)
        return sky if sky in self.lights else next(with_it, sky)

    @model_validator(mode="after")
    def _camera_names_fit(self) -> SceneFile:
        expect_camera_names(self.name, [camera.name for camera in self.cameras], self.camera_sets)
        return self


def expect_camera_names(
    scene: str, names: list[str], camera_sets: Mapping[str, Iterable[str]]
) -> None:
    """``ValueError`` unless the names of a scene's cameras are unique among all scenes and its
    sets hold no others."""
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"cameras: two are called {', '.join(doubled)}")
    if foreign := [name for name in names if not name.startswith(f"{scene}_")]:
        raise ValueError(
            f"cameras: names must start with {scene}_ to be unique: {', '.join(foreign)}"
        )
    for set_name, members in camera_sets.items():
        if unknown := [name for name in members if name not in names]:
            raise ValueError(
                f"camera_sets: {set_name} has unknown {', '.join(unknown)}; there are "
                f"{', '.join(names)}"
            )


def night_sky(indoor: bool) -> str:
    """What is above a scene at night."""
    return "dimmed" if indoor else "night"


SCENE_FILES = Form(SceneFile, "scene", refusal=BadScene, missing=BadScene)

read_scene_file = SCENE_FILES.read
"""The scene in a YAML file; `BadScene` names the file and every field that is wrong."""
