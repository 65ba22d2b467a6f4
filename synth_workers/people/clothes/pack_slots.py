"""What a garment of a clothes pack is, by its form: which parts of the body it covers.

Names are not asked: hair called ``short01`` is no trousers. Where forms agree (coats and dresses,
socks and shoes), tags and then words decide. Tags of something else than clothes are believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from manifests.people import GENDERS
from synth_workers.people.body.fitted_body import BODY_VERTICES, SKIRT
from synth_workers.people.body.template_fields import FINGERS, TemplateFields
from synth_workers.people.clothes.kept_packs import ClothesPack
from synth_workers.people.spec import Slot

_REACH = 0.8
"""Cloth within so many dm of skin covers it."""

_BELOW = 0.1
"""Cloth so many dm under skin that stays is not seen."""

_TIGHT = 0.4
_COVERED = 0.85
_LONG = 0.6
_SOME = 0.25
_BARE = 0.4
_REPLACED = 0.85
_FAR = 50.0
_GRID = 0.5
_FINEST = 12

_OUTER = ("coat", "jacket", "parka", "cardigan", "blazer", "outer")
_UNDER = ("sock", "stocking", "underwear", "lingerie", "bikini", "swim")
_NO_CLOTHES = {
    "hair", "hairs", "hairstyle", "wig", "wigs", "beard", "beards", "moustache", "mustache",
    "eyebrow", "eyebrows", "eyelash", "eyelashes", "eye", "eyes", "teeth", "tongue",
    "hat", "hats", "headwear", "headgear", "mask", "masks", "glasses", "jewelry", "jewellery",
    "helper", "helpers", "helpersdebug", "proxy", "proxies", "skin", "skins",
}  # fmt: skip
"""Whole words of tags that say that a mesh is none of the slots' garments."""

_LEG = ("thigh_l", "calf_l", "foot_l")
_MALE = {"male", "man", "men", "boy"}
_FEMALE = {"female", "woman", "women", "girl"}


class NotWornError(ValueError):
    """A garment that is none of a known slot; the text says why."""


@dataclass(frozen=True)
class Worn:
    """What a garment is worn as, and by whom (of ``GENDERS``)."""

    slot: Slot
    wearers: tuple[str, ...]


class BodyParts:
    """The parts of the neutral body that garments cover."""

    def __init__(self, fields: TemplateFields) -> None:
        self.vertices = fields.vertices
        self._normals = fields.normals
        skin = np.arange(len(fields.vertices)) < BODY_VERTICES
        torso, leg, arm = fields.torso, fields.leg, fields.arm
        on_arm, on_head = fields.arm_share > 0.5, fields.head_share > 0.5
        trunk = skin & ~on_arm & ~on_head
        hand = _share(fields, FINGERS) > 0.5
        foot = _share(fields, ("foot", "ball")) > 0.5
        upper = skin & (leg > 0.25) & (leg < 0.95) & (torso < 0)
        lower = skin & (leg > 1.0) & (leg < 1.9)
        side = np.abs(fields.vertices[:, 0])
        axis = np.interp(leg, (0, 1, 2), [abs(fields.joint(b)[0]) for b in _LEG])
        self._parts = {
            "head": skin & on_head,
            "chest": trunk & (torso > 0.6) & (torso < 0.95),
            "waist": trunk & (torso > 0.3) & (torso < 0.6),
            "hips": trunk & (torso > 0.0) & (torso < 0.25),
            "thighs": upper,
            "calves": lower,
            "feet": skin & foot,
            "arms": skin & on_arm & ~hand & (arm > 0),
            "hands": skin & hand,
        }
        self._inside = upper & (side < axis - 0.2)
        self._crotch = trunk & (np.abs(torso) < 0.05) & (side < 0.3)
        height = fields.vertices[:, 1]
        tube = np.zeros(len(skin), bool)
        tube[SKIRT] = True
        self._skirt = {
            name: tube & (height >= height[part].min()) & (height <= height[part].max())
            for name, part in (("thighs", upper), ("calves", lower))
        }
        self._legs = upper | lower

    def covered(self, pack: ClothesPack) -> Coverage:
        """How much of each part the garment covers; ``NotWornError`` if it makes no sense."""
        with np.errstate(all="ignore"):
            places = pack.fit(self.vertices)
        if not (np.isfinite(places).all() and np.abs(places).max() < _FAR):
            raise NotWornError("its numbers put it far away from the body")
        cloth = _samples(places[pack.faces])
        gap, nearest = KDTree(cloth).query(self.vertices)
        gap = np.asarray(gap)
        height = ((cloth[nearest] - self.vertices) * self._normals).sum(axis=1)
        removed = np.zeros(len(gap), bool)
        removed[pack.deleted] = True
        near = (gap < _REACH) & (removed | (height > -_BELOW))
        shares = {name: float(near[part].mean()) for name, part in self._parts.items()}
        hanging = {name: float(near[part].mean()) for name, part in self._skirt.items()}
        replaced = removed
        replaced[BODY_VERTICES:] = False
        # Legs in a wide skirt are far from its cloth, and yet nobody sees them.
        if hanging["thighs"] > _LONG:
            replaced &= ~self._legs
        return Coverage(
            {name: max(share, hanging.get(name, 0.0)) for name, share in shares.items()},
            replaced=float(near[replaced].mean()) if replaced.any() else 1.0,
            skirted=bool((gap[self._inside] < _TIGHT).mean() < _BARE),
            closed=bool((gap[self._crotch] < _TIGHT).mean() > _LONG),
        )


