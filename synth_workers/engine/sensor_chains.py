"""What else happens to a picture between the lens and the store: chains of cheap cameras, by name.

A chain draws how bad one camera is from the camera's own seed, and how each of its frames differs
from (seed, frame), so that pictures are the same wherever they are drawn. Labels are never touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from manifests.registry import Registry

if TYPE_CHECKING:
    from synth_workers.engine.sensor import SensorSettings

FIELD_SECONDS = 0.02
"""From one field of a picture to the next where there are 50 of them a second."""

_GREYS = np.arange(256) / 255


@dataclass
class Shot:
    """One picture on its way: (height, width, 3) uint8 RGB.

    ``camera`` draws the same for every frame of a camera, ``frame`` anew for each. ``depth``:
    gives (height, width) float32 cm, measured when it is asked for. ``later``: gives the picture
    that arrived so many seconds later.
    """

    picture: np.ndarray
    camera: np.random.Generator
    frame: np.random.Generator
    depth: Callable[[], np.ndarray]
    later: Callable[[float], np.ndarray]


@dataclass(frozen=True)
class Chain:
    """A row of the table: ``apply`` alters ``Shot.picture`` step by step."""

    name: str
    apply: Callable[[Shot], None]


CHAINS = Registry[Chain]("sensor")
"""Chains by the names of `capture.sensor` in recipes; `scene` adds nothing to the look."""


def chain(function: Callable[[Shot], None]) -> Callable[[Shot], None]:
    """Register a chain under the name of its function."""
    CHAINS.add(Chain(function.__name__, function))
    return function


def through_chain(
    picture: np.ndarray,
    settings: SensorSettings,
    depth: Callable[[], np.ndarray],
    later: Callable[[float], np.ndarray],
) -> np.ndarray:
    """``picture`` as the chain of ``settings`` delivers it; ``depth``, ``later``: of ``Shot``."""
    camera = np.random.default_rng([settings.camera, 11])
    frame = np.random.default_rng([settings.camera, settings.seed, settings.frame])
    shot = Shot(picture, camera, frame, depth, later)
    CHAINS.find(settings.chain).apply(shot)
    return shot.picture


@chain
def scene(shot: Shot) -> None:
    """Nothing more than the look."""


@chain
def consumer(shot: Shot) -> None:
    """A recent camera: automatic exposure and white balance that hunt a little, good coding."""
    defocus(shot, shot.camera.uniform(0.0, 0.8))
    grade(shot, spread=0.06, drift=0.03)
    grain(shot, shot.camera.uniform(0.003, 0.012))
    bayer(shot)
    code(shot, int(shot.camera.integers(70, 90)))


@chain
def cctv(shot: Shot) -> None:
    """A surveillance camera: casts, errors of exposure, noise, halos and coarse coding."""
    defocus(shot, shot.camera.uniform(0.4, 1.8))
    grade(shot, spread=0.13, drift=0.04)
    grain(shot, shot.camera.uniform(0.01, 0.035))
    bayer(shot)
    halo(shot, shot.camera.uniform(0.2, 1.0))
    code(shot, int(shot.camera.integers(30, 65)))


@chain
def analogue(shot: Shot) -> None:
    """An older camera on tape: one field of two, bleeding colours, strong casts."""
    soften(shot, shot.camera.uniform(0.6, 1.4))
    grade(shot, spread=0.17, drift=0.05)
    grain(shot, shot.camera.uniform(0.02, 0.05))
    one_field(shot)
    bleed(shot, shot.camera.uniform(2.0, 5.0))
    halo(shot, shot.camera.uniform(0.4, 1.2))
    code(shot, int(shot.camera.integers(45, 75)))


@chain
def interlaced(shot: Shot) -> None:
    """The older camera with both its fields, 20 ms apart: whoever moves is combed."""
    softness, strength = shot.camera.uniform(0.6, 1.4), shot.camera.uniform(0.3, 0.9)
    second = replace(shot, picture=shot.later(FIELD_SECONDS))
    # What lens and camera do, they do to each field.
    for field in (shot, second):
        soften(field, softness)
        halo(field, strength)
    weave(shot, second.picture)
    grade(shot, spread=0.17, drift=0.05)
    grain(shot, shot.camera.uniform(0.02, 0.05))
    bleed(shot, shot.camera.uniform(2.0, 5.0))
    code(shot, int(shot.camera.integers(45, 75)))


def soften(shot: Shot, deviation: float) -> None:
    """Blur of the lens, pixels."""
    shot.picture = cv2.GaussianBlur(shot.picture, (0, 0), max(deviation, 0.1))


def defocus(shot: Shot, most: float) -> None:
    """Blur that grows up to ``most`` pixels with the distance from what is in focus."""
    focus = shot.camera.uniform(700.0, 2000.0)  # cm
    if most < 0.2:
        return
    away = np.minimum(np.abs(focus / np.maximum(shot.depth(), 100.0) - 1.0), 1.0)
    soft = cv2.GaussianBlur(shot.picture, (0, 0), most)
    share = cv2.merge([away.astype(np.float32)] * 3)
    mixed = shot.picture + share * (soft.astype(np.float32) - shot.picture)
    shot.picture = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def grade(shot: Shot, spread: float, drift: float) -> None:
    """Exposure, gamma and white balance: off by ``spread`` for the camera, by ``drift`` a frame."""
    own, now = spread * shot.camera.standard_normal(4), drift * shot.frame.standard_normal(4)
    exposure, gamma, warmth, green = np.clip(own + now, -0.5, 0.5)
    gains = np.exp(exposure + np.array([0.5 * warmth, 0.25 * green, -0.5 * warmth]))
    curve = np.power(_GREYS[:, None], np.exp(0.7 * gamma)) * gains
    table = np.clip(curve * 255 + 0.5, 0, 255).astype(np.uint8)
    shot.picture = cv2.LUT(shot.picture, table[None])


def grain(shot: Shot, deviation: float) -> None:
    """Noise, more of it the darker the picture is, for which the gain is raised."""
    height, width = shot.picture.shape[:2]
    brightness = float(np.mean(shot.picture[::8, ::8])) / 255
    gain = min(0.45 / max(brightness, 0.1), 3.0)
    noise = np.empty((height, width, 3), np.int16)
    cv2.setRNGSeed(int(shot.frame.integers(1 << 31)))
    cv2.randn(noise, np.zeros(3), np.full(3, 255 * deviation * gain))
    shot.picture = cv2.add(shot.picture, noise, dtype=cv2.CV_8U)


def bayer(shot: Shot) -> None:
    """One colour per pixel, the others guessed from around it."""
    mosaic = np.ascontiguousarray(shot.picture[..., 1])
    mosaic[::2, ::2] = shot.picture[::2, ::2, 0]
    mosaic[1::2, 1::2] = shot.picture[1::2, 1::2, 2]
    shot.picture = cv2.cvtColor(mosaic, cv2.COLOR_BayerRGGB2RGB)


def halo(shot: Shot, strength: float) -> None:
    """Sharpening in the camera: bright and dark seams along edges."""
    around = cv2.GaussianBlur(shot.picture, (0, 0), 1.6)
    shot.picture = cv2.addWeighted(shot.picture, 1 + strength, around, -strength, 0)


def one_field(shot: Shot) -> None:
    """Every other line alone, the lines between made of those beside them."""
    height, width = shot.picture.shape[:2]
    field = np.ascontiguousarray(shot.picture[int(shot.frame.integers(2)) :: 2])
    shot.picture = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)


def weave(shot: Shot, second: np.ndarray) -> None:
    """Every other line of ``second`` in place of the picture's own: the two fields of a frame."""
    shot.picture = shot.picture.copy()
    shot.picture[1::2] = second[1::2]


def bleed(shot: Shot, deviation: float) -> None:
    """Colours that run sideways over ``deviation`` pixels; brightness stays sharp."""
    luma, red, blue = cv2.split(cv2.cvtColor(shot.picture, cv2.COLOR_RGB2YCrCb))
    red, blue = (cv2.GaussianBlur(each, (0, 1), deviation, sigmaY=0.1) for each in (red, blue))
    shot.picture = cv2.cvtColor(cv2.merge([luma, red, blue]), cv2.COLOR_YCrCb2RGB)


def code(shot: Shot, quality: int) -> None:
    """Lossy coding with half the colours (4:2:0), as of JPEG and of a video's key frames."""
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, *sampling]
    coded = cv2.imencode(".jpg", shot.picture[..., ::-1], options)[1]
    shot.picture = np.ascontiguousarray(np.asarray(cv2.imdecode(coded, 1))[..., ::-1])
