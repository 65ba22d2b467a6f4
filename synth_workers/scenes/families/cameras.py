"""Where the cameras of a world hang: searched among its mounts for what they would see.

Metres, engine's frame. A candidate is kept if it sees enough of the walk past everything that
stands, at useful sizes; the chosen ones differ in height, pitch, field of view, distance and side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.errors import BadScene
from synth_workers.coordinates import focal_length, to_image
from synth_workers.lens import IDEAL
from synth_workers.scenes.checks import TALLEST
from synth_workers.scenes.families.looks import draw_look
from synth_workers.scenes.families.sight import hit_distances, inside_any
from synth_workers.scenes.families.site import Mount, Site
from synth_workers.scenes.scene_file import CameraEntry, Point3

CAMERAS = 6
"""How many cameras a world has."""

HEIGHTS = (2.3, 8.0)
PITCHES = (2.0, 50.0)
FOVS = (30.0, 105.0)
"""Metres, degrees downwards, degrees across: what cameras may have."""

LEAST_SEEN = 14.0
"""Square metres of walk that a camera must see well."""

_ENOUGH_SEEN = 24.0
"""Square metres from which more of them make a camera no better."""

_EYES = 48
_AIMS = 6
_WIDTH, _HEIGHT = 1280, 720
_USEFUL = 110.0
"""Pixels from which a person is worth something; worth all at 1.6 times that."""

_WELL_SEEN, _WELL = 6, 0.55
"""So many places must be seen so well, of 1, on average."""

_TALL = (125.0, 300.0)
"""Between which heights, pixels, people are where a camera is aimed at."""

_STATURE = 1.72
_SAMPLE_STEP = 1.5
_ACROSS = (-0.6, 0.0, 0.6)
_BODY = np.array([0.45, 1.4])
"""Heights at which a person must be seen."""

_FARTHEST = 30.0
_CLEARANCE = 0.3
_CLOSE = 2.0
_MOST_CLOSE = 0.12
"""Share of the picture that things nearer than ``_CLOSE`` may fill."""

_WALL_ANGLE = 75.0
_SCALES = np.array([1.2, 8.0, 0.22, 4.0, 6.0, 6.0, 0.7, 0.7])
"""What makes two views as different as another: height, pitch, log of the field of view, distance,
place, and the direction in which it looks."""


_ARM = 0.5
"""Metres between two cameras at least."""

_LEAN = np.array([1.2, 1.4, 1.5])
_POSE_SCALES = np.array([1.2, 8.0, 12.0])
"""How poses that are wanted are spread (see ``_wanted_poses``), and by how much one may miss them:
metres of height, degrees of pitch and of field of view."""


@dataclass(frozen=True)
class _Views:
    """Candidates: ``at``, ``look_at`` (n, 3), ``pitch``, ``fov`` (n,), ``seen`` (n,) square metres
    seen well, ``traits`` (n, 8) in units of ``_SCALES``, ``worth`` (n, samples) of each piece of
    the walk."""

    at: np.ndarray
    look_at: np.ndarray
    pitch: np.ndarray
    fov: np.ndarray
    seen: np.ndarray
    traits: np.ndarray
    worth: np.ndarray


def choose_cameras(site: Site, count: int) -> tuple[CameraEntry, ...]:
    """``count`` cameras for a site; `BadScene` if its mounts do not see enough of its walk."""
    rng = site.stream("cameras")
    views = _candidates(site, rng)
    chosen: list[int] = []
    gain = np.minimum(views.seen, _ENOUGH_SEEN) / _ENOUGH_SEEN
    poses = np.column_stack([views.at[:, 2], views.pitch, views.fov])
    for wanted in _wanted_poses(count, rng)[: len(gain)]:
        best = int(np.argmax(gain * _closeness(poses, wanted)))
        if gain[best] == 0:
            break
        chosen.append(best)
        apart = np.linalg.norm(views.traits - views.traits[best], axis=1)
        own = np.maximum(views.worth.sum(axis=1), 1e-9)
        shared = np.minimum(views.worth, views.worth[best]).sum(axis=1) / own
        gain = gain * (1 - np.exp(-((apart / 2.2) ** 2))) * (1 - 0.6 * shared)
        gain[np.linalg.norm(views.at - views.at[best], axis=1) < _ARM] = 0
    if len(chosen) < count:
        raise BadScene(
            f"scene {site.name}: {len(chosen)} places for cameras of the {count} it needs "
            f"({len(site.mounts)} mounts)"
        )
    looks = site.stream("looks")
    return tuple(
        _entry(f"{site.name}_c{k:02d}", views, best, looks) for k, best in enumerate(chosen, 1)
    )


def _wanted_poses(count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 3) heights, pitches and fields of view that cameras should have: each spread evenly
    over its range, but for a lean towards the low, level and narrow, which see most people."""
    ranges = np.array([HEIGHTS, PITCHES, FOVS])
    steps = np.stack([rng.permutation(count) for _ in ranges], axis=1)
    share = (steps + rng.random(steps.shape)) / count
    return ranges[:, 0] + (ranges[:, 1] - ranges[:, 0]) * share**_LEAN


