"""Windows, shop fronts, shutters and doors: atlases of what fills a hole in a facade."""

from __future__ import annotations

import cv2
import numpy as np

from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.textures.noise import atlas, fractal_noise, lattice_noise


def _gradient(height: int, width: int, top: tuple, bottom: tuple) -> np.ndarray:
    ramp = np.linspace(0, 1, height)[:, None, None]
    image = np.asarray(top, float) * (1 - ramp) + np.asarray(bottom, float) * ramp
    return np.broadcast_to(image, (height, width, 3)).copy()


_CURTAINS = np.array([(226, 220, 208), (206, 196, 178), (178, 160, 150), (196, 202, 206)])


def _curtain(rng: np.random.Generator, image: np.ndarray, x0: int, x1: int) -> None:
    folds = 0.82 + 0.14 * np.sin(np.arange(x1 - x0) * rng.uniform(0.7, 1.2) + rng.uniform(0, 6))
    colour = _CURTAINS[rng.integers(4)]
    image[:, x0:x1] = 0.25 * image[:, x0:x1] + 0.75 * folds[None, :, None] * colour * 0.82


def windows(rng: np.random.Generator) -> np.ndarray:
    """4 x 4 casement windows, 128 px each, frame painted: curtains, blinds, plants, reflections."""
    side = TEXTURE_SIZE // 4
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3))
    reflection = fractal_noise(rng, 3, 4)
    frames = [(232, 230, 224), (226, 226, 226), (88, 66, 50), (62, 66, 70), (238, 234, 222)]
    for view in atlas(4, 4):
        top = np.array([150, 168, 186]) * rng.uniform(0.8, 1.12)
        pane = _gradient(side, side, tuple(top), (62, 70, 80))
        pane *= 1 + 0.16 * reflection[view][..., None]
        kind = rng.integers(6)
        if kind in (0, 1):
            width = int(rng.integers(18, 40))
            _curtain(rng, pane, 0, width)
            _curtain(rng, pane, side - width, side)
        elif kind == 2:
            drop = int(rng.integers(30, 110))
            lines = np.where(np.arange(drop) % 6 < 4, 1.0, 0.8)[:, None, None]
            pane[:drop] = 0.2 * pane[:drop] + 0.8 * lines * np.array([210, 208, 200])
        elif kind == 3:
            _curtain(rng, pane, 0, side)
        elif kind == 4:
            for _ in range(14):
                centre = (int(rng.integers(30, 98)), int(rng.integers(84, 118)))
                shade = rng.uniform(50, 95)
                cv2.circle(pane, centre, int(rng.integers(6, 13)), (shade * 0.7, shade, 46), -1)
        frame = np.asarray(frames[rng.integers(len(frames))], float) * rng.uniform(0.92, 1.02)
        bar = 7
        pane[:bar] = pane[-bar:] = frame
        pane[:, :bar] = pane[:, -bar:] = frame
        pane[:, side // 2 - 4 : side // 2 + 4] = frame * 0.96
        if rng.random() < 0.6:
            pane[36:42] = frame * 0.95
        pane[bar : bar + 5, bar:-bar] *= 0.6
        pane[:, bar : bar + 3] *= 0.75
        image[view] = pane
    return image


def panes(rng: np.random.Generator) -> np.ndarray:
    """4 x 4 office panes without curtains: sky reflections, blinds, ceiling lights."""
    side = TEXTURE_SIZE // 4
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3))
    sky = fractal_noise(rng, 2, 4)
    for view in atlas(4, 4):
        tone = rng.uniform(0.85, 1.1)
        pane = _gradient(side, side, (112 * tone, 134 * tone, 152 * tone), (62, 74, 84))
        pane *= 1 + 0.14 * sky[view][..., None]
        if rng.random() < 0.4:
            drop = int(rng.integers(12, 90))
            pane[:drop] = pane[:drop] * 0.35 + 0.65 * np.array([188, 190, 188])
        if rng.random() < 0.5:
            pane[14:19, 20:100] = (226, 228, 220)
        pane[:4] = pane[-4:] = (70, 74, 78)
        pane[:, :4] = pane[:, -4:] = (70, 74, 78)
        image[view] = pane
    return image


def _shelves(rng: np.random.Generator, room: np.ndarray, floor_at: int) -> None:
    for level in range(4):
        y = 70 + level * 34
        if y > floor_at - 12:
            break
        x = 16
        while x < 236:
            width, height = int(rng.integers(6, 16)), int(rng.integers(10, 26))
            shade = rng.uniform(70, 200) * rng.uniform((0.7, 0.6, 0.5), (1.0, 0.95, 0.9))
            room[y - height : y, x : x + width - 1] = shade
            x += width
        room[y : y + 4, 10:246] = (150, 128, 100)


def _clothes(rng: np.random.Generator, room: np.ndarray, floor_at: int) -> None:
    for x in range(30, 230, 48):
        colour = rng.uniform(60, 190, 3)
        colour = 0.5 * colour + 0.5 * colour.mean()
        cv2.ellipse(room, (x, 84), (7, 9), 0, 0, 360, (186, 176, 166), -1)
        torso = np.array([(x - 16, 100), (x + 16, 100), (x + 12, 152), (x - 12, 152)])
        cv2.fillPoly(room, [torso], tuple(float(c) for c in colour))
        legs = np.array([(x - 11, 152), (x + 11, 152), (x + 9, floor_at), (x - 9, floor_at)])
        cv2.fillPoly(room, [legs], tuple(float(c) for c in colour * 0.55))


