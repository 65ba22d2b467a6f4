"""Shapes of what people wear and carry, fitted to one body.

Bags and umbrellas in the hand hang on the two upright prop bones; packs and scarves are rigid
on the chest, hats, glasses and headphones on the head; straps and masks are cut from the
body's own surface. Which ones a person has is decided by ``things``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synth_workers.people.body.fastening import coloured, rigid, skinned
from synth_workers.people.body.fitted_body import TIGHTS, FittedBody
from synth_workers.people.body.rig import trolley_grip_height
from synth_workers.people.body.straps import ribbon, shoulder_strap, torso_surface
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import (
    Mesh,
    disc,
    joined,
    lathe,
    rounded_box,
    tube,
    vector,
)
from synth_workers.people.spec import (
    AccessoryKind,
    AccessorySpec,
    Colour,
    CutKind,
    FabricKind,
    FabricSpec,
    GarmentCut,
    Neck,
    PersonSpec,
    Slot,
)

K = AccessoryKind


@dataclass(frozen=True)
class Wearer:
    """The measures of a dressed body that accessories are fitted to (metres; ``over``: dm)."""

    body: FittedBody
    spec: PersonSpec
    torso: np.ndarray
    over: float
    scale: float

    def surface(self, height: float, band: float, half_width: float) -> np.ndarray:
        """Torso points near a height and not farther out than ``half_width``."""
        near = (np.abs(self.torso[:, 1] - height) < band) & (np.abs(self.torso[:, 0]) < half_width)
        return self.torso[near]


def accessory_parts(spec: PersonSpec, body: FittedBody) -> list[Part]:
    """The parts of everything a person wears or carries besides clothes and hair."""
    torso = body.vertices[TIGHTS]
    torso = torso[np.abs(torso[:, 0]) < 0.24]
    scale = float(np.clip(body.stature / 1.7, 0.7, 1.1))
    wearer = Wearer(body, spec, torso, thickness(spec), scale)
    parts: list[Part] = []
    for accessory in spec.accessories:
        parts.extend(_MAKE[accessory.kind](accessory, wearer))
    return parts


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


def _trim(accessory: AccessorySpec, factor: float = 0.65) -> Colour:
    return _darker(accessory.fabric.main_colour, factor)


def _strap(wearer: Wearer, fabric: FabricSpec | Colour, name: str, **where: object) -> Part:
    """A strap cut from the torso's surface, over the clothes."""
    cut = GarmentCut(
        kind=CutKind.top,
        sleeve=0.3,
        hem=0.12,
        neck=Neck.crew,
        off=round(wearer.over + 0.1, 2),
        loose=0.0,
        hide=False,
        **where,  # type: ignore[arg-type]
    )
    return replace(coloured(wearer.body.cut(cut), fabric), name=name, wrinkle=0.0)


def _backpack(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    body, size = wearer.body, accessory.size * wearer.scale
    middle = 0.5 * (body.joint("spine_03")[1] + body.joint("neck_01")[1]) - 0.075 * size
    back = wearer.surface(middle, 0.12, 0.12)[:, 2].min() - wearer.over * 0.1
    depth = 0.072 * size
    centre = np.array([0.0, middle, back - depth - 0.004])
    bag = rounded_box((0.142 * size, 0.205 * size, depth), 0.42).moved(centre)
    pocket = rounded_box((0.112 * size, 0.085 * size, 0.03 * size), 0.42).moved(
        centre + vector(0, -0.085 * size, -depth)
    )
    lid = tube(
        centre + np.array([[x, 0.075 * size, -depth * 0.93] for x in np.linspace(-0.1, 0.1, 5)])
        * [size, 1, 1], 0.006,
    )  # fmt: skip
    loop = [[-0.03, 0.2, 0.03], [-0.02, 0.235, 0.03], [0.02, 0.235, 0.03], [0.03, 0.2, 0.03]]
    handle = tube(centre + np.array(loop) * size, 0.007)
    straps = []
    for side in (1.0, -1.0):
        way = shoulder_strap(
            body,
            side,
            centre + vector(0.055 * size, 0.17 * size, depth),
            centre + vector(0.11 * size, -0.13 * size, depth),
        )
        straps.append(ribbon(torso_surface(body), way, 0.048, 0.1 * wearer.over + 0.008))
    trim = _trim(accessory)
    return [
        rigid(bag, body, "spine_03", accessory.fabric, "backpack"),
        rigid(pocket, body, "spine_03", _shaded_cloth(accessory.fabric, 0.85), "backpack.pocket"),
        rigid(joined(lid, handle), body, "spine_03", trim, "backpack.trim"),
        *(
            skinned(strap.mesh, strap.bones, strap.weights, trim, "backpack.strap")
            for strap in straps
        ),
    ]


def _shaded_cloth(fabric: FabricSpec, factor: float) -> FabricSpec:
    shades = tuple(_darker(colour, factor) for colour in fabric.colours)
    return fabric.model_copy(update={"colours": shades})


def _crossbody(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    body, size = wearer.body, accessory.size * wearer.scale
    hip = body.joint("pelvis")[1]
    side = wearer.surface(hip, 0.05, 0.3)[:, 0].max()
    thick = 0.042 * size
    centre = np.array([side + wearer.over * 0.06 + thick, hip - 0.02, 0.02])
    bag = rounded_box((thick, 0.085 * size, 0.12 * size), 0.35).moved(centre)
    flap = rounded_box((0.008, 0.05 * size, 0.122 * size), 0.35).moved(
        centre + vector(thick, 0.036 * size, 0)
    )
    band = (-1.1, 6.0, 1.75, 1.5, 0.17)
    return [
        rigid(bag, body, "pelvis", accessory.fabric, "crossbody"),
        rigid(flap, body, "pelvis", _shaded_cloth(accessory.fabric, 0.82), "crossbody.flap"),
        _strap(wearer, _trim(accessory), "crossbody.strap", band=band),
    ]


def _at_hand(accessory: AccessorySpec, wearer: Wearer) -> tuple[str, np.ndarray]:
    bone = f"prop_{accessory.hand}"
    return bone, wearer.body.joint(bone).astype(np.float64)


def _handles(drop: float, half_depth: float, thick: float, apart: float) -> Mesh:
    """Two loops from the fist down to a bag's rim."""

    def loop(side: float) -> Mesh:
        path = [
            [side, -drop, -half_depth],
            [side * 0.6, -drop * 0.45, -half_depth * 0.7],
            [0.0, 0.0, 0.0],
            [side * 0.6, -drop * 0.45, half_depth * 0.7],
            [side, -drop, half_depth],
        ]
        return tube(np.array(path), thick, 6)

    return joined(loop(-apart), loop(apart))


def _hand_bag(
    half: tuple[float, float, float], drop: float, roundness: float, thick: float
) -> Callable[[AccessorySpec, Wearer], list[Part]]:
    def make(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
        bone, hand = _at_hand(accessory, wearer)
        size = accessory.size * wearer.scale
        half_size = np.array(half) * size
        bag = rounded_box(half_size, roundness).moved(hand + vector(0, -drop - half_size[1], 0))
        handles = _handles(drop + 0.02, 0.6 * half_size[2], thick, half_size[0] * 0.5).moved(hand)
        return [
            rigid(bag, wearer.body, bone, accessory.fabric, str(accessory.kind)),
            rigid(handles, wearer.body, bone, _trim(accessory), f"{accessory.kind}.handles"),
        ]

    return make


def _suitcase(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    """A rolling case that stands on the ground behind the hand that pulls it."""
    bone, hand = _at_hand(accessory, wearer)
    size = accessory.size * wearer.scale
    half = np.array([0.17, 0.27, 0.10]) * size
    ground = trolley_grip_height(wearer.body.joint, accessory.hand)
    middle = hand + vector(0.0, -ground + half[1] + 0.046, -0.10)
    case = rounded_box(half, 0.28).moved(middle)
    rods = [
        tube(np.array([hand + vector(x, 0.0, 0.0), middle + vector(x, half[1] * 0.9, 0)]), 0.008, 6)
        for x in (-0.06, 0.06)
    ]
    grip = tube(np.array([hand + vector(-0.07, 0, 0), hand + vector(0.07, 0, 0)]), 0.014, 8)
    wheels = [
        rounded_box((0.018, 0.025, 0.025), 0.9, 8).moved(middle + vector(x, -half[1] - 0.02, z))
        for x in (-0.8 * half[0], 0.8 * half[0])
        for z in (-0.7 * half[2], 0.7 * half[2])
    ]
    ribs = [
        rounded_box((0.006, half[1] * 0.86, half[2] * 1.04), 0.3, 8).moved(middle + vector(x, 0, 0))
        for x in np.array([-0.5, 0.0, 0.5]) * half[0]
    ]
    return [
        rigid(case, wearer.body, bone, accessory.fabric, "suitcase", specular=0.2),
        rigid(joined(*ribs), wearer.body, bone, _trim(accessory, 0.8), "suitcase.ribs"),
        rigid(joined(*rods, grip, *wheels), wearer.body, bone, (38, 38, 42), "suitcase.rods"),
    ]


def _umbrella(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    bone, hand = _at_hand(accessory, wearer)
    radius = 0.5 * accessory.size
    canopy = lathe(
        [(0.002, 0.80), (radius * 0.35, 0.775), (radius * 0.7, 0.71), (radius, 0.61)], 8
    ).moved(hand)
    stick = tube(np.array([[0, -0.1, 0], [0, 0.2, 0], [0, 0.5, 0], [0, 0.84, 0]]), 0.007, 6)
    handle = tube(np.array([[0, -0.12, 0], [0, -0.06, 0], [0, 0.0, 0]]), 0.014, 8)
    metal: Colour = (58, 58, 62)
    return [
        rigid(canopy, wearer.body, bone, accessory.fabric, "umbrella", outline=False),
        rigid(joined(stick, handle).moved(hand), wearer.body, bone, metal, "umbrella.stick",
              outline=False),
    ]  # fmt: skip


def _phone(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    bone = f"hand_{accessory.hand}"
    joint = wearer.body.joint
    along = joint(f"middle_01_{accessory.hand}") - joint(bone)
    along = along / np.linalg.norm(along)
    across = joint(f"index_01_{accessory.hand}") - joint(f"pinky_01_{accessory.hand}")
    across = across / np.linalg.norm(across)
    palm = np.cross(along, across) * (1.0 if accessory.hand == "l" else -1.0)
    frame = np.stack([across, along, palm], axis=1)
    slab = rounded_box((0.037, 0.076, 0.005), 0.2, 8).turned(frame)
    place = wearer.body.joint(f"prop_{accessory.hand}") + palm * 0.022 + along * 0.03
    return [rigid(slab.moved(place), wearer.body, bone, accessory.fabric, "phone", specular=0.4)]


HAT_CLEARANCE = 1.17
"""Radius of a hat's crown against the skull's half width; hair under it is flattened."""


def _crown(wearer: Wearer) -> tuple[np.ndarray, np.ndarray]:
    body = wearer.body
    centre = body.head_centre + vector(0.0, body.head_half[1] * 0.42, -0.006)
    return centre.astype(np.float64), body.head_half.astype(np.float64)


def _dome(half: np.ndarray, height: float, flat: float) -> Mesh:
    angle = np.linspace(0.0, np.pi / 2, 8)[::-1]
    width = half[0] * HAT_CLEARANCE
    profile = [
        (max(1e-3, width * float(np.cos(a)) ** flat), half[1] * height * float(np.sin(a)))
        for a in angle
    ]
    return lathe(profile, 24)


def _hat(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    centre, half = _crown(wearer)
    stretch = (1.0, 1.0, half[2] / half[0])
    width = half[0] * HAT_CLEARANCE
    kind = accessory.kind
    crown = _dome(half, 0.74, {K.cap: 0.85, K.bucket_hat: 0.5, K.sun_hat: 0.7}[kind])
    pieces = [crown]
    trim = joined(lathe([(width * 1.01, 0.022), (width * 1.012, -0.004)], 24))
    if kind is K.cap:
        reach = 0.072 * accessory.size
        visor = lathe(
            [(width * 0.98, 0.003), (width + 0.5 * reach, -0.004), (width + reach, -0.02)],
            12, -1.0, 1.0,
        )  # fmt: skip
        button = rounded_box((0.008, 0.005, 0.008), 0.9, 6).moved((0, half[1] * 0.74, 0))
        pieces += [visor, button]
    else:
        brim, droop = (0.05, 0.036) if kind is K.bucket_hat else (0.11, 0.024)
        brim *= accessory.size
        pieces.append(
            lathe(
                [(width * 1.0, 0.0), (width + 0.5 * brim, -0.45 * droop), (width + brim, -droop)],
                28,
            )
        )
    shape = joined(*pieces).moved(centre, stretch)
    parts = [rigid(shape, wearer.body, "head", accessory.fabric, str(kind), specular=0.02)]
    if kind is not K.cap:
        band = trim.moved(centre, stretch)
        parts.append(rigid(band, wearer.body, "head", _trim(accessory, 0.55), f"{kind}.band"))
    return parts


def _beanie(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    def layer(line: tuple[float, ...], off: float, name: str, factor: float) -> Part:
        cut = GarmentCut(kind=CutKind.head, line=line, off=off, loose=0.0, hide=False)
        cloth = _shaded_cloth(accessory.fabric, factor)
        return replace(coloured(wearer.body.cut(cut), cloth), name=name, wrinkle=0.04)

    low = (0.50, 0.55, 0.60, 0.66, 0.71, 0.73, 0.75)
    cap = layer(low, 0.2, "beanie", 1.0)
    top = wearer.body.head_centre[1] + 0.35 * wearer.body.head_half[1]
    lifted = cap.positions.copy()
    rise = np.clip((lifted[:, 1] - top) / wearer.body.head_half[1], 0, 1)
    lifted[:, 1] += 0.022 * rise**2
    return [replace(cap, positions=lifted)]


def _spectacles(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    body, dark = wearer.body, accessory.kind is K.sunglasses
    eyes, half, middle = body.eyes, body.head_half, body.head_centre
    front = float(eyes[:, 2].max()) + 0.020
    width, height = (0.027, 0.021) if dark else (0.025, 0.019)
    frames, lenses = [], []
    for eye in eyes:
        side = float(np.sign(eye[0]))
        centre = np.array([eye[0] * 1.03, eye[1] - 0.002, front])
        loop = np.linspace(0, 2 * np.pi, 17)
        rim = np.stack([width * np.cos(loop), height * np.sin(loop), 0 * loop], axis=1)
        frames.append(tube(centre + rim, 0.0026, 6))
        lenses.append(disc(centre, width, height))
        hinge = centre + vector(side * width, 0.005, 0)
        temple = [side * half[0] * 0.99, centre[1] + 0.005, front - 0.03]
        ear = [side * half[0] * 1.02, centre[1] + 0.004, middle[2] - 0.012]
        frames.append(tube(np.array([hinge, temple, ear]), 0.0026, 5))
    left, right = sorted(eyes.tolist(), reverse=True)
    bridge = np.array(
        [[left[0] * 0.35, left[1], front], [0, left[1] + 0.003, front + 0.003],
         [right[0] * 0.35, right[1], front]]
    )  # fmt: skip
    frames.append(tube(bridge, 0.0028, 6))
    parts = [
        rigid(joined(*frames), body, "head", accessory.fabric, str(accessory.kind), specular=0.3)
    ]
    if dark:
        parts.append(rigid(joined(*lenses), body, "head", (16, 16, 19), "lenses", specular=0.5))
    return parts


def _mask(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    body = wearer.body
    cut = GarmentCut(kind=CutKind.mask, top=0.42, off=0.1, loose=0.0, hide=False)
    cover = replace(coloured(body.cut(cut), accessory.fabric), name="mask", wrinkle=0.03)
    loops = []
    for side in (1.0, -1.0):
        near = cover.positions[:, 0] * side
        edge = cover.positions[near > near.max() - 0.006]
        ear = np.array([side * body.head_half[0] * 1.03, body.eyes[0, 1] - 0.01,
                        body.head_centre[2] - 0.008])  # fmt: skip
        for end in (edge[edge[:, 1].argmax()], edge[edge[:, 1].argmin()]):
            bulge = 0.5 * (end + ear) + vector(side * 0.006, 0, 0)
            loops.append(tube(np.array([end, bulge, ear]), 0.0018, 4))
    return [cover, rigid(joined(*loops), body, "head", accessory.fabric, "mask.loops")]


def _scarf(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    body, scale = wearer.body, wearer.scale
    neck = body.joint("neck_01").astype(np.float64) + vector(0, 0.035 * scale, 0.022)
    thick = 0.06 * wearer.over
    loop = np.linspace(0, 2 * np.pi, 25)
    rings = []
    for turn in (0.0, 0.8):
        path = np.stack(
            [
                (0.068 * scale + thick + 0.008 * turn) * np.sin(loop),
                -0.010 + 0.026 * turn - 0.020 * np.cos(loop),
                (0.070 * scale + thick + 0.008 * turn) * np.cos(loop) - 0.012,
            ],
            axis=1,
        )
        rings.append(tube(neck + path, 0.025 * scale, 8))
    place = neck + vector(0.045, -0.21 * scale, 0)
    chest = wearer.surface(float(place[1]), 0.05, 0.12)[:, 2].max() + wearer.over * 0.1
    tail = rounded_box((0.048, 0.19 * scale, 0.016), 0.4).moved([place[0], place[1], chest + 0.014])
    return [rigid(joined(*rings, tail), body, "spine_03", accessory.fabric, "scarf", specular=0.02)]


def _headphones(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    body, half, centre = wearer.body, wearer.body.head_half, wearer.body.head_centre
    angle = np.linspace(-np.pi / 2, np.pi / 2, 17)
    over_hair = 0.0 if wearer.spec.hair.style in ("bald", "crew") else 0.008
    band = np.stack(
        [
            (half[0] * 1.12 + over_hair) * np.sin(angle),
            -0.008 + (half[1] * 1.03 + 0.018 + over_hair) * np.cos(angle),
            np.full_like(angle, -0.008),
        ],
        axis=1,
    )
    cups = [
        rounded_box((0.017, 0.037, 0.031), 0.7).moved(
            centre + vector(side * half[0] * 1.12, -0.01, -0.012)
        )
        for side in (1.0, -1.0)
    ]
    shape = joined(tube(centre + band, 0.008), *cups)
    return [rigid(shape, body, "head", accessory.fabric, "headphones", specular=0.15)]


def _earphones(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    """In-ear buds whose wires meet on the chest."""
    body, half, centre = wearer.body, wearer.body.head_half, wearer.body.head_centre
    neck = body.joint("neck_01")[1]

    def on_chest(height: float) -> np.ndarray:
        front = wearer.surface(height, 0.04, 0.1)[:, 2].max() + wearer.over * 0.1 + 0.008
        return np.array([0.0, height, front])

    chest, low = on_chest(neck - 0.14), on_chest(neck - 0.30)
    buds, wires = [], []
    for side in (1.0, -1.0):
        ear = centre + vector(side * half[0] * 1.02, -0.016, 0.0)
        buds.append(rounded_box((0.009, 0.012, 0.009), 0.8, 8).moved(ear))
        collar = np.array([side * 0.055, neck + 0.01, chest[2] - 0.05])
        jaw = ear + vector(-side * 0.01, -0.07, 0.02)
        wires.append(tube(np.array([ear, jaw, collar, chest]), 0.0024, 4))
    wires.append(tube(np.array([chest, low]), 0.0026, 4))
    fabric = accessory.fabric
    return [
        rigid(joined(*buds), body, "head", fabric, "earphones"),
        rigid(joined(*wires), body, "spine_03", fabric, "earphones.wires"),
    ]


def _hood(accessory: AccessorySpec, wearer: Wearer) -> list[Part]:
    """A raised hood: a loose cap around the head, open at the face."""
    line = (0.02, 0.06, 0.14, 0.30, 0.66, 0.80, 0.86)
    cut = GarmentCut(kind=CutKind.head, line=line, off=0.3, loose=0.0, hide=False)
    outer = next((g for g in wearer.spec.garments if g.slot is Slot.outer), None)
    cloth = outer.fabric if outer else accessory.fabric
    if cloth.kind is FabricKind.quilted:
        cloth = cloth.model_copy(update={"kind": FabricKind.plain})
    return [replace(coloured(wearer.body.cut(cut), cloth), name="hood", wrinkle=0.06)]


_MAKE: dict[AccessoryKind, Callable[[AccessorySpec, Wearer], list[Part]]] = {
    K.backpack: _backpack,
    K.crossbody: _crossbody,
    K.handbag: _hand_bag((0.055, 0.10, 0.145), 0.15, 0.35, 0.007),
    K.tote: _hand_bag((0.045, 0.17, 0.17), 0.17, 0.22, 0.007),
    K.shopping_bag: _hand_bag((0.05, 0.165, 0.13), 0.12, 0.14, 0.004),
    K.suitcase: _suitcase,
    K.umbrella: _umbrella,
    K.phone: _phone,
    K.cap: _hat,
    K.bucket_hat: _hat,
    K.sun_hat: _hat,
    K.beanie: _beanie,
    K.hood: _hood,
    K.glasses: _spectacles,
    K.sunglasses: _spectacles,
    K.mask: _mask,
    K.scarf: _scarf,
    K.headphones: _headphones,
    K.earphones: _earphones,
}
