"""Captured frames: what an engine sent, checked against what was planned and measured.

A mask becomes an index image over the worker's own palette, so that every stored mask is the
same palette PNG whichever engine drew it. Nothing here talks to an engine; what makes an image
a sound one says ``synth_workers.images``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from manifests.channels import Channel
from manifests.errors import FrameRefused
from manifests.reasons import Refusal
from synth_workers.channels import stored_channels, with_people
from synth_workers.images import check_lit, decode_mask, encode_mask, is_palette_png
from synth_workers.planning.coverage import Instant, PlannedFrame
from synth_workers.worker.palette import Colour, packed

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
class SolidPerson:
    """Somebody in the world, Unreal's, cm and degrees. ``box``: centre x, y, z, length, width,
    height and yaw; ``joints``: x, y, z of each."""

    box: tuple[float, ...]
    joints: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class RawFrame:
    """The replies of one camera at one instant; ``truth`` by actor name, None if unmeasured;
    ``moment``: the engine's digest of what stood in the level, empty if it has none; ``channels``:
    replies to what was asked for of ground truth; ``solids`` by actor name, None if they were not
    asked for."""

    lit: bytes
    lit_format: str
    mask: bytes
    truth: Mapping[str, TruePerson] | None
    moment: str = ""
    channels: Mapping[Channel, bytes] = field(default_factory=dict[Channel, bytes])
    solids: Mapping[str, SolidPerson] | None = None


@dataclass(frozen=True)
class Shot:
    """One frame as an engine sent it, with the instant and the view that it should show."""

    raw: RawFrame
    instant: Instant
    planned: PlannedFrame


@dataclass(frozen=True)
class CheckedFrame:
    """A frame that passed every check; ``mask`` is a palette PNG of the worker's colours and
    ``pixels`` (n,) how many of them belong to each person; ``boxes``: (n, 4) around them,
    half-open, if they were asked for; ``channels``: as they are stored."""

    lit: bytes
    lit_format: str
    mask: bytes
    pixels: np.ndarray
    boxes: np.ndarray | None = None
    channels: Mapping[Channel, bytes] = field(default_factory=dict[Channel, bytes])


@dataclass(frozen=True)
class Actors:
    """The people of a level: names in the engine, own colours, and colours as masks show them
    (the same, unless the engine alters colours in a way that was learnt)."""

    names: Sequence[str]
    colours: Sequence[Colour]
    shown: Sequence[Colour]


def check_frame(
    raw: RawFrame, planned: PlannedFrame, actors: Actors, width: int, height: int, *,
    seen_before: bytes = b"", boxes: bool = False,
) -> CheckedFrame:  # fmt: skip
    """Decode and check one frame, or raise ``FrameRefused`` with the reason.

    ``seen_before``: the mask of an earlier capture of the same frame, in which somebody was
    missing; if it is the same again, the estimate was wrong and not the mask.
    """
    size = (width, height)
    check_lit(raw.lit, raw.lit_format, size)
    mask = decode_mask(raw.mask, size)
    labels = mask.labels([packed(colour) for colour in actors.shown])
    pixels = mask.pixels_of(labels, len(actors.shown))
    if raw.truth is not None:
        _expect_truth(raw.truth, actors.names, pixels)
    elif raw.mask != seen_before:
        _expect_people(planned, actors.names, pixels)
    stored = raw.mask
    channels = stored_channels(raw.channels, size)
    if "instances" in raw.channels:
        people = (labels + 1).astype(np.uint8)[mask.indices]
        channels["instances"] = with_people(raw.channels["instances"], people)
    if actors.shown != actors.colours or not is_palette_png(raw.mask):
        people = (labels + 1).astype(np.uint8)[mask.indices]
        stored = encode_mask(people, [packed(colour) for colour in actors.colours])
    found = mask.boxes_of(labels, len(actors.shown)) if boxes else None
    return CheckedFrame(raw.lit, raw.lit_format, stored, pixels, found, channels)


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
                reason=Refusal.out_of_step,
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
        message = f"{', '.join(missing)} should be in view and are not in the mask"
        raise FrameRefused(message, reason=Refusal.missing)
