"""One accessory on one dressed body: the measures and means that its builder is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from synth_workers.people.body.fastening import coloured, rigid
from synth_workers.people.body.fitted_body import TIGHTS, FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import Mesh
from synth_workers.people.spec import (
    AccessorySpec,
    Colour,
    CutKind,
    FabricSpec,
    GarmentCut,
    PersonSpec,
    Slot,
)


@dataclass(frozen=True)
class Wearer:
    """A dressed body and the accessory that is fitted to it (metres, body frame)."""

    accessory: AccessorySpec
    spec: PersonSpec
    body: FittedBody

    @cached_property
    def torso(self) -> np.ndarray:
        """(n, 3) points of the trunk."""
        torso = self.body.vertices[TIGHTS]
        return torso[np.abs(torso[:, 0]) < 0.24]

    @cached_property
    def over(self) -> float:
        """How far the clothes of the upper body stand off the skin, dm."""
        return thickness(self.spec)

    @property
    def scale(self) -> float:
        """Size of the wearer against usual people."""
        return float(np.clip(self.body.stature / 1.7, 0.7, 1.1))

    @property
    def size(self) -> float:
        """Size of the accessory, in proportion to its wearer."""
        return self.accessory.size * self.scale

    @property
    def hand(self) -> tuple[str, np.ndarray]:
        """The upright bone in the hand that holds the accessory, and where it is."""
        bone = f"prop_{self.accessory.hand}"
        return bone, self.body.joint(bone).astype(np.float64)

    def surface(self, height: float, band: float, half_width: float) -> np.ndarray:
        """Torso points near a height and not farther out than ``half_width``."""
        near = (np.abs(self.torso[:, 1] - height) < band) & (np.abs(self.torso[:, 0]) < half_width)
        return self.torso[near]

    def cloth(self, factor: float) -> FabricSpec:
        """The accessory's fabric in darker shades."""
        fabric = self.accessory.fabric
        shades = tuple(_darker(colour, factor) for colour in fabric.colours)
        return fabric.model_copy(update={"colours": shades})

    def trim(self, factor: float = 0.65) -> Colour:
        """A darker shade of the accessory's colour."""
        return _darker(self.accessory.fabric.main_colour, factor)

    def rigid(
        self,
        mesh: Mesh,
        bone: str,
        of: str = "",
        fabric: FabricSpec | Colour | None = None,
        **look: float,
    ) -> Part:
        """A mesh that moves with one bone: the accessory itself or, ``of`` it, a named part."""
        name = f"{self.accessory.kind}.{of}" if of else self.accessory.kind
        return rigid(mesh, self.body, bone, fabric or self.accessory.fabric, name, **look)  # type: ignore[arg-type]

    def cover(
        self,
        kind: CutKind,
        of: str = "",
        fabric: FabricSpec | Colour | None = None,
        wrinkle: float = 0.0,
        **cut: object,
    ) -> Part:
        """A piece cut from the body's own surface."""
        shape = GarmentCut(kind=kind, loose=0.0, hide=False, **cut)  # type: ignore[arg-type]
        name = f"{self.accessory.kind}.{of}" if of else self.accessory.kind
        part = coloured(self.body.cut(shape), fabric or self.accessory.fabric)
        return replace(part, name=name, wrinkle=wrinkle)


def thickness(spec: PersonSpec) -> float:
    """How far the clothes of the upper body stand off the skin, dm."""
    upper = (Slot.top, Slot.outer, Slot.dress)
    offs = [
        cut.off + 0.6 * cut.loose
        for garment in spec.garments
        if garment.slot in upper
        for cut in garment.cuts
        if cut.kind is CutKind.top
    ]
    return max(offs, default=0.1)


def _darker(colour: Colour, factor: float) -> Colour:
    red, green, blue = (int(np.clip(round(c * factor), 4, 250)) for c in colour)
    return (red, green, blue)
