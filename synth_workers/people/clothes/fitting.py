"""Makes one person's measured body and fits any cut to it.

The border between templates (decimetres, neutral) and a person's surfaces (metres): everything
after this file is metres with the lowest skin on y = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synth_workers.people.body.bodies import BodyData
from synth_workers.people.body.fitted_body import BODY_VERTICES, FittedBody
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.garments import GarmentTemplate, fit
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.surfaces import incidence, vertex_normals
from synth_workers.people.spec import CutKind, GarmentCut, Phenotype

HEM_SHADE = 0.22
"""How much darker doubled cloth at hems, cuffs and waistbands is."""

OCCLUSION = 0.85
"""How much of the template's missing sky light is painted into the colours."""


class Fitter:
    """Fits bodies and cuts; holds only caches, so one instance serves a whole process."""

    def __init__(self, data: BodyData, catalogue: GarmentCatalogue) -> None:
        self.data = data
        self.catalogue = catalogue
        self._triangles = np.concatenate(list(catalogue.triangles.values()))
        self._incidence = incidence(len(data.vertices), self._triangles)
        self._skull = catalogue.fields.head_share[:BODY_VERTICES] > 0.9
        self._eyes = [np.unique(catalogue.triangles[f"helper-{side}-eye"]) for side in "lr"]

    def body(self, phenotype: Phenotype, stature: float) -> FittedBody:
        """Shape a body of the given stature (metres) and measure it."""
        shape = self.data.shape(phenotype, self.data.solve_height(phenotype, stature))
        shape[:, 1] -= shape[:BODY_VERTICES, 1].min()
        heads, tails = self.data.joints(shape)
        normals = vertex_normals(shape, self._triangles, self._incidence)
        skull = shape[:BODY_VERTICES][self._skull] / 10.0
        low, high = skull.min(0), skull.max(0)
        joints = dict(zip(self.data.bone_names, heads.astype(np.float32)))
        return FittedBody(
            vertices=shape / np.float32(10.0),
            normals=normals.astype(np.float32),
            bone_names=self.data.bone_names,
            parents=self.data.bone_parents,
            heads=(heads / 10.0).astype(np.float32),
            tails=(tails / 10.0).astype(np.float32),
            bone_rows=self.data.bone_rows,
            bone_weights=self.data.bone_weights,
            head_centre=(low + high) / 2,
            head_half=(high - low) / 2,
            eyes=np.array([shape[rows].mean(0) / 10.0 for rows in self._eyes], np.float32),
            cut=_Cutter(self.catalogue, shape, normals, joints),
        )


class _Cutter:
    """Fits cuts to one body. Panels and bands follow the garment they are cut from."""

    def __init__(
        self,
        catalogue: GarmentCatalogue,
        shape: np.ndarray,
        normals: np.ndarray,
        joints: dict[str, np.ndarray],
        worn: Sequence[tuple[GarmentCut, np.ndarray]] = (),
    ) -> None:
        self._catalogue = catalogue
        self._shape, self._normals, self._joints = shape, normals, joints
        self._worn = {_garment_of(cut): (cut, positions) for cut, positions in worn}
        self._hosts: dict[str, np.ndarray] = {}

    def wearing(self, worn: Sequence[tuple[GarmentCut, np.ndarray]]) -> _Cutter:
        """Return a cutter whose panels lie on these garments as they are worn (n, 3) metres."""
        return _Cutter(self._catalogue, self._shape, self._normals, self._joints, worn)

    def __call__(self, cut: GarmentCut) -> Part:
        template = self._catalogue.template(cut)
        piecewise = cut.panel is not None or cut.band is not None
        worn = self._worn.get(_garment_of(cut))
        if piecewise:
            positions = self._on_garment(template, cut)
        elif worn is not None and worn[0].off == cut.off:
            positions = worn[1] * np.float32(10.0)
        else:
            positions = self._fitted(template, cut)
        shade = 1.0 - OCCLUSION * (1.0 - template.light)
        if cut.kind not in (CutKind.head, CutKind.mask) and not piecewise:
            shade = shade * (1.0 - HEM_SHADE * template.edge)
        return Part(
            positions=(positions / 10.0).astype(np.float32),
            normals=template.normals(positions).astype(np.float32),
            bones=template.bone_rows,
            weights=template.bone_weights,
            faces=template.mesh.faces,
            levels=template.levels,
            shade=shade.astype(np.float32),
            name=str(cut.kind),
        )

    def _fitted(self, template: GarmentTemplate, cut: GarmentCut) -> np.ndarray:
        off = self._catalogue.stand_off(cut)
        return fit(template, off, cut, self._shape, self._normals, self._joints)

    def _on_garment(self, template: GarmentTemplate, cut: GarmentCut) -> np.ndarray:
        whole = cut.model_copy(update={"panel": None, "band": None})
        host = self._catalogue.template(whole)
        lift = 0.0
        worn = self._worn.get(_garment_of(whole))
        if worn is not None:
            lift, positions = cut.off - worn[0].off, worn[1] * np.float32(10.0)
        else:
            key = whole.model_dump_json()
            if key not in self._hosts:
                self._hosts[key] = self._fitted(host, whole)
            positions = self._hosts[key]
        moved = self._catalogue.follow(cut, whole) @ (positions - host.mesh(self._shape))
        outward = template.mesh(self._normals)
        outward /= np.maximum(np.sqrt((outward * outward).sum(1, keepdims=True)), 1e-6)
        outward[:, 1] = np.maximum(outward[:, 1], 0.0)
        return template.mesh(self._shape) + moved + np.float32(lift) * outward


def _garment_of(cut: GarmentCut) -> str:
    """Name a garment whatever panel is cut from it and however far it is lifted."""
    return cut.model_copy(
        update={"panel": None, "band": None, "hide": True, "off": 0.0}
    ).model_dump_json()


def on_clothes(body: FittedBody, worn: Sequence[tuple[GarmentCut, np.ndarray]]) -> FittedBody:
    """Return the body with panels cut from these garments as they are worn.

    ``worn``: each cut with the positions (n, 3) metres of its template's vertices.
    """
    cutter = body.cut
    if not isinstance(cutter, _Cutter):
        raise TypeError("only bodies made by Fitter can wear clothes")
    return replace(body, cut=cutter.wearing(worn))
