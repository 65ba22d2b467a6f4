"""Draws the pictures of ``people.md``: ``python docs/make_people_pictures.py``."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.dress import DRESSES
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.motion.activities import ACTIVITIES, labels_of
from synth_workers.people.person import CLIP_FRAMES, BuiltPerson
from synth_workers.people.worn.accessories.registry import ACCESSORIES, Place, accessories_at
from synth_workers.people_gallery import (
    BACK,
    CELL,
    FRONT,
    Studio,
    caption,
    people_sheet,
    studio,
    write_gallery,
)
from synth_workers.scenes.geometry import SceneGeometry, geometry_digest
from synth_workers.scenes.kit import PIECES
from synth_workers.scenes.parts import assemble, placed

PICTURES = Path(__file__).parent / "pictures" / "people"
SEED, PEOPLE, QUALITY = 7, 30, 76
OF_A_DRESS = 10
STRIP, ON_STRIP = (180, 270), 9
_MOVES = ("walk", "walk_hurry", "walk_stroll", "run")
_SHOWN = [*_MOVES, "idle", "idle_wait", "walk_call", "idle_call"]


def main() -> None:
    """Draw people, garments, look-alikes, profiles of dress and movement; keep them as JPEG."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        recipe = PeopleRecipe(count=PEOPLE, look_alikes=0.35)
        for path in write_gallery(Path(folder), recipe, SEED, PEOPLE):
            _keep(path.stem, np.asarray(cv2.imread(str(path))))
    _keep("dresses", _dresses()[..., ::-1])
    _keep("movements", _movements()[..., ::-1])
    _keep("sitting_riding", _sitting_and_riding()[..., ::-1])
    _keep("getting_up", _getting_up()[..., ::-1])


def _dresses() -> np.ndarray:
    """A row of people for every profile of dress, the same bodies in all."""
    cache, light_room, rows = PeopleCache(), Studio(), []
    for dress in DRESSES:
        recipe = PeopleRecipe(count=OF_A_DRESS, dress=dress, look_alikes=0.0)
        specs = sample_people(recipe, SEED, range(OF_A_DRESS))
        cache.ensure(specs)
        people = [(dress, cache.load(spec.digest())) for spec in specs]
        rows.append(people_sheet(people, light_room, columns=OF_A_DRESS, headings=(FRONT,)))
    return np.concatenate(rows)


def _movements() -> np.ndarray:
    """Three people in every pace and activity, then four with something for both hands."""
    cache, light_room = PeopleCache(), Studio()
    nothing = dict.fromkeys(ACCESSORIES.names, 0.0)
    recipe = PeopleRecipe(
        count=PEOPLE, look_alikes=0.0, movement="street", dress="street", accessories=nothing,
        activities=dict.fromkeys(ACTIVITIES, 1 / len(ACTIVITIES)), ages={"adult": 1.0},
    )  # fmt: skip

    def drawn(index: int, kind: str | None = None) -> BuiltPerson:
        having = nothing if kind is None else {**nothing, kind: 1.0}
        asked = recipe.model_copy(update={"accessories": having})
        spec = sample_people(asked, SEED, [index])[0]
        cache.ensure([spec])
        return cache.load(spec.digest())

    people = [drawn(2, "phone"), drawn(0), drawn(8)]
    had = {clip for person in people for clip in person.clips}
    shown = [clip for clip in _SHOWN if clip in had]
    blank = np.full((CELL[1], CELL[0], 3), 255, np.uint8)
    rows = [np.concatenate([caption(" ".join(labels_of(clip))) for clip in shown], axis=1)]
    for person in people:
        cells = [
            light_room.picture(person, FRONT + 30, clip=clip, phase=0.07)
            if clip in person.clips
            else blank
            for clip in shown
        ]
        rows.append(np.concatenate(cells, axis=1))
    things = [row.name for row in accessories_at(Place.arms)]
    pushing = [drawn(index, kind) for index, kind in enumerate(things, start=5)]
    size = (rows[0].shape[1] // len(things), CELL[1])
    for heading in (FRONT + 20, BACK - 25):
        cells = [light_room.picture(person, heading, size=size) for person in pushing]
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)


def _sitting_and_riding() -> np.ndarray:
    """Rows of people on a bench from three sides, then of people on bicycles."""
    cache, light_room, rows, size = PeopleCache(), Studio(), [], (CELL[0] + 80, CELL[1])
    things = {**dict.fromkeys(ACCESSORIES.names, 0.0), "phone": 0.3, "cap": 0.15}
    for clip, having in (("sit", things), ("ride", {**things, "backpack": 0.3, "bicycle": 1.0})):
        recipe = PeopleRecipe(
            count=PEOPLE, look_alikes=0.0, movement="street", accessories=having,
            activities={clip: 0.5},
        )  # fmt: skip
        specs = [s for s in sample_people(recipe, SEED, range(PEOPLE)) if clip in s.activities][:7]
        cache.ensure(specs)
        people = [cache.load(spec.digest()) for spec in specs]
        above = 80 if clip == "sit" else 0
        for heading in (FRONT, FRONT - 90, BACK + 40):
            light_room.enter(_with_bench(heading) if clip == "sit" else studio())
            cells = [
                light_room.picture(person, heading, clip=clip, phase=0.13 * k, size=size)[above:]
                for k, person in enumerate(people)
            ]
            rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)


def _getting_up() -> np.ndarray:
    """Strips of two people who get up from a bench and two who sit down on it."""
    cache, light_room, rows = PeopleCache(), Studio(), []
    recipe = PeopleRecipe(
        count=PEOPLE, look_alikes=0.0, movement="street", ages={"adult": 4, "senior": 1},
        accessories={**dict.fromkeys(ACCESSORIES.names, 0.0), "phone": 0.3},
        activities={"get_up": 0.5, "sit_down": 0.5},
    )  # fmt: skip
    specs = [s for s in sample_people(recipe, SEED, range(PEOPLE)) if "get_up" in s.activities][:4]
    cache.ensure(specs)
    for k, spec in enumerate(specs):
        clip, heading = ("get_up", FRONT - 60) if k < 2 else ("sit_down", FRONT + 60)
        light_room.enter(_with_bench(heading))
        person = cache.load(spec.digest())
        cells = [
            light_room.picture(person, heading, clip=clip, phase=frame / CLIP_FRAMES, size=STRIP)
            for frame in np.linspace(0, CLIP_FRAMES - 1, ON_STRIP).astype(int).tolist()
        ]
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)


def _with_bench(heading: float) -> SceneGeometry:
    """The studio with a bench whose middle seat is where people stand who look that way."""
    bench = PIECES.find("bench")
    seat = bench.seats(np.random.default_rng(0), length=0.6)[0]
    turn = -float(np.radians(heading))
    place = (-seat.x * float(np.cos(turn)), -seat.x * float(np.sin(turn)), 0.0)
    parts = placed(bench.build(np.random.default_rng(0), length=0.6).parts, place, turn)
    empty = studio()
    cells = (*empty.cells, *assemble(parts, {part.material: 0 for part in parts}))
    return replace(empty, cells=cells, digest=geometry_digest(cells, empty.layers))


def _keep(name: str, picture: np.ndarray) -> None:
    target = PICTURES / f"{name}.jpg"
    cv2.imwrite(str(target), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
