"""The same picture as other cameras would have taken it.

JVTC (ECCV 2020) shows every target image in the style of several cameras, from pictures that a
CamStyle GAN made beforehand. Who has such a folder uses it; otherwise ``CameraStyles`` changes
colours and frequencies to the statistics of the other camera, which needs no training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from manifests.errors import NotFound, TrainingFailed
from training.data.crops import CropSet
from training.data.decoding import decode_crop, resize_into

_MOST_GAIN = 4.0
_SAMPLE = 400
_STREAM = 6
_FREQUENCY_BANDS = 12
_BATCH = 128


class CameraViews(Protocol):
    """Pictures of a data set in the styles of its cameras."""

    @property
    def kind(self) -> str:
        """What made them, for reports."""
        ...

    def pictures(self, rows: np.ndarray, cameras: np.ndarray) -> np.ndarray:
        """(V, H, W, 3) uint8: image ``rows[v]`` as camera code ``cameras[v]`` would show it."""
        ...


def draw_cameras(count: int, cameras: int, views: int, rng: np.random.Generator) -> np.ndarray:
    """(count, views) int64 camera codes, different ones for each image as far as there are
    enough cameras."""
    each = min(views, cameras)
    order = np.argsort(rng.random((count, cameras)), axis=1)[:, :each]
    repeats = -(-views // each)
    return np.tile(order, (1, repeats))[:, :views]


class CameraStyles:
    """Views by statistics of colours and frequencies of each camera.

    Colours: mean and deviation of each Lab channel over all pixels of a camera. Frequencies:
    mean logarithm of the amplitude spectrum of lightness in rings around zero, which tells lens
    blur, sharpening and noise; gains between cameras are at most ``_MOST_GAIN``.
    """

    kind = "colour and frequency statistics"

    def __init__(self, crops: CropSet, seed: int) -> None:
        """Measure every camera of ``crops`` on at most ``_SAMPLE`` pictures, drawn by ``seed``."""
        self._crops = crops
        cameras = len(crops.camera_names)
        self._mean = np.zeros((cameras, 3), np.float32)
        self._deviation = np.ones((cameras, 3), np.float32)
        self._rings = _rings(*crops.images.shape[1:3])
        self._spectrum = np.zeros((cameras, _FREQUENCY_BANDS), np.float32)
        for camera in range(cameras):
            rows = np.flatnonzero(crops.camera == camera)
            rng = np.random.default_rng([seed, _STREAM, camera])
            rows = np.sort(rng.permutation(rows)[:_SAMPLE])
            if len(rows) == 0:
                raise TrainingFailed(f"camera {crops.camera_names[camera]} has no target images")
            lab = _to_lab(crops.images[rows])
            self._mean[camera] = lab.mean(axis=(0, 1, 2))
            self._deviation[camera] = np.maximum(lab.std(axis=(0, 1, 2)), 1e-3)
            amplitude = np.log(np.abs(np.fft.rfft2(lab[..., 0])) + 1e-3)
            total = np.bincount(
                np.tile(self._rings.ravel(), len(rows)), amplitude.ravel(), _FREQUENCY_BANDS
            )
            number = np.bincount(self._rings.ravel(), minlength=_FREQUENCY_BANDS) * len(rows)
            # Colours are moved first, which scales all frequencies alike.
            self._spectrum[camera] = total / number - np.log(self._deviation[camera, 0])

    def pictures(self, rows: np.ndarray, cameras: np.ndarray) -> np.ndarray:
        """(V, H, W, 3) uint8 pictures ``rows`` in the styles of ``cameras``."""
        out = self._crops.images[rows]
        own = self._crops.camera[rows]
        changed = np.flatnonzero(own != cameras)
        for start in range(0, len(changed), _BATCH):
            part = changed[start : start + _BATCH]
            out[part] = self._restyled(out[part], own[part], cameras[part])
        return out

    def _restyled(self, images: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
        lab = _to_lab(images)
        shape = (-1, 1, 1, 3)
        scale = (self._deviation[other] / self._deviation[own]).reshape(shape)
        lab -= self._mean[own].reshape(shape)
        lab *= scale
        lab += self._mean[other].reshape(shape)
        gain = np.exp(self._spectrum[other] - self._spectrum[own])
        gain = np.clip(gain, 1 / _MOST_GAIN, _MOST_GAIN)
        # The lowest band holds the picture's mean lightness, which has been moved already.
        gain[:, 0] = 1
        spectrum = np.fft.rfft2(lab[..., 0])
        spectrum *= gain[:, self._rings]
        lab[..., 0] = np.fft.irfft2(spectrum, s=lab.shape[1:3])
        return _from_lab(lab)


class CamStyleFolder:
    """Views that a CamStyle GAN made, named ``<image>_fake_<own>to<other>.jpg`` (Market-1501,
    DukeMTMC) or ``<image>_fake_<other>.jpg`` (MSMT17) after camera names without leading zeros.
    """

    kind = "CamStyle folder"

    def __init__(self, folder: Path, crops: CropSet) -> None:
        """Check that every view of every image of ``crops`` exists; ``NotFound`` names one."""
        if not folder.is_dir():
            raise NotFound(f"CamStyle folder {folder}: no such folder")
        self._crops = crops
        names = {path.name for path in folder.iterdir()}
        self._paths: dict[tuple[int, int], Path] = {}
        missing: list[str] = []
        numbers = [name.lstrip("0") or "0" for name in crops.camera_names]
        for row, (key, own) in enumerate(zip(crops.keys.tolist(), crops.camera.tolist())):
            stem = Path(key).stem
            for other, number in enumerate(numbers):
                if other == own:
                    continue
                choices = (f"{stem}_fake_{numbers[own]}to{number}.jpg", f"{stem}_fake_{number}.jpg")
                found = next((name for name in choices if name in names), None)
                if found is None:
                    missing.append(choices[0])
                else:
                    self._paths[row, other] = folder / found
        if missing:
            raise NotFound(
                f"CamStyle folder {folder}: {len(missing)} views are missing, first {missing[0]}; "
                "make them all, or leave the folder away to use camera statistics"
            )

    def pictures(self, rows: np.ndarray, cameras: np.ndarray) -> np.ndarray:
        """(V, H, W, 3) uint8: made pictures, and the real one in its own camera."""
        out = self._crops.images[rows]
        for place, (row, camera) in enumerate(zip(rows.tolist(), cameras.tolist())):
            path = self._paths.get((row, camera))
            if path is not None:
                resize_into(out[place], decode_crop(path.read_bytes(), path.name))
        return out


def _rings(height: int, width: int) -> np.ndarray:
    """(H, W // 2 + 1) int64: frequency band of each coefficient of ``rfft2``."""
    down = np.abs(np.fft.fftfreq(height))[:, None]
    across = np.fft.rfftfreq(width)[None]
    radius = np.minimum(np.hypot(down, across) / 0.5, 1)
    return np.minimum((radius * _FREQUENCY_BANDS).astype(np.int64), _FREQUENCY_BANDS - 1)


def _to_lab(images: np.ndarray) -> np.ndarray:
    """(V, H, W, 3) uint8 sRGB to float32 Lab."""
    wide = images.reshape(len(images) * images.shape[1], images.shape[2], 3)
    lab = cv2.cvtColor(wide.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    return lab.reshape(images.shape)


def _from_lab(lab: np.ndarray) -> np.ndarray:
    wide = lab.reshape(len(lab) * lab.shape[1], lab.shape[2], 3).astype(np.float32)
    rgb = cv2.cvtColor(wide, cv2.COLOR_Lab2RGB).reshape(lab.shape)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