@dataclass(frozen=True)
class Coverage:
    """``shares``: of each part of the body, 0..1; ``replaced``: of the skin that the garment
    deletes; ``skirted``: nothing lies between the legs; ``closed``: something lies under the
    crotch."""

    shares: Mapping[str, float]
    replaced: float
    skirted: bool
    closed: bool

    @cached_property
    def words(self) -> str:
        """What is covered, for people."""
        parts = [f"{name} {share:.0%}" for name, share in self.shares.items() if share >= _SOME]
        return ", ".join(parts) or "next to nothing of the body"


def worn_as(pack: ClothesPack, parts: BodyParts) -> Worn:
    """The slot and the wearers of a garment; ``NotWornError`` when that is not sure."""
    words = set(re.findall(r"skin.?tight|[a-z]+", "\n".join(pack.tags).casefold()))
    if other := sorted(words & _NO_CLOTHES):
        raise NotWornError(f"its tags say that it is no garment of a known place ({other[0]})")
    if _is_helper(pack):
        raise NotWornError("it is a piece of the base mesh itself, no garment")
    found = parts.covered(pack)
    if found.replaced < _REPLACED:
        raise NotWornError(
            f"it takes the place of skin of which it covers {found.replaced:.0%}: people would "
            "have holes"
        )
    said = ", ".join([*pack.tags, pack.name])
    slot = _slot(found, said.casefold())
    genders = {g for g, spoken in zip(GENDERS, (_FEMALE, _MALE), strict=True) if spoken & words}
    if not genders and slot in (Slot.skirt, Slot.dress) and found.skirted:
        genders = {"female"}
    return Worn(slot, tuple(g for g in GENDERS if not genders or g in genders))


def _is_helper(pack: ClothesPack) -> bool:
    """Whether every vertex is one of the base mesh's that are no skin, as it stands there."""
    alone = (pack.shares.max(axis=1) == 1).all() and not pack.offsets.any()
    return bool(alone and (pack.rows >= BODY_VERTICES).all())


def _slot(found: Coverage, said: str) -> Slot:
    share = found.shares
    chest, hips, feet = (share[part] >= _COVERED for part in ("chest", "hips", "feet"))
    if any(word in said for word in _UNDER):
        raise NotWornError(f"it is worn under clothes ({said})")
    on_head = share["head"] >= _BARE  # as long hair that falls over the shoulders does, too
    if chest and not feet and not on_head:
        if any(word in said for word in _OUTER):
            return Slot.outer
        whole = share["thighs"] >= (_SOME if found.closed else _LONG)
        return Slot.dress if whole else Slot.top
    if hips and not feet and not on_head and share["chest"] < _BARE and share["thighs"] >= _SOME:
        return Slot.skirt if found.skirted else Slot.bottom
    if feet and not on_head and share["hips"] < _BARE:
        return Slot.shoes
    raise NotWornError(f"it is no garment of a known place ({said}): it covers {found.words}")


def _samples(triangles: np.ndarray) -> np.ndarray:
    """Points (n, 3) all over (m, 3, 3) triangles, about ``_GRID`` apart."""
    longest = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(1)
    steps = np.clip(np.ceil(longest / _GRID), 1, _FINEST).astype(int)
    points = []
    for count in np.unique(steps):
        i, j = np.meshgrid(np.arange(count + 1), np.arange(count + 1))
        inside = i + j <= count
        mix = np.stack([i[inside], j[inside], count - i[inside] - j[inside]], 1) / count
        points.append(np.einsum("sk,tkd->tsd", mix, triangles[steps == count]).reshape(-1, 3))
    return np.concatenate(points)


def _share(fields: TemplateFields, prefixes: tuple[str, ...]) -> np.ndarray:
    return fields.weights[:, [b.startswith(prefixes) for b in fields.bone_names]].sum(1)
