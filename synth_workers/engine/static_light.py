"""Light that never moves, per vertex: lamps on the scenery and surfaces that glow themselves."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.geometry import (
    GLOW_UNIT,
    SWITCH_ALWAYS,
    SWITCH_LAMP,
    SWITCH_WINDOW,
    LightPreset,
)

_WINDOW_VALUES = 253


def glow_colours(vertices: np.ndarray, light: LightPreset) -> np.ndarray:
    """(n, 3) float32: the colour a surface emits, as a factor of its albedo."""
    switch = vertices["switch"].astype(np.int16)
    colours = np.zeros((len(vertices), 3), np.float32)
    colours[switch == SWITCH_ALWAYS] = 1.0
    colours[switch == SWITCH_LAMP] = light.lamp_colour
    window = switch >= SWITCH_WINDOW
    on = window & ((switch - SWITCH_WINDOW) / _WINDOW_VALUES < light.windows_lit)
    colours[on] = light.window_colour
    return colours * (vertices["glow"].astype(np.float32) / GLOW_UNIT)[:, None]


def lamp_light(vertices: np.ndarray, light: LightPreset) -> np.ndarray:
    """(n, 3) float32: what the preset's point lights shed on each vertex, unshadowed."""
    positions = vertices["position"].astype(np.float32)
    normals = (vertices["normal"][:, :3].astype(np.float32) - 128) / 127
    total = np.zeros((len(vertices), 3), np.float32)
    for lamp in light.lamps:
        way = np.asarray(lamp.position, np.float32) - positions
        near = np.flatnonzero((way * way).sum(axis=1) < lamp.reach**2)
        if not len(near):
            continue
        distance = np.linalg.norm(way[near], axis=1)
        facing = np.maximum((normals[near] * way[near]).sum(axis=1), 0) / np.maximum(distance, 1e-6)
        arriving = (facing * lamp.attenuation(distance)).astype(np.float32)
        total[near] += arriving[:, None] * np.asarray(lamp.colour, np.float32)
    return total


def extra_light(vertices: np.ndarray, light: LightPreset) -> np.ndarray:
    """(n, 4) float16: lamp light plus glow (rgb), the last column unused."""
    extra = np.zeros((len(vertices), 4), np.float16)
    extra[:, :3] = np.minimum(lamp_light(vertices, light) + glow_colours(vertices, light), 6e4)
    return extra
