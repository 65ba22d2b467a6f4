"""Printed things: shop signs, posters, road signs, hanging aisle signs."""

from __future__ import annotations

import cv2
import numpy as np

from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.textures.noise import atlas, fractal_noise

_SHOPS = (
    "BAKERY", "CAFE LUNA", "Optics", "FLOWERS", "Books & Co", "PHARMACY", "Tailor", "NOODLE BAR",
    "Barber", "BANK", "Bicycles", "PIZZERIA", "Antiques", "HOTEL", "Shoes", "TRAVEL",
)  # fmt: skip
_AISLES = (
    "1 BREAD", "2 DAIRY", "3 PASTA", "4 COFFEE", "5 CANS", "6 DRINKS", "7 CLEANING", "8 PAPER",
    "FRUIT", "FROZEN", "MEAT", "CHECKOUT", "EXIT", "OFFERS", "WINE", "SNACKS",
)  # fmt: skip
_BOARD_COLOURS = (
    (38, 52, 66), (92, 36, 34), (44, 66, 52), (226, 220, 204), (58, 54, 52), (28, 74, 60),
    (204, 190, 160), (120, 84, 48), (240, 238, 232), (46, 44, 70), (150, 118, 60), (80, 92, 98),
)  # fmt: skip


def _write(
    image: np.ndarray, text: str, origin: tuple[int, int], font: int, scale: float, ink: tuple,
    width: int,
) -> None:  # fmt: skip
    """Writes ``text`` onto ``image`` in place (the drawing library writes on bytes only)."""
    canvas = np.clip(image, 0, 255).astype(np.uint8)
    cv2.putText(canvas, text, origin, font, scale, ink, width, cv2.LINE_AA)
    image[:] = canvas


def _board(text: str, width: int, height: int, ground: tuple, ink: tuple, font: int) -> np.ndarray:
    board = np.ones((height, width, 3), np.float32) * np.asarray(ground, np.float32)
    (w, h), _ = cv2.getTextSize(text, font, 1.0, 2)
    scale = min(0.84 * width / w, 0.5 * height / h)
    (w, h), _ = cv2.getTextSize(text, font, scale, 2)
    origin = ((width - w) // 2, (height + h) // 2)
    _write(board, text, origin, font, scale, ink, 3 if height > 50 else 2)
    board[:2] *= 0.8
    board[-2:] *= 0.7
    return board


def _ink(ground: tuple) -> tuple[float, float, float]:
    return (238.0, 232.0, 214.0) if sum(ground) < 420 else (46.0, 40.0, 38.0)


def shop_signs(rng: np.random.Generator) -> np.ndarray:
    """2 x 8 fascia boards of 256 x 64 px with shop names."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3), np.float32)
    fonts = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)
    for view, name in zip(atlas(2, 8), _SHOPS):
        ground = _BOARD_COLOURS[int(rng.integers(len(_BOARD_COLOURS)))]
        image[view] = _board(name, 256, 64, ground, _ink(ground), fonts[int(rng.integers(3))])
    return image * (1 + 0.025 * fractal_noise(rng, 5, 4))[..., None]


def aisle_signs(rng: np.random.Generator) -> np.ndarray:
    """2 x 8 hanging boards of 256 x 64 px with the names of departments."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3), np.float32)
    for view, name in zip(atlas(2, 8), _AISLES):
        ground = (176, 44, 38) if name in ("OFFERS", "MEAT") else (34, 92, 66)
        if name == "CHECKOUT":
            ground = (34, 70, 120)
        pale = (244.0, 242.0, 234.0)
        image[view] = _board(name, 256, 64, ground, pale, cv2.FONT_HERSHEY_DUPLEX)
    return image


def posters(rng: np.random.Generator) -> np.ndarray:
    """4 x 2 posters of 128 x 256 px: landscapes, products, concerts."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3), np.float32)
    titles = ("SUMMER", "LIVE 21.06", "MUSEUM", "SALE -30%", "FRESH", "CITY RUN", "OPERA", "TRAMS")
    for view, title in zip(atlas(4, 2), titles):
        top, bottom = rng.uniform(40, 230, (2, 3))
        top, bottom = (0.5 * c + 0.5 * c.mean() for c in (top, bottom))
        ramp = np.linspace(0, 1, 256)[:, None, None]
        poster = np.broadcast_to(top * (1 - ramp) + bottom * ramp, (256, 128, 3)).copy()
        for _ in range(int(rng.integers(3, 7))):
            shade = rng.uniform(30, 235, 3)
            shade = tuple(float(c) for c in 0.55 * shade + 0.45 * shade.mean())
            centre = (int(rng.integers(0, 128)), int(rng.integers(70, 220)))
            if rng.random() < 0.5:
                cv2.circle(poster, centre, int(rng.integers(10, 44)), shade, -1, cv2.LINE_AA)
            else:
                points = rng.integers(-50, 50, (4, 2)) + centre
                cv2.fillConvexPoly(poster, cv2.convexHull(points.astype(np.int32)), shade)
        ink = (246.0, 244.0, 238.0) if top.mean() < 140 else (30.0, 28.0, 32.0)
        font = cv2.FONT_HERSHEY_DUPLEX
        (w, _), _ = cv2.getTextSize(title, font, 1.0, 2)
        _write(poster, title, (8, 44), font, 112 / w, ink, 2)
        for k in range(3):
            poster[232 + 7 * k : 235 + 7 * k, 10 : 60 + 18 * k] = ink
        poster[:5] = poster[-5:] = 225
        poster[:, :5] = poster[:, -5:] = 225
        image[view] = poster
    return image


def road_signs(rng: np.random.Generator) -> np.ndarray:
    """4 x 4 square signs of 128 px on grey: parking, crossing, arrows, street plan, bus stop."""
    image = np.ones((TEXTURE_SIZE, TEXTURE_SIZE, 3), np.float32) * 150
    blue, white, red = (30.0, 78.0, 150.0), (238.0, 238.0, 234.0), (170.0, 34.0, 32.0)
    for index, view in enumerate(atlas(4, 4)):
        sign = np.ones((128, 128, 3), np.float32) * np.asarray(white)
        kind = index % 4
        if kind == 0:
            sign[4:-4, 4:-4] = blue
            letter = "PHBi"[index // 4]
            _write(sign, letter, (38, 94), cv2.FONT_HERSHEY_DUPLEX, 2.6, white, 7)
        elif kind == 1:
            sign[4:-4, 4:-4] = blue
            cv2.fillConvexPoly(sign, np.array([(64, 20), (112, 104), (16, 104)]), white)
            cv2.circle(sign, (64, 54), 7, (20.0, 20.0, 22.0), -1)
            cv2.line(sign, (64, 60), (56, 96), (20.0, 20.0, 22.0), 6)
            cv2.line(sign, (64, 70), (78, 96), (20.0, 20.0, 22.0), 6)
        elif kind == 2:
            cv2.circle(sign, (64, 64), 56, red, -1, cv2.LINE_AA)
            cv2.circle(sign, (64, 64), 44, white, -1, cv2.LINE_AA)
            text = ("30", "50", "20", "3t")[index // 4]
            _write(sign, text, (26, 82), cv2.FONT_HERSHEY_DUPLEX, 1.7, (24.0,) * 3, 5)
        else:
            sign[4:-4, 4:-4] = (222, 224, 212)
            for _ in range(9):
                a, b = rng.integers(8, 120, (2, 2))
                cv2.line(sign, tuple(map(int, a)), tuple(map(int, b)), (176.0, 170.0, 150.0), 4)
            cv2.circle(sign, (64, 70), 6, red, -1)
        image[view] = sign
    return image
