"""PersonSpec: everything that decides how one person looks and moves, as plain data.

About 2 kB of JSON from which body, clothes and clips are rebuilt exactly.

Lengths of garment cuts are decimetres on the neutral template (MakeHuman's unit); cut positions
are the template's own fields: ``ty`` runs from 0 at the crotch to 1 at the base of the neck,
``au`` along the arm (0 shoulder, 1 elbow, 2 wrist), ``lu`` along the leg (0 hip, 1 knee,
2 ankle, more on the foot), ``x`` to the person's left, ``z`` forward.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from manifests.identity import digest as digest_of
from manifests.model import since

SPEC_VERSION = 1
"""Raised whenever an equal spec would be built differently."""

Channel = Annotated[int, Field(ge=0, le=255)]
Colour = tuple[Channel, Channel, Channel]
"""sRGB, 8 bits a channel."""

Unit = Annotated[float, Field(ge=0.0, le=1.0)]


class Frozen(BaseModel):
    """A frozen spec part in which unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Phenotype(Frozen):
    """The body: MakeHuman's macro parameters, all 0..1 except ``age`` and ``stature``.

    ``stature`` (metres, barefoot, rest pose) is what is asked for; the builder solves
    MakeHuman's height parameter for it. ``details`` are names of detail targets and weights.
    """

    gender: Unit  # 0 female, 1 male
    age: float = Field(ge=6, le=90)  # years
    muscle: Unit
    weight: Unit
    stature: float = Field(ge=0.9, le=2.3)
    proportions: Unit
    african: Unit
    asian: Unit
    caucasian: Unit
    cup: Unit = 0.5
    firm: Unit = 0.5
    details: tuple[tuple[str, float], ...] = ()

    @property
    def race(self) -> dict[str, float]:
        """The three ancestry weights by MakeHuman's names (not normalised)."""
        return {"african": self.african, "asian": self.asian, "caucasian": self.caucasian}

    @property
    def detail(self) -> dict[str, float]:
        """The detail targets by name."""
        return dict(self.details)


class FaceSpec(Frozen):
    """What is painted on the head, on top of the skin colour."""

    eyes: Colour = (60, 42, 30)
    brows: Unit = 0.6  # strength of the brows, drawn in the hair's (darker) colour
    lips: Unit = 0.3  # how much redder than the skin
    stubble: Unit = 0.0  # 0 shaven, 1 full beard shadow, in the hair's colour
    beard: Unit = 0.0  # 0 none, 1 a full beard as geometry


class HairSpec(Frozen):
    """Hair of the head: which of ``worn.hair``, in which colour."""

    style: str
    colour: Colour
    seed: int = 0  # strands and hairline


class FabricSpec(Frozen):
    """One seamless tile of cloth, ``tile`` metres wide, drawn from its seed and colours.

    ``kind`` is one of ``textures.fabrics``; ``solid`` has no tile, only its first colour. The first
    colour is the one a witness would name. ``decal`` fabrics are drawn once over
    their panel instead of repeating; ``motif`` says which drawing it is. ``image`` fabrics are
    cut from the picture ``image`` (a key of the texture cache).
    """

    kind: str
    colours: tuple[Colour, ...] = Field(min_length=1, max_length=4)
    seed: int = 0
    scale: float = Field(default=1.0, gt=0)
    tile: float = Field(default=0.5, gt=0)
    motif: str | None = None
    image: str | None = None

    @property
    def main_colour(self) -> Colour:
        """The colour a witness would name."""
        return self.colours[0]


CutKind = StrEnum("CutKind", "top bottom skirt shoe glove head mask")
"""What a cut is taken from, and which of its parameters count.

``top``: tights faces; ``sleeve``, ``hem``, ``neck``, ``neck_depth``, ``open``.
``bottom``: tights faces; ``waist``, ``leg``. ``skirt``: skirt faces; ``waist``, ``leg``,
``open``. ``shoe``: tights faces below ``top``, sole flattened. ``glove``: tights faces
beyond ``top`` on the arm. ``head``: head faces above the hairline ``line`` (hair caps,
beanies). ``mask``: face faces below ``top`` and in front.
"""

Neck = StrEnum("Neck", "crew v scoop boat shirt turtle hood")
"""Shape of a neckline."""

Side = StrEnum("Side", "front back both")
"""Which half of the body a panel is limited to."""


class Panel(Frozen):
    """A rectangle of a garment's surface: pockets, plackets, zips, logos, straps.

    ``x0 <= x <= x1`` (dm, positive to the person's left) and ``t0 <= ty <= t1``.
    """

    x0: float
    x1: float
    t0: float
    t1: float
    side: Side = Side.both


class GarmentCut(Frozen):
    """Parameters of one clip of the template.

    ``off`` is the distance to the skin, ``loose`` more of it where cloth hangs free, ``flare``
    widens towards the hem (all dm), ``taper`` narrows towards the ankle (0..1). ``open`` is
    the half width of a front opening at the hem, dm (0 closed). ``panel`` and ``band``
    (x0, y0, x1, y1, half width: a strip of the x-y plane, dm) keep only that piece. ``hide``
    says whether what lies under it may be removed.
    """

    kind: CutKind
    sleeve: float = 1.95  # au of the cuff
    hem: float = 0.05  # ty of the hem
    neck: Neck = Neck.crew
    neck_depth: float = 0.0  # dm below the neck's base, for v
    waist: float = 0.26  # ty of the waistband
    leg: float = 1.97  # lu of the cuff or skirt hem
    top: float = 1.98  # lu of a shoe's collar; share of head height of a mask's upper edge
    line: tuple[float, ...] = ()  # hairline: head-height share at zf 0,.25,.45,.6,.75,.9,1
    open: float = 0.0
    off: float = 0.12
    loose: float = 0.15
    flare: float = 0.0
    taper: float = 0.3
    hide: bool = True
    panel: Panel | None = None
    band: tuple[float, float, float, float, float] | None = None