def _tables(rng: np.random.Generator, room: np.ndarray, floor_at: int) -> None:
    for x in (40, 110, 190):
        cv2.line(room, (x, 44), (x, 74), (40, 38, 36), 1)
        cv2.circle(room, (x, 80), 9, (255, 226, 160), -1, cv2.LINE_AA)
        cv2.ellipse(room, (x, floor_at - 40), (26, 6), 0, 0, 360, (128, 96, 66), -1)
        cv2.line(room, (x, floor_at - 36), (x, floor_at), (60, 54, 50), 3)
        for dx in (-24, 20):
            room[floor_at - 54 : floor_at - 10, x + dx : x + dx + 7] = (86, 66, 52)


def _offers(rng: np.random.Generator, room: np.ndarray, floor_at: int) -> None:
    for _ in range(5):
        x, y = int(rng.integers(14, 190)), int(rng.integers(56, 150))
        paper = np.array([232, 228, 216]) * rng.uniform(0.8, 1.0)
        room[y : y + 46, x : x + 36] = paper
        stripe = rng.uniform(60, 180, 3) * 0.7 + 40
        room[y + 5 : y + 18, x + 4 : x + 32] = stripe
        for k in range(4):
            room[y + 24 + 5 * k : y + 26 + 5 * k, x + 5 : x + 30 - 4 * (k % 2)] *= 0.5


def shop_fronts(rng: np.random.Generator) -> np.ndarray:
    """2 x 2 shop windows, 256 px each: rooms with goods, clothes, tables or papers, and a door."""
    side = TEXTURE_SIZE // 2
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3))
    frames = np.array([(58, 60, 62), (196, 194, 188), (92, 66, 46), (46, 62, 58)])
    fillings = [_shelves, _clothes, _tables, _offers]
    rng.shuffle(fillings)
    reflection = fractal_noise(rng, 3, 4)
    for view, filling in zip(atlas(2, 2), fillings):
        warm = rng.uniform(0.8, 1.0)
        room = _gradient(side, side, (186, 174 * warm, 156 * warm), (120, 108, 98))
        floor_at = 208
        room[floor_at:] = np.array([134, 122, 110]) * rng.uniform(0.75, 1.1)
        filling(rng, room, floor_at)
        for x in range(20, 250, 58):
            room[30:36, x : x + 34] = (250, 244, 222)
        sheen = 0.12 + 0.06 * reflection[view]
        room = room * (0.78 - sheen[..., None]) + np.array([150, 166, 182]) * sheen[..., None]
        frame = frames[rng.integers(4)]
        room[:10] = room[-16:] = frame
        room[:, :8] = room[:, -8:] = frame
        door = int(rng.choice([150, 20]))
        room[:, door : door + 6] = room[:, door + 84 : door + 90] = frame
        room[112:150, door + 76 : door + 80] = (210, 210, 206)
        room[40:46, 8:-8] = frame
        image[view] = room
    return image


def doors(rng: np.random.Generator) -> np.ndarray:
    """4 x 1 house doors, 128 x 512 px each: panels, letter slot, worn paint."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3))
    colours = [(84, 58, 42), (52, 66, 60), (104, 42, 38), (70, 74, 80)]
    wear = 1 + 0.05 * lattice_noise(rng, 6, 90)
    for view, colour in zip(atlas(4, 1), colours):
        door = np.ones((TEXTURE_SIZE, 128, 3)) * colour
        for y0, y1 in ((40, 150), (180, 300), (330, 470)):
            for x0, x1 in ((14, 58), (70, 114)):
                door[y0:y1, x0:x1] *= 0.86
                door[y0 : y0 + 3, x0:x1] *= 0.6
                door[y1 - 3 : y1, x0:x1] *= 1.3
        door[:34] = (70, 82, 92)
        door[160:166, 44:84] = (190, 170, 110)
        image[view] = door
    return image * wear[..., None]


def freezer_doors(rng: np.random.Generator) -> np.ndarray:
    """4 x 1 glass doors of freezer cabinets, lit inside, with boxes on racks."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3))
    for view in atlas(4, 1):
        door = _gradient(TEXTURE_SIZE, 128, (214, 226, 232), (150, 166, 178))
        for level in range(6):
            y = 90 + level * 72
            x = 12
            while x < 112:
                width, height = int(rng.integers(14, 30)), int(rng.integers(30, 56))
                shade = rng.uniform((60, 80, 90), (230, 220, 235))
                shade = 0.55 * shade + 0.45 * shade.mean()
                door[y - height : y, x : min(x + width - 2, 116)] = shade
                door[y - height // 2 : y - height // 2 + 6, x + 3 : min(x + width - 5, 112)] = 238
                x += width
            door[y : y + 6] = (196, 204, 208)
        door[:16] = door[-20:] = (168, 172, 176)
        door[:, :6] = door[:, -6:] = (150, 154, 158)
        door[180:340, 112:117] = (226, 228, 230)
        image[view] = door
    return image
