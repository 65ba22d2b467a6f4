"""Labels that follow from geometry: visibility, truncation, viewpoint, occluders.

Arrays in, arrays out; no images and no files.
"""

from __future__ import annotations

import numpy as np

VIEWPOINTS = (
    "front",
    "front-right",
    "right",
    "back-right",
    "back",
    "back-left",
    "left",
    "front-left",
)
"""Classes of 45 degrees, centred on multiples of 45, in order of growing azimuth."""

BODY_FILL = 0.53
"""Share of its bounding box that a walking body fills: median over people, clothes and phases.

Only used where an engine cannot count the pixels of the unoccluded body.
"""

MIN_OCCLUDER_SHARE = 0.005
"""Somebody who covers less of a full box than this share is not called an occluder."""


def areas(boxes: np.ndarray) -> np.ndarray:
    """(n,) areas of boxes (n, 4), half-open pixels."""
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)


def viewpoint(camera_location: np.ndarray, position: np.ndarray, yaw: np.ndarray) -> np.ndarray:
    """Azimuth of the camera seen from each body: 0 front, 90 its right side; degrees [0, 360).

    ``camera_location`` (3,) and ``position`` (p, 3) in cm, ``yaw`` (p,) in degrees, in the
    left-handed world frame, where yaw grows from +x towards +y, which is to the right.
    """
    dx = camera_location[0] - position[:, 0]
    dy = camera_location[1] - position[:, 1]
    azimuth = np.mod(np.degrees(np.arctan2(dy, dx)) - yaw, 360.0).astype(np.float32)
    azimuth[azimuth >= 360.0] = 0.0
    return azimuth


def viewpoint_class(azimuth: np.ndarray) -> list[str]:
    """Name of the 45 degree class of each azimuth."""
    sector = np.floor_divide(np.asarray(azimuth, np.float64) + 22.5, 45.0).astype(int) % 8
    return [VIEWPOINTS[i] for i in sector]


def usable_full_boxes(full: np.ndarray, tight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Full boxes with unusable ones replaced by the tight box, and which ones were usable.

    A projection is unusable when it is not finite or has no area, as happens to bodies that
    reach behind the camera. (p, 4) each, half-open pixels; returns (p, 4) float64, (p,) bool.
    """
    usable = np.isfinite(full).all(axis=1)
    usable &= (full[:, 2] > full[:, 0]) & (full[:, 3] > full[:, 1])
    return np.where(usable[:, None], full, tight.astype(np.float64)), usable


def truncation(full: np.ndarray, width: int | np.ndarray, height: int | np.ndarray) -> np.ndarray:
    """Share of each full box (p, 4) that lies outside the frame, float64 in [0, 1]; ``width`` and
    ``height``: of all frames or (p,)."""
    inside = np.clip(full, 0, np.stack([width, height, width, height], axis=-1))
    return np.clip(1.0 - areas(inside) / areas(full), 0.0, 1.0)


def visibility(
    visible: np.ndarray, full_pixels: np.ndarray, full: np.ndarray, usable: np.ndarray
) -> np.ndarray:
    """Visible share of each body, float64 in [0, 1].

    ``visible`` (p,) pixels; ``full_pixels`` (p,) pixels of the unoccluded body, NaN where
    unknown: then it is estimated as ``BODY_FILL`` of the full box, and where that box is not
    ``usable`` either, the body counts as seen in full.
    """
    estimate = np.where(usable, BODY_FILL * areas(full), 0.0)
    whole = np.where(np.isnan(full_pixels), estimate, full_pixels)
    share = visible / np.maximum(whole, 1.0)
    return np.where(whole > 0, np.minimum(share, 1.0), 1.0)


def occluders(
    counts: np.ndarray, distance: np.ndarray, full: np.ndarray, own: np.ndarray
) -> list[list[int]]:
    """Who stands in front of each candidate, largest cover first, as positions in ``distance``.

    ``counts``: (m, p) pixels of each of p people inside the full boxes of m candidates;
    ``distance``: (p,) cm; ``full``: (m, 4) pixels; ``own``: (m,) position of each candidate.
    """
    covers = (counts > 0) & (counts >= MIN_OCCLUDER_SHARE * areas(full)[:, None])
    covers &= distance[None, :] < distance[own][:, None]
    result = []
    for row in range(len(own)):
        who = np.flatnonzero(covers[row])
        result.append(who[np.argsort(-counts[row, who], kind="stable")].tolist())
    return result
