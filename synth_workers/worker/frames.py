"""Captured frames: what an engine sent, decoded and checked.

A mask becomes an index image over the worker's own palette, so that every stored mask is the
same palette PNG whichever engine drew it. Nothing here talks to an engine.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from manifests.errors import FrameRefused
from synth_workers.planning.coverage import PlannedFrame
from synth_workers.worker.palette import Colour, packed

BLACK_MEAN = 2.0
"""Mean luminance (0..255) below which a lit frame counts as black."""
FLAT_DEVIATION = 2.0
"""Standard deviation of luminance below which a lit frame counts as flat."""
_LEAST_PIXELS = 40
_SURELY_VISIBLE = 0.85


@dataclass(frozen=True)
class TruePerson:
    """An engine's own measurement of one person in one frame.

    ``visible`` and ``full``: pixels with and without occlusion. ``box``: full box, pixels,
    None when off the image. ``joints``: flat x, y (pixels), depth (cm).
    """

    visible: int
    full: int
    box: tuple[float, float, float, float] | None
    joints: tuple[float, ...]


@dataclass(frozen=True)
class RawFrame:
    """The replies of one camera at one instant; ``truth`` by actor name, None if unmeasured."""

    lit: bytes
    lit_format: str
    mask: bytes
    truth: Mapping[str, TruePerson] | None


@dataclass(frozen=True)
class CheckedFrame:
    """A frame that passed every check; ``mask`` is a palette PNG of the worker's colours and
    ``pixels`` (n,) how many of them belong to each person."""

    lit: bytes
    lit_format: str
    mask: bytes
    pixels: np.ndarray


@dataclass(frozen=True)
class Actors:
    """The people of a level: names in the engine, own colours, and colours as masks show them
    (the same, unless the engine alters colours in a way that was learnt)."""

    names: Sequence[str]
    colours: Sequence[Colour]
    shown: Sequence[Colour]


def check_frame(
    raw: RawFrame,
    planned: PlannedFrame,
    actors: Actors,
    width: int,
    height: int,
    *,
    seen_before: bytes = b"",
) -> CheckedFrame:
    """Decode and check one frame, or raise ``FrameRefused`` with the reason.

    ``seen_before``: the mask of an earlier capture of the same frame, in which somebody was
    missing; if it is the same again, the estimate was wrong and not the mask.
    """
    mean, deviation = _luminance(raw, width, height)
    if mean < BLACK_MEAN:
        raise FrameRefused(f"lit frame is black (mean {mean:.1f})", reason="black")
    if deviation < FLAT_DEVIATION:
        raise FrameRefused(f"lit frame is flat (deviation {deviation:.1f})", reason="flat")
    mask = decode_mask(raw.mask, actors.shown)
    _expect_size("mask", mask.indices.shape, width, height)
    pixels = mask.pixels
    if raw.truth is not None:
        _expect_truth(raw.truth, actors.names, pixels)
    elif raw.mask != seen_before:
        _expect_people(planned, actors.names, pixels)
    keep = raw.mask if actors.shown == actors.colours else b""
    stored = keep if _is_palette_png(keep) else encode_mask(mask.people(), actors.colours)
    return CheckedFrame(raw.lit, raw.lit_format, stored, pixels)


def decode_lit(data: bytes, image_format: str) -> np.ndarray:
    """A lit image as (height, width, 3) uint8 RGB; ``FrameRefused`` if it does not decode."""
    try:
        if image_format == "jpg":
            return simplejpeg.decode_jpeg(data, colorspace="RGB", fastdct=True)
    except ValueError as error:
        raise FrameRefused(f"lit image does not decode: {error}", reason="undecodable") from None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise FrameRefused("lit image does not decode", reason="undecodable")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


@dataclass(frozen=True)
class Mask:
    """A decoded mask: ``indices`` (height, width) into a palette, ``person`` (k,) uint8 what
    each entry of it stands for (0 nobody, i + 1 person i), ``pixels`` (n,) of each person."""

    indices: np.ndarray
    person: np.ndarray
    pixels: np.ndarray

    def people(self) -> np.ndarray:
        """(height, width) uint8: 0 nobody, i + 1 person i."""
        return self.person[self.indices]


def decode_mask(data: bytes, colours: Sequence[Colour]) -> Mask:
    """Decode a mask; a colour that is neither black nor one of ``colours`` refuses the frame."""
    wanted = {packed(colour): number + 1 for number, colour in enumerate(colours)}
    wanted[0] = 0
    indices, palette = _indexed(data)
    counts = _histogram(indices, len(palette))
    person = np.zeros(len(palette), np.uint8)
    pixels = np.zeros(len(colours) + 1, int)
    for entry in np.nonzero(counts)[0]:
        red, green, blue = palette[entry].tolist()
        colour = packed((red, green, blue))
        if colour not in wanted:
            raise FrameRefused(
                f"mask holds the unknown colour 0x{colour:06x} on "
                f"{counts[entry] / indices.size:.2%} of its pixels",
                reason="unknown-colour",
            )
        person[entry] = wanted[colour]
        pixels[wanted[colour]] += counts[entry]
    return Mask(indices, person, pixels[1:])


def mask_colours(data: bytes) -> list[Colour]:
    """All colours that occur in a mask."""
    indices, palette = _indexed(data)
    used = np.nonzero(_histogram(indices, len(palette)))[0]
    return [(int(r), int(g), int(b)) for r, g, b in palette[used]]


def encode_mask(index: np.ndarray, colours: Sequence[Colour]) -> bytes:
    """A palette PNG of (height, width) uint8 ``index``: 0 nobody, i + 1 person i."""
    image = Image.fromarray(index, mode="P")
    image.putpalette([0, 0, 0, *(channel for colour in colours for channel in colour)])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _is_palette_png(data: bytes) -> bool:
    return len(data) > 26 and data[:4] == b"\x89PNG" and data[25] == 3


def _indexed(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Any mask image as (height, width) indices into (k, 3) colours."""
    if _is_palette_png(data):
        try:
            with Image.open(io.BytesIO(data)) as image:
                flat = image.getpalette() or []
                palette = np.zeros((256, 3), np.uint8)
                palette.reshape(-1)[: len(flat)] = flat
                return np.asarray(image), palette
        except (OSError, SyntaxError, ValueError) as error:
            raise FrameRefused(f"mask does not decode: {error}", reason="undecodable") from None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise FrameRefused("mask does not decode", reason="undecodable")
    value = image.astype(np.uint32)
    codes = value[..., 2] << 16 | value[..., 1] << 8 | value[..., 0]
    known, indices = np.unique(codes, return_inverse=True)
    palette = np.stack([known >> 16, known >> 8 & 255, known & 255], axis=1).astype(np.uint8)
    return indices.reshape(codes.shape), palette


