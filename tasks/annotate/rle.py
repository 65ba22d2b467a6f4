"""Masks as COCO's compressed run-length encoding."""

from __future__ import annotations

import numpy as np

from manifests.errors import CorruptData


def encode_rle(mask: np.ndarray, x0: int, y0: int, height: int) -> bytes:
    """Compressed counts of a mask inside a frame of ``height`` pixels.

    ``mask``: (h, w) bool, its top left corner at (x0, y0) of the frame. Counts alternate between
    background and mask, start with background and run down the columns; the run after the
    last mask pixel is left out, so that the frame's width need not be known.
    """
    columns, rows = np.nonzero(mask.T)
    pixels = (columns + x0) * height + rows + y0
    if not pixels.size:
        return b""
    breaks = np.flatnonzero(np.diff(pixels) != 1)
    starts = pixels[np.append(0, breaks + 1)]
    stops = pixels[np.append(breaks, pixels.size - 1)] + 1
    edges = np.column_stack([starts, stops]).ravel()
    return _compress(np.diff(edges, prepend=0).tolist())


def decode_rle(data: bytes, width: int, height: int) -> np.ndarray:
    """(height, width) bool mask of compressed counts; the inverse of ``encode_rle``.

    ``CorruptData`` if they are not those of a frame of that size.
    """
    flat = np.zeros(width * height, bool)
    position = 0
    for i, count in enumerate(_counts(data, width * height)):
        if i % 2:
            flat[position : position + count] = True
        position += count
    return flat.reshape(width, height).T


def complete_rle(data: bytes, width: int, height: int) -> bytes:
    """The same counts with the final background run, as COCO's own library writes them.

    ``CorruptData`` if they are not those of a frame of that size.
    """
    counts = _counts(data, width * height)
    rest = width * height - sum(counts)
    if rest:
        counts = [*counts, rest] if len(counts) % 2 == 0 else [*counts[:-1], counts[-1] + rest]
    return _compress(counts)


def _compress(counts: list[int]) -> bytes:
    """Each count, less the one two before it, in groups of five bits, lowest first."""
    text = bytearray()
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        while True:
            group, value = value & 31, value >> 5
            more = value != (-1 if group & 16 else 0)
            text.append(48 + (group | 32 if more else group))
            if not more:
                break
    return bytes(text)


def _counts(data: bytes, pixels: int) -> list[int]:
    """What is compressed, of a frame of so many pixels."""
    counts = _expand(data)
    if any(count < 0 for count in counts) or sum(counts) > pixels:
        raise CorruptData(f"mask: its runs do not fit into a frame of {pixels} pixels")
    return counts


def _expand(data: bytes) -> list[int]:
    counts: list[int] = []
    position = 0
    while position < len(data):
        value = shift = 0
        while True:
            if position == len(data):
                raise CorruptData("mask: its run-length encoding ends within a number")
            group = data[position] - 48
            position += 1
            value |= (group & 31) << shift
            shift += 5
            if not group & 32:
                break
        if group & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts
