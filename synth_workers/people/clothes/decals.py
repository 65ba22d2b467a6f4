"""Where construction details sit on garments: each is a panel of its garment, a little outside.

Pockets, plackets, zips, belts, collars, cuffs, logos and prints are cut from the same surface
as the garment they lie on, so they follow every body and pose. Soles are made with the shoes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manifests.errors import BadRecipe
from synth_workers.people.body.fastening import coloured, once_over
from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.body.straps import Surface, outer_line, ribbon
from synth_workers.people.clothes import collars, laces
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import vector
from synth_workers.people.spec import (
    Colour,
    CutKind,
    DetailKind,
    DetailSpec,
    FabricSpec,
    GarmentCut,
    GarmentSpec,
    Neck,
    Panel,
    PersonSpec,
    Side,
    Slot,
)

_LIFT, _BAND_LIFT = 0.02, 0.06
"""Decimetres that details, and the bands of hems, lie above their garment."""

_TILE = 0.5

_BELOW_THE_WAIST = {DetailKind.hem_band, DetailKind.kangaroo_pocket}
"""Details of a top that a skirt's waistband covers."""

_FRONT, _BACK = Side.front, Side.back


def decal_parts(spec: PersonSpec, body: FittedBody) -> list[Part]:
    """All construction details of a person's clothes."""
    outer = [garment for garment in spec.garments if garment.slot is Slot.outer]
    closed = any(not all(cut.open for cut in garment.cuts) for garment in outer)
    skirted = any(garment.slot is Slot.skirt for garment in spec.garments)
    hooded = any(accessory.kind == "hood" for accessory in spec.accessories)
    parts = []
    for garment in spec.garments:
        if closed and garment.slot in (Slot.top, Slot.dress):
            continue
        if garment.slot is Slot.shoes:
            parts.extend(laces.lace_parts(garment, body))
        tucked_in = garment.slot is Slot.top and skirted
        for detail in garment.details:
            if not (tucked_in and detail.kind in _BELOW_THE_WAIST):
                parts.extend(detail_parts(detail, garment, body))
        if garment.pack is None and garment.cuts[0].neck is Neck.hood and not hooded:
            parts.extend(collars.hood_parts(garment, body))
    return parts


def detail_parts(detail: DetailSpec, garment: GarmentSpec, body: FittedBody) -> list[Part]:
    """The panels of one detail; none for details that other rooms draw."""
    if detail.kind is DetailKind.side_stripe:
        return _side_stripes(detail, garment, body)
    if detail.kind is DetailKind.collar:
        return collars.collar_parts(garment, detail.colours[0], body)
    parts = []
    lift = _BAND_LIFT if detail.kind is DetailKind.hem_band else _LIFT
    for cut, panel, motif in placed(detail, garment):
        piece = _host(cut, panel).model_copy(
            update={"panel": panel, "off": round(cut.off + lift, 4), "hide": False}
        )
        try:
            part = body.cut(piece)
        except BadRecipe:
            # The panel misses the garment altogether, as a logo does in a wide opening.
            continue
        fabric = _decal(detail, garment, motif)
        part = replace(part, wrinkle=garment.wrinkle * 0.6, specular=garment.gloss)
        parts.append(
            replace(once_over(coloured(part, fabric), _TILE), name=f"{garment.name}.{detail.kind}")
        )
    return parts


def _side_stripes(detail: DetailSpec, garment: GarmentSpec, body: FittedBody) -> list[Part]:
    """A stripe, or two, down the outside of each leg."""
    worn = body.cut(garment.cuts[0])
    surface = Surface(worn.positions, worn.normals, worn.bones, worn.weights)
    wide = detail.seed % 2 == 0
    parts = []
    for side in (1.0, -1.0):
        line = outer_line(surface, side)
        for shift in (0.0,) if wide else (-0.011, 0.011):
            way, name = line + vector(0, 0, shift), f"{garment.name}.{detail.kind}"
            width = 0.03 if wide else 0.012
            parts.append(ribbon(surface, way, width, 0.008, detail.colours[0], name))
    return parts


