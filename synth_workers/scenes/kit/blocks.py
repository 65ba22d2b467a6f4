"""Free-standing buildings with windows on all four sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synth_workers.scenes.kit.building_styles import GROUND_STOREY, STYLES
from synth_workers.scenes.kit.facades import (
    add_mouldings,
    add_openings,
    draw_wall,
    expect_styles,
)
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.parts import Sketch


def _block_boxes(size: Sequence[float], storeys: int, style: str, **_: object) -> list[Box]:
    x, y = size[0] / 2 + 0.35, size[1] / 2 + 0.35
    return [(-x, -y, 0.0, x, y, GROUND_STOREY + storeys * STYLES[style].storey)]


def _canopies(size: Sequence[float], **_: object) -> list[Box]:
    x, y = size[0] / 2, size[1] / 2
    return [(-x - 1.4, -3.0, 2.3, x + 1.4, 3.0, 3.5), (-3.0, -y - 1.4, 2.3, 3.0, y + 1.4, 3.5)]


@piece("block", boxes=_block_boxes, overhead=_canopies)
def build_block(
    sketch: Sketch, size: Sequence[float] = (20.0, 12.0), storeys: int = 3, style: str = "modern",
    lift: float = 0.0,
) -> None:  # fmt: skip
    """A free-standing building with windows on all sides, ``size`` along x and y; ``lift``: see
    `Style`."""
    expect_styles([style])
    x, y = size
    manner, rng = replace(STYLES[style], lift=lift), sketch.rng
    top, wall = GROUND_STOREY + storeys * manner.storey, draw_wall(rng, manner)
    fronts = (
        ((x / 2, -y / 2), 0.0, y), ((x / 2, y / 2), 90.0, x),
        ((-x / 2, y / 2), 180.0, y), ((-x / 2, -y / 2), 270.0, x),
    )  # fmt: skip
    for corner, heading, width in fronts:
        front = Sketch(rng)
        add_openings(front, manner, width, top, wall)
        add_mouldings(front, manner, width, top)
        sketch.include(front, (*corner, 0.0), float(np.radians(heading)))
    sketch.boxes((0, 0, 0), (x - 1.2, y - 1.2, top), manner.wall, wall * 0.8, ("+z",))
    edge = np.array([(0, y / 2 - 0.5), (0, 0.5 - y / 2), (x / 2 - 0.5, 0), (0.5 - x / 2, 0)])
    roof = [(x, 1.0, 0.1), (x, 1.0, 0.1), (1.0, y, 0.1), (1.0, y, 0.1)]
    rims = np.column_stack([edge, np.full(4, top)])
    sketch.boxes(rims, roof, "concrete", (170, 168, 164), ("+z",))
