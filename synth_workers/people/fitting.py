"""Makes one person's measured body and fits any cut to it.

The border between templates (decimetres, neutral) and a person's surfaces (metres): everything
after this file is metres with the lowest skin on y = 0.
"""

from __future__ import annotations

import numpy as np

from synth_workers.people.bodies import BodyData, PhenotypeLike
from synth_workers.people.fitted_body import BODY_VERTICES, FittedBody
from synth_workers.people.garment_catalogue import GarmentCatalogue
from synth_workers.people.garments import fit
from synth_workers.people.parts import Part
from synth_workers.people.spec import CutKind, GarmentCut
from synth_workers.people.surfaces import incidence, vertex_normals

HEM_SHADE = 0.22
"""How much darker doubled cloth at hems, cuffs and waistbands is."""

OCCLUSION = 0.85
"""How much of the template's missing sky light is painted into the colours."""


class Fitter:
    """Fits bodies and cuts; holds only caches, so one instance serves a whole process."""

    def __init__(self, data: BodyData, catalogue: GarmentCatalogue) -> None:
        self.data = data
        self.catalogue = catalogue
        groups = ("body", "helper-tights", "helper-skirt", "helper-l-eye", "helper-r-eye")
        self._triangles = np.concatenate([catalogue.triangles[group] for group in groups])
        self._incidence = incidence(len(data.vertices), self._triangles)
        self._skull = catalogue.fields.head_share[:BODY_VERTICES] > 0.9
        eyes = ("helper-l-eye", "helper-r-eye")
        self._eyes = [np.unique(catalogue.triangles[eye]) for eye in eyes]

    def body(self, phenotype: PhenotypeLike, stature: float) -> FittedBody:
        """Shape a body of the given stature (metres) and measure it."""
        shape = self.data.shape(phenotype, self.data.solve_height(phenotype, stature))
        shape[:, 1] -= shape[:BODY_VERTICES, 1].min()
        heads, tails = self.data.joints(shape)
        normals = vertex_normals(shape, self._triangles, self._incidence)
        skull = shape[:BODY_VERTICES][self._skull] / 10.0
        low, high = skull.min(0), skull.max(0)
        joints = dict(zip(self.data.bone_names, heads.astype(np.float32)))

        def cut_part(cut: GarmentCut) -> Part:
            return self._cut(cut, shape, normals, joints)

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
            cut=cut_part,
        )

    def _cut(
        self,
        cut: GarmentCut,
        shape: np.ndarray,
        normals: np.ndarray,
        joints: dict[str, np.ndarray],
    ) -> Part:
        template = self.catalogue.template(cut)
        off = self.catalogue.stand_off(cut)
        positions = fit(template, off, cut, shape, normals, joints)
        shade = 1.0 - OCCLUSION * (1.0 - template.light)
        if cut.kind not in (CutKind.head, CutKind.mask) and cut.panel is None:
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