def _host(cut: GarmentCut, panel: Panel) -> GarmentCut:
    """The garment's cut without what the panel cannot see of its outline.

    A chest pocket is the same on long and short sleeves: fewer kinds of panels are fewer
    templates to make.
    """
    update: dict[str, object] = {}
    if cut.kind is CutKind.top:
        update["sleeve"] = 1.95
        if panel.t0 > cut.hem + 0.04:
            update["hem"] = 0.05
        if panel.t1 < 0.85 and cut.neck not in (Neck.v, Neck.scoop):
            update["neck"] = Neck.crew
    elif panel.t0 >= 0.0:
        update["leg"] = 1.9 if cut.kind is CutKind.bottom else 1.0
    return cut.model_copy(update=update)


def _decal(detail: DetailSpec, garment: GarmentSpec, motif: str) -> FabricSpec:
    ground: Colour = garment.fabric.main_colour
    marks = detail.colours if len(detail.colours) > 1 else (*detail.colours, _accent(detail))
    return FabricSpec(
        kind="decal", colours=(ground, *marks), seed=detail.seed, motif=motif, tile=_TILE
    )


def _accent(detail: DetailSpec) -> Colour:
    rng = np.random.default_rng(detail.seed)
    red, green, blue = (int(np.clip(c + rng.integers(-90, 90), 10, 235)) for c in detail.colours[0])
    return (red, green, blue)


def placed(detail: DetailSpec, garment: GarmentSpec) -> list[tuple[GarmentCut, Panel, str]]:
    """(cut it lies on, panel, motif) of each piece of a detail.

    Panel heights are the torso field: 0 crotch, 1 base of the neck; x in decimetres.
    """
    first, *others = garment.cuts
    top = first.kind is CutKind.top

    def panels(
        motif: str,
        low: float,
        high: float,
        *spans: tuple[float, float],
        sides: tuple[Side, ...] = (_FRONT,),
        cut: GarmentCut = first,
    ) -> list[tuple[GarmentCut, Panel, str]]:
        height = {"t0": round(low, 3), "t1": round(high, 3)}
        return [
            (cut, Panel(x0=x0, x1=x1, side=side, **height), motif)
            for x0, x1 in spans
            for side in sides
        ]

    match detail.kind:
        case DetailKind.chest_logo:
            return panels("logo", 0.70, 0.80, (0.45, 1.0))
        case DetailKind.front_print:
            return panels("graphic", 0.50, 0.80, (-0.95, 0.95))
        case DetailKind.back_print:
            return panels("graphic", 0.48, 0.84, (-1.1, 1.1), sides=(_BACK,))
        case DetailKind.chest_pocket:
            two = any(row.two_pockets for row in GARMENTS if row.name == garment.name)
            return panels("pocket", 0.58, 0.74, (0.35, 1.05), *[(-1.05, -0.35)] * two)
        case DetailKind.kangaroo_pocket:
            low = max(first.hem if top else 0.0, 0.02) + 0.04
            return panels("kangaroo", low, 0.34, (-1.05, 1.05))
        case DetailKind.hip_pockets if top:
            low = max(first.hem + 0.05, 0.12)
            return panels("welt", low, low + 0.15, (0.6, 1.25), (-1.25, -0.6))
        case DetailKind.hip_pockets:
            return panels("welt", 0.02, 0.16, (0.85, 1.4), (-1.4, -0.85))
        case DetailKind.back_pockets:
            return panels("pocket", 0.0, 0.14, (0.35, 1.1), (-1.1, -0.35), sides=(_BACK,))
        case DetailKind.fly:
            return panels("fly", 0.03, first.waist - 0.06, (-0.14, 0.22))
        case DetailKind.belt:
            high = first.waist if first.kind in (CutKind.bottom, CutKind.skirt) else 0.36
            behind = panels("band", high - 0.065, high, (-3, 3), sides=(_BACK,))
            return [*panels("belt", high - 0.065, high, (-3, 3)), *behind]
        case DetailKind.placket | DetailKind.zip if not first.open:
            motif = str(detail.kind)
            half = 0.16 if motif == "placket" else 0.12
            low = -3.0 if motif == "placket" and first.kind is CutKind.skirt else -0.3
            below = [panels(motif, -3, 1, (-half, half), cut=cut) for cut in others]
            return sum(below, panels(motif, low, 1.3, (-half, half)))
        case DetailKind.hem_band if top:
            sides = (_FRONT, _BACK)
            return panels("rib", first.hem - 0.05, first.hem + 0.06, (-3, 3), sides=sides)
        case DetailKind.yoke:
            return panels("plain", 0.86, 1.02, (-2.2, 2.2), sides=(_FRONT, _BACK))
        case _:
            return []
