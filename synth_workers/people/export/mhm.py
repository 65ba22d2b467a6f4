"""Writes a person's body as a MakeHuman model (.mhm): the phenotype as MakeHuman's modifiers.

A model is a text file that MakeHuman (1.2 and later) and MPFB open. It holds the body and the
rig; clothes, hair and things are our own shapes, which MakeHuman does not know.
"""

from __future__ import annotations

from synth_workers.people.body.bodies import AGE_ANCHORS, BodyData
from synth_workers.people.body.makehuman_data import DETAIL_TARGETS
from synth_workers.people.spec import PersonSpec, Phenotype

MAKEHUMAN_VERSION = "v1.2.0"
"""The version whose names of modifiers are written."""

_YOUNG = 25.0  # years in the middle of MakeHuman's age slider
_ENDS = ("decr", "incr")
# MakeHuman files the lengths of the legs under arms and legs.
_GROUPS = {"legs": "armslegs"}


def mhm_text(spec: PersonSpec, data: BodyData) -> str:
    """The whole file."""
    modifiers = phenotype_modifiers(spec.body, data) | detail_modifiers(spec.body)
    lines = [
        f"# {spec.person_id}, written by UnrealPerson",
        f"version {MAKEHUMAN_VERSION}",
        f"name {spec.person_id}",
        f"tags {spec.gender}",
        "camera 0.0 0.0 0.0 0.0 0.0 1.0",
        *(f"modifier {name} {value:.6f}" for name, value in modifiers.items()),
        "skeleton game_engine.mhskel",
        "subdivide False",
    ]
    return "\n".join(lines) + "\n"


def phenotype_modifiers(body: Phenotype, data: BodyData) -> dict[str, float]:
    """Values of the macro sliders by MakeHuman's names, all 0..1."""
    ancestry = {name: max(share, 0.0) for name, share in body.race.items()}
    total = sum(ancestry.values())
    return {
        "macrodetails/Gender": body.gender,
        "macrodetails/Age": age_slider(body.age),
        **{f"macrodetails/{name.title()}": share / total for name, share in ancestry.items()},
        "macrodetails-universal/Muscle": body.muscle,
        "macrodetails-universal/Weight": body.weight,
        "macrodetails-height/Height": data.solve_height(body, body.stature),
        "macrodetails-proportions/BodyProportions": body.proportions,
        "breast/BreastSize": body.cup,
        "breast/BreastFirmness": body.firm,
    }


def age_slider(years: float) -> float:
    """MakeHuman's age: 0 is one year, 0.5 is 25, 1 is 90, straight between."""
    youngest, oldest = AGE_ANCHORS[0], AGE_ANCHORS[-1]
    if years < _YOUNG:
        return 0.5 * (years - youngest) / (_YOUNG - youngest)
    return 0.5 + 0.5 * (years - _YOUNG) / (oldest - _YOUNG)


def detail_modifiers(body: Phenotype) -> dict[str, float]:
    """Local modifiers: a pair of opposite targets is one slider from -1 to 1."""
    paths = {path.split("/")[1]: path for path in DETAIL_TARGETS}
    values: dict[str, float] = {}
    for target, weight in body.details:
        folder, name = paths[target].split("/")
        group = _GROUPS.get(folder, folder)
        stem, _, end = name.rpartition("-")
        if end in _ENDS:
            slider = f"{group}/{stem}-{'|'.join(_ENDS)}"
            signed = weight if end == _ENDS[1] else -weight
            values[slider] = values.get(slider, 0.0) + signed
        else:
            values[f"{group}/{name}"] = weight
    return values
