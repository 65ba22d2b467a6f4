"""Turns a phenotype into a body: MakeHuman's multilinear shape targets on the base mesh.

Shapes are decimetres as in MakeHuman, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np

from synth_workers.people.body import assets
from synth_workers.people.body.makehuman_data import AGES, LEVEL_NAMES
from synth_workers.people.mesh.surfaces import whole_faces
from synth_workers.people.spec import Phenotype

AGE_ANCHORS = (1.0, 10.0, 25.0, 90.0)
"""Years at which MakeHuman's baby, child, young and old targets are exact."""

_LEVEL_ANCHORS = (0.0, 0.5, 1.0)
_NEGLIGIBLE = 1e-4


NEUTRAL = Phenotype(
    gender=0.5, age=25.0, muscle=0.5, weight=0.5, stature=1.7, proportions=0.6,
    african=1.0, asian=1.0, caucasian=1.0,
)  # fmt: skip
"""The phenotype of the template on which garments are cut."""


def _between(value: float, anchors: tuple[float, ...], names: tuple[str, ...]) -> dict[str, float]:
    left = int(np.clip(np.searchsorted(anchors, value) - 1, 0, len(anchors) - 2))
    share = (value - anchors[left]) / (anchors[left + 1] - anchors[left])
    share = float(np.clip(share, 0.0, 1.0))
    return {names[left]: 1.0 - share, names[left + 1]: share}


def target_weights(phenotype: Phenotype, height: float) -> dict[str, float]:
    """Weight of every active target: products of linear interpolations (MakeHuman's rule)."""
    gender = {"female": 1.0 - phenotype.gender, "male": phenotype.gender}
    age = _between(phenotype.age, AGE_ANCHORS, AGES)
    muscle = _between(phenotype.muscle, _LEVEL_ANCHORS, LEVEL_NAMES)
    weight = _between(phenotype.weight, _LEVEL_ANCHORS, LEVEL_NAMES)
    cup = _between(phenotype.cup, _LEVEL_ANCHORS, LEVEL_NAMES)
    firm = _between(phenotype.firm, _LEVEL_ANCHORS, LEVEL_NAMES)
    heights = {"min": max(0.0, 1 - 2 * height), "max": max(0.0, 2 * height - 1)}
    ideal = phenotype.proportions
    proportions = {"ideal": max(0.0, 2 * ideal - 1), "uncommon": max(0.0, 1 - 2 * ideal)}
    total = sum(phenotype.race.values())
    out: dict[str, float] = {}
    for g, of_gender in gender.items():
        for a, of_age in age.items():
            for race, share in phenotype.race.items():
                out[f"race|{g}|{a}|{race}"] = of_gender * of_age * share / total
            for (m, of_muscle), (w, of_weight) in product(muscle.items(), weight.items()):
                build = of_gender * of_age * of_muscle * of_weight
                if build < _NEGLIGIBLE:
                    continue
                key = f"{g}|{a}|{m}|{w}"
                out[f"universal|{key}"] = build
                for end, share in heights.items():
                    out[f"height|{key}|{end}"] = build * share
                for end, share in proportions.items():
                    out[f"proportions|{key}|{end}"] = build * share
                if g == "female":
                    for (c, of_cup), (f, of_firm) in product(cup.items(), firm.items()):
                        out[f"cup|{key}|{c}|{f}"] = build * of_cup * of_firm
    for name, share in phenotype.detail.items():
        out[f"detail|{name}"] = share
    return {name: share for name, share in out.items() if share > _NEGLIGIBLE}


class BodyData:
    """MakeHuman's base mesh, targets and rig in memory.

    Stature needs only a few hundred vertices and works at once; the first ``shape`` unpacks
    all targets (about 140 MB). Instances are read-only and may be shared by threads.
    """

    def __init__(self, path: Path) -> None:
        self._file = np.load(path)
        self.vertices: np.ndarray = self._file["vertices"]
        self.bone_names = tuple(str(name) for name in self._file["bone_names"])
        self.bone_parents: np.ndarray = self._file["bone_parents"].astype(np.int64)
        self._row = {str(name): i for i, name in enumerate(self._file["target_names"])}
        self._probe_height: np.ndarray = self._file["probe_height"]
        self._probe_offsets: np.ndarray = self._file["probe_offsets"]
        self._probe_top = int(self._file["probe_top"])
        self._ends = self._file["head_rows"], self._file["tail_rows"]

    @classmethod
    def load(cls) -> BodyData:
        """Open the packed body data; ``MissingRequirement`` says how to get it if absent."""
        return cls(assets.require_assets())

    @cached_property
    def bone_rows(self) -> np.ndarray:
        """(19158, 4) uint8 rows of the strongest bones."""
        return self._file["bone_rows"]

    @cached_property
    def bone_weights(self) -> np.ndarray:
        """(19158, 4) float32, rows sum to 1."""
        return self._file["bone_weights"]

    @cached_property
    def _quads(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        names = [str(name) for name in self._file["group_names"]]
        return self._file["quads"], self._file["quad_group"], names

    @cached_property
    def _targets(self) -> np.ndarray:
        start = self._file["target_start"]
        rows = self._file["target_rows"].astype(np.int64)
        offsets = self._file["target_offsets"].astype(np.float32)
        dense = np.zeros((len(start) - 1, len(self.vertices), 3), np.float32)
        for target in range(len(start) - 1):
            part = slice(start[target], start[target + 1])
            dense[target, rows[part]] = offsets[part]
        return dense.reshape(len(dense), -1)

    def triangles(self, group: str) -> np.ndarray:
        """Return the (k, 3) triangles of a group of the base mesh, rows of all vertices."""
        quads, groups, names = self._quads
        quads = quads[groups == names.index(group)]
        triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        return triangles[whole_faces(triangles)].astype(np.int64)

    def shape(self, phenotype: Phenotype, height: float) -> np.ndarray:
        """Return the body as (19158, 3) float32 decimetres, helpers included."""
        body = self.vertices.ravel().copy()
        scratch = np.empty_like(body)
        for name, weight in target_weights(phenotype, height).items():
            row = self._row.get(name)
            if row is not None:
                np.multiply(self._targets[row], np.float32(weight), out=scratch)
                body += scratch
        return body.reshape(-1, 3)

    def stature(self, phenotype: Phenotype, height: float) -> float:
        """Return the naked height in metres without computing the body."""
        rows, weights = [], []
        for name, weight in target_weights(phenotype, height).items():
            if name in self._row:
                rows.append(self._row[name])
                weights.append(weight)
        ys = self._probe_height + np.array(weights, np.float32) @ self._probe_offsets[rows]
        return float(ys[: self._probe_top].max() - ys[self._probe_top :].min()) / 10.0

    def solve_height(self, phenotype: Phenotype, stature: float) -> float:
        """Return MakeHuman's height parameter (0..1) for a stature in metres.

        Stature is piecewise linear in the parameter with one knee at 0.5, so three
        evaluations give it exactly; statures out of reach are clamped.
        """
        knees = (0.0, 0.5, 1.0)
        return float(np.interp(stature, [self.stature(phenotype, h) for h in knees], knees))

    def joints(self, body: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return bone heads and tails, (53, 3) each, in the units of ``body``."""

        def mean(rows: np.ndarray) -> np.ndarray:
            inside = (rows >= 0)[..., None]
            return (body[np.maximum(rows, 0)] * inside).sum(1) / inside.sum(1)

        heads, tails = self._ends
        return mean(heads), mean(tails)