def _closeness(poses: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(n,) how near (n, 3) poses come to a wanted one; 1 where they are equal."""
    return np.exp(-0.5 * np.sum(((poses - wanted) / _POSE_SCALES) ** 2, axis=1))


def _entry(name: str, views: _Views, k: int, rng: np.random.Generator) -> CameraEntry:
    look, distortion = draw_look(rng)
    return CameraEntry(
        name=name,
        at=_point(views.at[k]),
        look_at=_point(views.look_at[k]),
        fov=round(float(views.fov[k]), 1),
        distortion=distortion,
        look=look,
    )


def _point(values: np.ndarray) -> Point3:
    x, y, z = (round(float(value), 3) + 0.0 for value in values)
    return (x, y, z)


def _samples(site: Site) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) places of people on the walk, and (n,) square metres that each stands for."""
    places, areas = [], []
    for (x0, y0), (x1, y1), width in site.lanes:
        start, span = np.array([x0, y0]), np.array([x1 - x0, y1 - y0])
        length = max(float(np.hypot(*span)), 1e-6)
        count = max(round(length / _SAMPLE_STEP), 1)
        along = (np.arange(count) + 0.5) / count
        side = np.array([-span[1], span[0]]) / length * width / 2
        for share in _ACROSS:
            places.append(start + along[:, None] * span + side * share)
            areas.append(np.full(count, length / count * width / len(_ACROSS)))
    flat = np.concatenate(places)
    return np.column_stack([flat, np.zeros(len(flat))]), np.concatenate(areas)


def _eyes(site: Site, hides: np.ndarray, rng: np.random.Generator) -> list[tuple[Mount, Point3]]:
    """Places for cameras: mounts in random order at random heights, none inside of anything."""
    order = rng.permutation(len(site.mounts))
    eyes: list[tuple[Mount, Point3]] = []
    for k in np.resize(order, max(3 * _EYES, len(order))):
        mount = site.mounts[int(k)]
        low, high = max(mount.low, HEIGHTS[0]), min(mount.high, HEIGHTS[1])
        place = (mount.x, mount.y, float(rng.uniform(low, high)))
        if not inside_any(np.array([place]), hides, _CLEARANCE)[0]:
            eyes.append((mount, place))
        if len(eyes) == _EYES:
            break
    return eyes


def _axes(at: np.ndarray, look_at: np.ndarray) -> np.ndarray:
    """Forward, right and up, rows of (3, 3)."""
    forward = (look_at - at) / np.linalg.norm(look_at - at)
    right = np.array([forward[1], -forward[0], 0.0]) / np.hypot(forward[0], forward[1])
    return np.stack([forward, right, np.cross(right, forward)])


def _candidates(site: Site, rng: np.random.Generator) -> _Views:
    places, areas = _samples(site)
    hides = site.hides()
    found: list[tuple[np.ndarray, np.ndarray, float, float, float, np.ndarray, np.ndarray]] = []
    for mount, place in _eyes(site, hides, rng):
        eye = np.array(place)
        flat = places[:, :2] - eye[:2]
        distance = np.hypot(*flat.T)
        near = np.flatnonzero((distance < _FARTHEST) & (distance > 1.0))
        if not len(near):
            continue
        targets = (places[near, None] + np.stack([0 * _BODY, 0 * _BODY, _BODY], 1)).reshape(-1, 3)
        clear = hit_distances(eye[None], targets[None], hides)[0] >= 1.0
        visible = clear.reshape(-1, len(_BODY)).mean(axis=1)
        for _ in range(_AIMS):
            fov = float(rng.uniform(*FOVS))
            tall = float(np.exp(rng.uniform(*np.log(_TALL))))
            target = _aim(mount, eye, places[near], distance[near], visible, fov, tall, rng)
            if target is None:
                continue
            axes = _axes(eye, target)
            pitch = -float(np.degrees(np.arcsin(axes[0, 2])))
            if not PITCHES[0] <= pitch <= PITCHES[1] or _obstructed(eye, axes, fov, hides):
                continue
            height = _heights(places[near] - eye, axes, fov)
            size = np.clip((height / _USEFUL - 0.95) / 0.65, 0, 1) * (height <= TALLEST)
            value, worth = size * visible**2, np.zeros(len(places))
            worth[near] = value * areas[near]
            seen = float(worth.sum())
            if seen >= LEAST_SEEN and np.sort(value)[-_WELL_SEEN:].mean() >= _WELL:
                away = float(worth[near] @ distance[near]) / seen
                side = axes[0, :2] / np.hypot(*axes[0, :2])
                traits = np.array([eye[2], pitch, np.log(fov), away, *eye[:2], *side]) / _SCALES
                found.append((eye, target, pitch, fov, seen, traits, worth))
    if not found:
        raise BadScene(f"scene {site.name}: no camera sees enough of the walk")
    columns = (np.array(column) for column in zip(*found, strict=True))
    return _Views(*columns)


def _aim(
    mount: Mount, eye: np.ndarray, places: np.ndarray, distance: np.ndarray, visible: np.ndarray,
    fov: float, tall: float, rng: np.random.Generator,
) -> np.ndarray | None:  # fmt: skip
    """A visible place on the walk at which people are about ``tall`` pixels, if there is one."""
    wanted = focal_length(fov, _WIDTH) * _STATURE / tall
    fit = (visible > 0.9) & (np.abs(np.log(distance / wanted)) < 0.3)
    if mount.facing is not None:
        angle = np.degrees(np.arctan2(*(places[:, :2] - eye[:2]).T[::-1]))
        fit &= np.abs((angle - mount.facing + 180) % 360 - 180) < _WALL_ANGLE
    options = np.flatnonzero(fit)
    if not len(options):
        return None
    target = places[options[int(rng.integers(len(options)))]].copy()
    target[2] = rng.uniform(0.5, 1.1)
    return np.round(target, 3)


def _heights(relative: np.ndarray, axes: np.ndarray, fov: float) -> np.ndarray:
    """(n,) pixels that a standing person is tall; 0 where it is not whole in the picture."""
    focal, size = focal_length(fov, _WIDTH), (_WIDTH, _HEIGHT)
    feet = to_image(relative, axes, focal, size, IDEAL)
    heads = to_image(relative + (0, 0, _STATURE), axes, focal, size, IDEAL)
    inside = (feet[:, 2] > 0.3) & (heads[:, 2] > 0.3)
    with np.errstate(invalid="ignore"):
        for ends in (feet, heads):
            inside &= (ends[:, 0] > 30) & (ends[:, 0] < _WIDTH - 30)
            inside &= (ends[:, 1] > 8) & (ends[:, 1] < _HEIGHT - 8)
        return np.where(inside, feet[:, 1] - heads[:, 1], 0.0)


def _obstructed(eye: np.ndarray, axes: np.ndarray, fov: float, hides: np.ndarray) -> bool:
    """Whether something right before the lens fills too much of the picture."""
    across = np.tan(np.radians(fov) / 2) * np.linspace(-0.95, 0.95, 9)
    rise = np.tan(np.radians(fov) / 2) * _HEIGHT / _WIDTH * np.linspace(-0.95, 0.95, 7)
    rays = axes[0] + (across[:, None, None] * axes[1] + rise[None, :, None] * axes[2])
    rays = rays.reshape(-1, 3)
    rays = rays / np.linalg.norm(rays, axis=1, keepdims=True) * _CLOSE
    reached = hit_distances(eye[None], (eye + rays)[None], hides)[0]
    return bool((reached < 1).mean() > _MOST_CLOSE)
