"""Templates of this host: fields, body levels and garment outlines, built once and kept.

Cuts that share an outline share a template; continuous parameters are rounded first, so the
number of templates stays bounded however people are drawn.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree

from synth_workers.cache_folder import cache_root, mere_saving, write_npz
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.body.fitted_body import BODY_VERTICES
from synth_workers.people.body.template_fields import TemplateFields, build_fields
from synth_workers.people.clothes.cut_shapes import SURFACE
from synth_workers.people.clothes.drape import stand_off
from synth_workers.people.clothes.garments import (
    GarmentTemplate,
    build_template,
)
from synth_workers.people.clothes.kept_packs import ClothesPack, load_pack
from synth_workers.people.clothes.pack_templates import pack_template
from synth_workers.people.clothes.soles import SoleTemplate, sole_template
from synth_workers.people.code_version import code_version
from synth_workers.people.mesh.levels_of_detail import SKIN_RATIOS, decimate, level_faces
from synth_workers.people.spec import CutKind, GarmentCut, Panel, Slot
from synth_workers.people.stored import flattened, rebuilt

_FOLLOWED = 4
_EYE_RATIOS = (1.0, 0.5, 0.25, 0.12)
_ROUNDING = {
    "sleeve": 0.05,
    "hem": 0.02,
    "neck_depth": 0.1,
    "waist": 0.02,
    "leg": 0.05,
    "top": 0.02,
    "open": 0.05,
}
_OUTLINE = {
    CutKind.top: ("sleeve", "hem", "neck", "neck_depth", "open"),
    CutKind.bottom: ("waist", "leg"),
    CutKind.skirt: ("waist", "leg", "open"),
    CutKind.shoe: ("top",),
    CutKind.glove: ("top",),
    CutKind.head: ("line",),
    CutKind.mask: ("top",),
}


def outline_of(cut: GarmentCut) -> GarmentCut:
    """Return the cut reduced to what decides its outline, rounded; the rest is default."""
    chosen: dict[str, Any] = {"kind": cut.kind}
    for name in _OUTLINE[cut.kind]:
        value = getattr(cut, name)
        if name in _ROUNDING:
            step = _ROUNDING[name]
            value = round(round(value / step) * step, 4)
        elif name == "line":
            value = tuple(round(v, 2) for v in value)
        chosen[name] = value
    if cut.panel is not None:
        panel = cut.panel
        chosen["panel"] = Panel(
            x0=round(panel.x0, 2),
            x1=round(panel.x1, 2),
            t0=round(panel.t0, 3),
            t1=round(panel.t1, 3),
            side=panel.side,
        )
    if cut.band is not None:
        chosen["band"] = tuple(round(v, 2) for v in cut.band)
    if cut.panel is not None or cut.band is not None:
        chosen["hide"] = False
    return GarmentCut(**chosen)


class GarmentCatalogue:
    """All templates of this host, in memory and below ``folder`` (default: the user's cache).

    Processes may share the folder: files appear whole, and equal cuts give equal files.
    """

    def __init__(self, data: BodyData, folder: Path | None = None) -> None:
        self.data = data
        self._folder = folder if folder is not None else cache_root() / "templates"
        self._folder = self._folder / code_version()
        self._templates: dict[str, GarmentTemplate] = {}
        self._stand_offs: dict[str, np.ndarray] = {}
        self._packs: dict[tuple[str, Slot], tuple[ClothesPack, GarmentTemplate]] = {}
        self._follows: dict[tuple[str, str], csr_matrix] = {}

    @cached_property
    def fields(self) -> TemplateFields:
        """The scalar fields that cuts follow."""
        return self._kept("fields", TemplateFields, lambda: build_fields(self.data))

    @cached_property
    def triangles(self) -> dict[str, np.ndarray]:
        """Triangles of the surfaces that cuts are taken from."""
        groups = ("body", "helper-tights", "helper-skirt", "helper-l-eye", "helper-r-eye")
        return {group: self.data.triangles(group) for group in groups}

    @cached_property
    def skin_levels(self) -> tuple[np.ndarray, ...]:
        """Faces of the skin at each level, rows of the base mesh."""

        def build() -> tuple[np.ndarray, ...]:
            skin = self.fields.vertices[:BODY_VERTICES]
            return tuple(level_faces(skin, self.triangles["body"], SKIN_RATIOS))

        return self._kept("skin", tuple[np.ndarray, ...], build)

    @cached_property
    def eye_levels(self) -> list[np.ndarray]:
        """Faces of both eyes at each level, rows of the base mesh."""
        base = self.fields.vertices
        eyes = [self.triangles["helper-l-eye"], self.triangles["helper-r-eye"]]
        return [
            np.concatenate([_decimate_rows(base, eye, ratio) for eye in eyes])
            for ratio in _EYE_RATIOS
        ]

    def template(self, cut: GarmentCut) -> GarmentTemplate:
        """Return the template of a cut's outline."""
        outline = outline_of(cut)
        key = self._key(outline)
        if key not in self._templates:
            self._templates[key] = self._kept(
                key, GarmentTemplate, lambda: build_template(self.fields, self.triangles, outline)
            )
        return self._templates[key]

    def pack(self, digest: str, slot: Slot) -> tuple[ClothesPack, GarmentTemplate]:
        """Return an installed clothes pack and its template when worn as ``slot``.

        ``NotFound`` if it is not installed.
        """
        if (digest, slot) not in self._packs:
            pack = load_pack(digest)
            template = self._kept(
                f"pack-{slot}-{digest}",
                GarmentTemplate,
                lambda: pack_template(self.fields, pack, slot),
            )
            self._packs[digest, slot] = pack, template
        return self._packs[digest, slot]

    def stand_off(self, cut: GarmentCut) -> np.ndarray:
        """Return the cut's distance along the normal (n,) at its template's vertices, dm."""
        key = cut.model_dump_json()
        if key not in self._stand_offs:
            template = self.template(cut)
            self._stand_offs[key] = stand_off(self.fields, template.mesh, cut)
        return self._stand_offs[key]

    def follow(self, piece: GarmentCut, whole: GarmentCut) -> csr_matrix:
        """Return (piece vertices, garment vertices) weights that carry the garment's shifts over.

        Near vertices of the garment on the neutral body count most.
        """
        key = (self._key(outline_of(piece)), self._key(outline_of(whole)))
        if key not in self._follows:
            places = self.template(piece).mesh(self.fields.vertices)
            garment = self.template(whole).mesh(self.fields.vertices)
            distance, near = KDTree(garment).query(places, k=_FOLLOWED)
            share = 1.0 / (np.asarray(distance) + 0.03) ** 2
            share /= share.sum(1, keepdims=True)
            rows = np.repeat(np.arange(len(places)), _FOLLOWED)
            self._follows[key] = csr_matrix(
                (share.ravel().astype(np.float32), (rows, np.asarray(near).ravel())),
                shape=(len(places), len(garment)),
            )
        return self._follows[key]

    @cached_property
    def sole(self) -> SoleTemplate:
        """The outline of both feet."""
        return sole_template(self.fields, self.triangles["helper-tights"])

    @staticmethod
    def _key(outline: GarmentCut) -> str:
        text = outline.model_dump_json()
        return f"{SURFACE[outline.kind]}-{blake2b(text.encode(), digest_size=12).hexdigest()}"

    def _kept(self, name: str, kind: Any, build: Callable[[], Any]) -> Any:
        path = self._folder / f"{name}.npz"
        with (
            suppress(OSError, ValueError, KeyError, zipfile.BadZipFile),
            path.open("rb") as whole,
            np.load(whole) as file,
        ):
            return rebuilt(kind, file)
        made = build()
        with mere_saving():
            write_npz(path, flattened(made))
        return made


def _decimate_rows(base: np.ndarray, triangles: np.ndarray, ratio: float) -> np.ndarray:
    rows, local = np.unique(triangles, return_inverse=True)
    return rows[decimate(base[rows], local.reshape(-1, 3), ratio)]
