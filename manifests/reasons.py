"""Why a frame, or somebody in it, was refused: one vocabulary for captures, annotation, claims
and published statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

OF_FRAME = "frame:"
"""What the reasons of whole frames begin with where they are counted beside those of people."""


class Refusal(StrEnum):
    """Reasons of whole frames (captured again, then counted), then reasons of one person."""

    undecodable = "undecodable"
    lit_format = "lit-format"
    mask_format = "mask-format"
    size_mismatch = "size-mismatch"
    black = "black"
    flat = "flat"
    stale = "stale"
    """The lit image is an earlier frame's."""
    unknown_colour = "unknown-colour"
    duplicate_colour = "duplicate-colour"
    not_paused = "not-paused"
    moved = "moved"
    """Somebody was not where they had been put."""
    out_of_step = "out-of-step"
    """Mask and ground truth are of different moments."""
    not_finite = "not-finite"
    missing = "missing"
    """Somebody who surely was in view is not in the mask."""

    few_pixels = "few-pixels"
    edge = "edge"
    small = "small"
    truncated = "truncated"
    occluded = "occluded"
    wide = "wide"
    crowded = "crowded"


_FORMER = {"corrupt": Refusal.undecodable, "size": Refusal.size_mismatch}
"""Second words for the same fault, which claims and snapshots made before 2026-12 may hold."""


def reason_today(word: str) -> str:
    """A stored reason in today's vocabulary; words that nobody knows stay as they are."""
    bare = word.removeprefix(OF_FRAME)
    return word.removesuffix(bare) + _FORMER.get(bare, bare)


def counts_today(stored: Mapping[str, int]) -> Counter[str]:
    """Stored counts by reason in today's vocabulary; words that have become one are summed."""
    counts: Counter[str] = Counter()
    for word, count in stored.items():
        counts[reason_today(word)] += count
    return counts