Slot = StrEnum("Slot", "top outer bottom skirt dress shoes")
"""Which part of an outfit a garment is."""

DetailKind = StrEnum(
    "DetailKind",
    "placket zip collar chest_pocket hip_pockets kangaroo_pocket belt fly "
    "back_pockets side_stripe hem_band yoke chest_logo front_print back_print sole",
)
"""Construction drawn on a garment: ``decals`` knows where each sits."""


class DetailSpec(Frozen):
    """One construction detail or mark, in its own colours."""

    kind: DetailKind
    colours: tuple[Colour, ...] = Field(min_length=1, max_length=3)
    seed: int = 0


class GarmentSpec(Frozen):
    """A garment: one clip, or two that share their cloth (dresses, coats)."""

    name: str
    slot: Slot
    cuts: tuple[GarmentCut, ...] = Field(min_length=1, max_length=2)
    fabric: FabricSpec
    pack: str | None = None  # digest of an installed clothes pack that replaces the cut's shape
    details: tuple[DetailSpec, ...] = ()
    wrinkle: float = Field(default=0.06, ge=0, le=0.25)  # strength of the cloth relief
    gloss: Unit = 0.03  # specular


class AccessorySpec(Frozen):
    """One accessory: which of ``worn.accessories``, of which cloth, how large, on which side."""

    kind: str
    fabric: FabricSpec
    size: float = Field(default=1.0, ge=0.5, le=1.6)
    hand: str = Field(default="r", pattern="^[lr]$")


WalkStyle = StrEnum("WalkStyle", "normal brisk relaxed elder")
"""The four walks."""

IdleStyle = StrEnum("IdleStyle", "sway look_around")
"""The two ways of standing."""

CarryPose = StrEnum("CarryPose", "phone umbrella strap pocket bag trolley bar handlebar saddle box")
"""What an arm does instead of swinging freely."""


Stance = StrEnum("Stance", "hips clasped behind")
"""Where both hands of somebody who waits may be."""


class GaitSpec(Frozen):
    """How a person moves. Gains are around 1; ``head`` is a habitual yaw, degrees.

    ``lean``: of the trunk, forward, ``elbow``: bend, both degrees beyond the walk's own. ``width``:
    of the steps, metres between the feet beyond the walk's own. ``stance``: of the hands while
    waiting. ``sprawl``: of the legs while sitting, 0 together below the knees, 1 far apart and
    ahead. ``activities``: what else the person does (``motion.activities``), and for which share of
    the moments.
    """

    walk: WalkStyle = WalkStyle.normal
    idle: IdleStyle = IdleStyle.sway
    stride: float = Field(default=1.0, ge=0.7, le=1.3)
    cadence: float = Field(default=1.0, ge=0.7, le=1.3)
    arm_swing: float = Field(default=1.0, ge=0.0, le=1.6)
    head: float = Field(default=0.0, ge=-40, le=40)
    left: CarryPose | None = None
    right: CarryPose | None = None
    lean: float = since("0.2", 0.0, ge=-8, le=12)
    elbow: float = since("0.2", 0.0, ge=-20, le=60)
    width: float = since("0.2", 0.0, ge=-0.06, le=0.12)
    stance: Stance | None = since("0.2", None)
    activities: tuple[tuple[str, Unit], ...] = since("0.2", ())
    sprawl: Unit = since("0.3", 0.3)


class LookAlike(Frozen):
    """Membership of a group of five who share body and clothes but for local ``edits``."""

    group_id: str
    edits: tuple[str, ...]


class PersonSpec(Frozen):
    """One person, complete. Equal specs are built byte for byte alike."""

    schema_version: int = SPEC_VERSION
    person_id: str
    index: int = Field(ge=0)
    outfit: int = Field(default=0, ge=0)
    body: Phenotype
    skin: Colour
    face: FaceSpec = FaceSpec()
    hair: HairSpec
    garments: tuple[GarmentSpec, ...]
    accessories: tuple[AccessorySpec, ...] = ()
    gait: GaitSpec = GaitSpec()
    look_alike: LookAlike | None = None
    dark_clothing: bool = False

    def digest(self) -> str:
        """32 hex digits that name this spec (and its built meshes in the cache)."""
        return digest_of(self)

    @property
    def gender(self) -> str:
        """``female`` or ``male``: the nearer body type."""
        return "male" if self.body.gender >= 0.5 else "female"

    @property
    def activities(self) -> tuple[str, ...]:
        """What the person does besides walking and standing, by name."""
        return tuple(name for name, _ in self.gait.activities)

    def worn_at(self, *slots: Slot) -> GarmentSpec | None:
        """The garment at the first of these slots at which the person wears one."""
        found = (garment for slot in slots for garment in self.garments if garment.slot is slot)
        return next(found, None)

    def attributes(self) -> dict[str, Any]:
        """The looks columns of the crop schema (see ``manifests.schema``).

        Stature in centimetres, colours as 0xRRGGBB in the order of ``garments``.
        """
        return {
            "gender": self.gender,
            "age": self.body.age,
            "stature": self.body.stature * 100.0,
            "garments": [garment.name for garment in self.garments],
            "garment_colours": [int.from_bytes(g.fabric.main_colour) for g in self.garments],
            "accessories": [accessory.kind for accessory in self.accessories],
            "outfit": self.outfit,
            "look_alike_group": self.look_alike.group_id if self.look_alike else None,
            "dark_clothing": self.dark_clothing,
        }
