"""Rows of parking bays: paint and parked cars."""

from __future__ import annotations

from dataclasses import dataclass

from synth_workers.scenes.families.furnishing import car
from synth_workers.scenes.families.site import Site

BAY_DEPTH = 5.0
"""Metres from the drive to the far end of a bay."""


@dataclass(frozen=True)
class BayRow:
    """Bays along x from ``start``, ``count`` of them, ``width`` metres each, beside a drive whose
    edge is ``edge``; ``side``: 1 if they lie north of it, -1 if south."""

    start: float
    count: int
    width: float
    edge: float
    side: int

    @property
    def far(self) -> float:
        """y of their far ends."""
        return self.edge + self.side * BAY_DEPTH


def fill_bays(site: Site, bays: BayRow, share: float) -> None:
    """Paints bays and parks cars in about ``share`` of them."""
    end = bays.start + bays.count * bays.width
    corner = (bays.start if bays.side > 0 else end, bays.far)
    site.put("bay_lines", corner, -bays.side * 90, count=bays.count, width=bays.width,
             depth=BAY_DEPTH - 0.1)  # fmt: skip
    for k in range(bays.count):
        if site.chance(share):
            place = (bays.start + (k + 0.5) * bays.width, bays.edge + bays.side * 2.55)
            car(site, place, 90 if site.chance(0.5) else -90)
