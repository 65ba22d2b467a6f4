"""Pictures of people for people: contact sheets drawn by the embedded engine's own renderer.

``unrealperson people gallery`` writes them. Everything is drawn in an empty studio, front and
back, exactly as the engine would draw it in a scene. Needs OpenGL; never import torch here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from manifests.arguments import checked, instance
from manifests.people import PeopleRecipe
from manifests.whole_files import write_whole
from synth_workers.engine.crowd import Appearance
from synth_workers.engine.figures import figure_of
from synth_workers.engine.renderer import Renderer
from synth_workers.engine.sensor import area_filter
from synth_workers.engine.view import View
from synth_workers.engine.world import PERSON_CLASS, Actor, Kind
from synth_workers.people.cache import PeopleCache
from synth_workers.people.clothes.wardrobe import GARMENTS, GarmentStyle
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.person import BuiltPerson
from synth_workers.people.spec import (
    FabricSpec,
    GaitSpec,
    GarmentSpec,
    HairSpec,
    PersonSpec,
    Phenotype,
    Slot,
)
from synth_workers.scenes.geometry import (
    STATIC_VERTEX,
    TEXTURE_SIZE,
    Cell,
    LightPreset,
    SceneGeometry,
    geometry_digest,
)

CELL = (150, 330)
"""Width and height of one picture of one person, pixels."""

Side = Annotated[int, Field(ge=8, le=4096)]

FRONT, BACK, SIDE = 205.0, 20.0, 115.0
"""Headings in degrees: the camera looks along +x."""

_CAPTION = 16
_DISTANCE_CM = 620.0
_CAMERA_CM = 146.0
_PITCH = -5.2
_FOV = 9.6
_FLOOR_HALF_M = 8.0
_FLOOR_STEPS = 17

_LIGHT = LightPreset(
    sun_direction=(-0.62, 0.45, 0.64),
    sun_colour=(1.25, 1.2, 1.1),
    sky_colour=(0.62, 0.66, 0.72),
    ground_colour=(0.4, 0.38, 0.36),
    zenith_colour=(0.5, 0.53, 0.56),
    fog_colour=(0.5, 0.53, 0.56),
    fog_density=0.003,
    clouds=0.0,
    exposure=0.72,
)


def studio() -> SceneGeometry:
    """Return an empty grey floor under an even light."""
    line = np.linspace(-_FLOOR_HALF_M, _FLOOR_HALF_M, _FLOOR_STEPS)
    x, y = (grid.ravel() for grid in np.meshgrid(line, line))
    vertices = np.zeros(len(x), STATIC_VERTEX)
    vertices["position"][:, 0], vertices["position"][:, 1] = x, y
    vertices["normal"] = (128, 128, 255, 0)
    vertices["tint"] = (178, 180, 182, 255)
    corner = (np.arange(_FLOOR_STEPS - 1)[:, None] * _FLOOR_STEPS) + np.arange(_FLOOR_STEPS - 1)
    halves = np.array([[0, 1, _FLOOR_STEPS], [1, _FLOOR_STEPS + 1, _FLOOR_STEPS]], np.uint32)
    faces = (corner.reshape(-1, 1) + halves[:, None]).reshape(-1, 3).astype(np.uint32)
    none = np.zeros((0, 3), np.uint32)
    cell = Cell(vertices, faces, faces, none, none, none, (0.0, 0.0, 0.0), 2.0 * _FLOOR_HALF_M)
    layers = np.full((1, TEXTURE_SIZE, TEXTURE_SIZE, 3), 255, np.uint8)
    return SceneGeometry(
        name="studio",
        indoor=False,
        cells=(cell,),
        layers=layers,
        lights={"day": _LIGHT},
        shadow_area=(0.0, 0.0, 4.0),
        digest=geometry_digest((cell,), layers),
    )


class Studio:
    """Draws one person at a time; owns an OpenGL context, so keep it to one thread."""

    def __init__(self, device: str = "auto") -> None:
        self._renderer = Renderer(device, supersampling=2.0)
        self.enter(studio())
        self._count = 0

    def enter(self, scene: SceneGeometry) -> None:
        """Draw this around people from now on."""
        self._renderer.set_scene(scene)
        self._renderer.set_light(_LIGHT)

    def picture(
        self,
        person: BuiltPerson,
        heading: float,
        *,
        clip: str = "walk",
        phase: float = 0.12,
        size: tuple[int, int] = CELL,
    ) -> np.ndarray:
        """Return (height, width, 3) uint8 RGB of a person at ``heading`` degrees."""
        self._count += 1
        actor = Actor("model", Kind.PERSON, PERSON_CLASS, rotation=(0.0, heading, 0.0))
        actor.animation, actor.phase = clip, phase
        self._renderer.set_figures([figure_of(actor, Appearance(self._count, person))])
        width, height = size
        location = (-_DISTANCE_CM, 0.0, _CAMERA_CM)
        view = View(location, (_PITCH, 0.0, 0.0), _FOV * width / CELL[0], width, height)
        return area_filter(self._renderer.draw(view).colour, width, height)


@checked(
    spec=instance(PersonSpec, words="one PersonSpec, e.g. people_of(recipe, [3])[0]"),
    views=Annotated[int, Field(ge=1, le=360)],
    size=tuple[Side, Side],
    cache=instance(PeopleCache, words="a PeopleCache, or None for this host's"),
)
def turntable(
    spec: PersonSpec, views: int = 8, size: tuple[int, int] = CELL, cache: PeopleCache | None = None
) -> np.ndarray:
    """Draw one person from every side: (views, height, width, 3) uint8 RGB, the front first.

    ``size``: width and height, pixels. Builds the person if this host has not done so yet.
    """
    cache = cache if cache is not None else PeopleCache()
    cache.ensure([spec])
    person, studio = cache.load(spec.digest()), Studio()
    headings = FRONT + np.linspace(0.0, 360.0, views, endpoint=False)
    return np.stack([studio.picture(person, float(heading), size=size) for heading in headings])


def people_sheet(
    people: Iterable[tuple[str, BuiltPerson]],
    studio: Studio,
    *,
    columns: int = 10,
    headings: Sequence[float] = (FRONT, BACK),
) -> np.ndarray:
    """Draw captioned people, one column each, one picture per heading below each other."""
    cells = []
    for i, (name, person) in enumerate(people):
        phase = (0.12 + 0.37 * i) % 1.0
        views = [studio.picture(person, heading, phase=phase) for heading in headings]
        cells.append(np.concatenate([*views, caption(name)]))
    if not cells:
        raise ValueError("a sheet needs at least one person")
    blank = np.full_like(cells[0], 255)
    cells += [blank] * (-len(cells) % columns)
    rows = [np.concatenate(cells[i : i + columns], 1) for i in range(0, len(cells), columns)]
    return np.concatenate(rows)


def mannequin(style: GarmentStyle, index: int) -> PersonSpec:
    """Return a plain person who wears ``style`` in one muted colour, the rest in greys."""
    female = style.female > style.male
    colour = [(128, 66, 60), (58, 88, 120), (86, 104, 70), (140, 116, 74), (96, 78, 112)]
    garments = [
        _plain(other, (72, 74, 80) if other.slot is Slot.bottom else (196, 196, 192))
        for other in _worn_with(style)
    ]
    garments.append(_plain(style, colour[index % len(colour)]))
    return PersonSpec(
        person_id=style.name,
        index=index,
        body=Phenotype(
            gender=0.05 if female else 0.95,
            age=30,
            muscle=0.42,
            weight=0.42,
            stature=1.68 if female else 1.78,
            proportions=0.5,
            african=0.3,
            asian=0.3,
            caucasian=0.4,
        ),
        skin=(196, 152, 122),
        hair=HairSpec(style="bob" if female else "crew", colour=(48, 36, 30), seed=1),
        garments=tuple(garments),
        gait=GaitSpec(),
    )


def _plain(style: GarmentStyle, colour: tuple[int, int, int]) -> GarmentSpec:
    fabric = FabricSpec(kind="solid", colours=(colour,))
    return GarmentSpec(
        name=style.name,
        slot=style.slot,
        cuts=style.cuts,
        fabric=fabric,
        wrinkle=style.wrinkle,
        gloss=style.gloss,
    )


def _worn_with(style: GarmentStyle) -> list[GarmentStyle]:
    """Return what makes an outfit of a garment: bottom, top and shoes where it is none."""
    needed = {
        Slot.top: ("slim_jeans", "sneakers"),
        Slot.outer: ("slim_jeans", "tee", "sneakers"),
        Slot.bottom: ("tee", "sneakers"),
        Slot.skirt: ("tank", "ballerinas"),
        Slot.dress: ("ballerinas",),
        Slot.shoes: ("slim_jeans", "tee"),
    }[style.slot]
    return [GARMENTS.find(name) for name in needed]


def write_gallery(
    folder: Path,
    recipe: PeopleRecipe,
    seed: int,
    count: int = 40,
    *,
    cache: PeopleCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw ``count`` people of a recipe, the garment catalogue and look-alike groups.

    Writes ``people.png``, ``garments.png`` and, when the recipe has look-alikes among the
    people drawn, ``look_alikes.png`` to ``folder``; returns their paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cache = cache if cache is not None else PeopleCache()
    people = sample_people(recipe, seed, range(min(count, recipe.count)))
    groups = [spec for spec in people if spec.look_alike is not None][:20]
    models = [mannequin(style, i) for i, style in enumerate(GARMENTS)]
    cache.ensure([*people, *models], progress)
    studio = Studio()
    written = []

    def write(name: str, sheet: np.ndarray) -> None:
        path = folder / f"{name}.png"
        write_whole(path, cv2.imencode(".png", sheet[..., ::-1])[1].tobytes())
        written.append(path)

    write("people", people_sheet(((s.person_id, cache.load(s.digest())) for s in people), studio))
    named = ((s.person_id.replace("_", " "), cache.load(s.digest())) for s in models)
    write("garments", people_sheet(named, studio, columns=16))
    if groups:
        alike = ((_edits(s), cache.load(s.digest())) for s in groups)
        write("look_alikes", people_sheet(alike, studio))
    return written


def _edits(spec: PersonSpec) -> str:
    return " ".join(spec.look_alike.edits) if spec.look_alike else ""


def caption(text: str) -> np.ndarray:
    """A strip with a name to stand below or above one picture."""
    strip = np.full((_CAPTION, CELL[0], 3), 255, np.uint8)
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.38
    width = cv2.getTextSize(text, font, scale, 1)[0][0]
    scale *= min(1.0, (CELL[0] - 4) / max(width, 1))
    width = cv2.getTextSize(text, font, scale, 1)[0][0]
    place = ((CELL[0] - width) // 2, _CAPTION - 5)
    return np.asarray(cv2.putText(strip, text, place, font, scale, (60, 60, 60), 1, cv2.LINE_AA))