def _histogram(indices: np.ndarray, entries: int) -> np.ndarray:
    if indices.dtype == np.uint8:
        counts = cv2.calcHist([np.ascontiguousarray(indices)], [0], None, [256], [0, 256])
        return counts.ravel().astype(int)[:entries]
    return np.bincount(indices.ravel(), minlength=entries)


def _luminance(raw: RawFrame, width: int, height: int) -> tuple[float, float]:
    """Mean and standard deviation of a lit image whose size is as asked."""
    if raw.lit_format != "jpg":
        lit = decode_lit(raw.lit, raw.lit_format)
        _expect_size("lit", lit.shape, width, height)
        grey = cv2.cvtColor(lit[::4, ::4], cv2.COLOR_RGB2GRAY)
    else:
        try:
            rows, columns = simplejpeg.decode_jpeg_header(raw.lit)[:2]
            _expect_size("lit", (int(rows), int(columns)), width, height)
            # An eighth of the size tells enough, and skips most of the inverse transform.
            grey = simplejpeg.decode_jpeg(
                raw.lit,
                colorspace="GRAY",
                fastdct=True,
                min_height=height // 8,
                min_width=width // 8,
            )
        except ValueError as error:
            message = f"lit image does not decode: {error}"
            raise FrameRefused(message, reason="undecodable") from None
    mean, deviation = cv2.meanStdDev(grey)
    return float(mean[0, 0]), float(deviation[0, 0])


def _expect_size(what: str, shape: tuple[int, ...], width: int, height: int) -> None:
    if shape[:2] != (height, width):
        raise FrameRefused(
            f"{what} image is {shape[1]}x{shape[0]}, asked for {width}x{height}", reason="size"
        )


def _expect_truth(
    truth: Mapping[str, TruePerson], names: Sequence[str], pixels: np.ndarray
) -> None:
    """The mask holds exactly the pixels that the engine counted for everybody."""
    for name, count in zip(names, pixels):
        visible = truth[name].visible if name in truth else 0
        if visible != count:
            raise FrameRefused(
                f"the mask holds {count} pixels of {name}, the engine counted {visible}: mask "
                "and ground truth are of different moments",
                reason="out-of-step",
            )


def _expect_people(planned: PlannedFrame, names: Sequence[str], pixels: np.ndarray) -> None:
    """Everybody who surely is in view has pixels in the mask."""
    missing = [
        name
        for name, expected, count in zip(names, planned.expected, pixels)
        if expected is not None
        and expected.wanted
        and expected.visible >= _SURELY_VISIBLE
        and expected.truncation == 0.0
        and count < _LEAST_PIXELS
    ]
    if missing:
        raise FrameRefused(
            f"{', '.join(missing)} should be in view and are not in the mask", reason="missing"
        )
