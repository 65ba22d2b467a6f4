"""How different people look: descriptors of clothing colour and pattern, nearest neighbours.

Measured on specs and cloth tiles, not on renderings, so that thousands take seconds.
Distances are in CIE units: 2 is just visible, 10 is another shade, 40 another colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.looks.colours import lab
from synth_workers.people.spec import CutKind, DetailKind, PersonSpec, Slot
from synth_workers.people.textures.fabrics import render_tile
from synth_workers.people.worn.accessories.registry import ACCESSORIES
from synth_workers.people.worn.hair.registry import HAIR_STYLES

_TILE = 32
_BANDS = 4

ACCESSORY_UNITS = 15.0
"""What wearing an accessory or not counts for."""

HAIR_UNITS = 6.0
"""What another hair style counts for."""

LENGTH_UNITS = 12.0
"""What an arm's or leg's joint more or less of cloth counts for."""


def clothing_descriptor(spec: PersonSpec) -> np.ndarray:
    """(n,) float32: colour, contrast and pattern of each layer, lengths, details, accessories."""
    parts = [
        _cloth(spec, (Slot.outer, Slot.top, Slot.dress), 1.0),
        _cloth(spec, (Slot.bottom, Slot.skirt, Slot.dress), 1.0),
        _cloth(spec, (Slot.shoes,), 0.4),
        _lengths(spec),
        _prints(spec),
        _accessories(spec),
        _hair(spec),
    ]
    return np.concatenate(parts).astype(np.float32)


def _cloth(spec: PersonSpec, slots: tuple[Slot, ...], weight: float) -> np.ndarray:
    """Mean colour (3), contrast (3) and where its pattern's energy lies (4 bands x 2 ways)."""
    garment = spec.worn_at(*slots)
    if garment is None:
        return np.zeros(6 + 2 * _BANDS, np.float32)
    colours = lab(render_tile(garment.fabric, _TILE))
    flat = colours.reshape(-1, 3)
    energy = np.abs(np.fft.fft2(colours[..., 0] - colours[..., 0].mean())) ** 2 / _TILE**4
    frequency = np.abs(np.fft.fftfreq(_TILE) * _TILE)
    radius = np.hypot(frequency[:, None], frequency[None])
    down = frequency[:, None] >= frequency[None]
    bands = []
    for band in range(_BANDS):
        ring = (radius >= 2.0**band) & (radius < 2.0 ** (band + 1))
        bands += [np.sqrt(energy[ring & down].sum()), np.sqrt(energy[ring & ~down].sum())]
    return weight * np.concatenate([flat.mean(0), flat.std(0), bands])


def _lengths(spec: PersonSpec) -> np.ndarray:
    cuts = [cut for garment in spec.garments for cut in garment.cuts]
    sleeve = max((cut.sleeve for cut in cuts if cut.kind is CutKind.top), default=0.0)
    legs = (CutKind.bottom, CutKind.skirt)
    leg = max((cut.leg for cut in cuts if cut.kind in legs), default=0.0)
    skirt = any(cut.kind is CutKind.skirt for cut in cuts)
    shoe = max((cut.top for cut in cuts if cut.kind is CutKind.shoe), default=2.0)
    opened = max((cut.open for cut in cuts), default=0.0)
    return LENGTH_UNITS * np.array([sleeve, leg, float(skirt), 2.0 - shoe, opened], np.float32)


def _prints(spec: PersonSpec) -> np.ndarray:
    """Colours of front prints, weighted by how much of a person they cover."""
    marks = (DetailKind.front_print, DetailKind.chest_logo, DetailKind.back_print)
    found = np.zeros((len(marks), 3), np.float32)
    for garment in spec.garments:
        ground = lab(garment.fabric.main_colour)
        for detail in garment.details:
            if detail.kind in marks:
                found[marks.index(detail.kind)] = lab(detail.colours[0]) - ground
    return (found * np.array([[0.4], [0.15], [0.4]], np.float32)).ravel()


def _hair(spec: PersonSpec) -> np.ndarray:
    """Its colour and which style it is."""
    styles = HAIR_STYLES.names
    shape = np.zeros(len(styles), np.float32)
    shape[styles.index(spec.hair.style)] = HAIR_UNITS
    return np.concatenate([0.5 * lab(spec.hair.colour), shape])


def _accessories(spec: PersonSpec) -> np.ndarray:
    """Which there are, and their colours."""
    kinds = ACCESSORIES.names
    worn = np.zeros((len(kinds), 4), np.float32)
    for accessory in spec.accessories:
        row = kinds.index(accessory.kind)
        worn[row] = [ACCESSORY_UNITS, *(0.3 * lab(accessory.fabric.main_colour))]
    return worn.ravel()


@dataclass(frozen=True)
class Diversity:
    """Nearest-neighbour distances of a crowd, CIE units.

    ``strangers``: (n,) of each person to the nearest person who is not in their look-alike
    group. ``look_alikes``: (m,) of each group member to the nearest of their group.
    ``equal_looks``: people who look exactly like somebody before them.
    """

    strangers: np.ndarray
    look_alikes: np.ndarray
    equal_looks: int

    def summary(self) -> dict[str, float]:
        """Percentiles for reports."""
        shares = (1, 10, 50, 90)
        named = {"strangers": self.strangers, "look_alikes": self.look_alikes}
        return {
            f"{name}_p{share}": round(float(np.percentile(values, share)), 2)
            for name, values in named.items()
            if len(values)
            for share in shares
        } | {"equal_looks": self.equal_looks}


def measure(specs: Sequence[PersonSpec]) -> Diversity:
    """Measure a crowd."""
    described = np.stack([clothing_descriptor(spec) for spec in specs])
    groups = [spec.look_alike.group_id if spec.look_alike else None for spec in specs]
    neighbours = min(len(specs), 8)
    distance, near = map(np.asarray, KDTree(described).query(described, k=neighbours))
    strangers, look_alikes = [], []
    for person, group in enumerate(groups):
        others = [
            (float(d), int(other))
            for d, other in zip(distance[person], near[person], strict=True)
            if int(other) != person and int(other) < len(specs)
        ]
        foreign = [d for d, other in others if group is None or groups[other] != group]
        if foreign:
            strangers.append(foreign[0])
        if group is not None:
            mates = [i for i, name in enumerate(groups) if name == group and i != person]
            if mates:
                gaps = np.linalg.norm(described[mates] - described[person], axis=1)
                look_alikes.append(float(gaps.min()))
    anonymous = {"person_id": "", "index": 0, "look_alike": None}
    looks = {spec.model_copy(update=anonymous).digest() for spec in specs}
    return Diversity(np.array(strangers), np.array(look_alikes), len(specs) - len(looks))
