"""Random people who must all be sound: ``python -m benchmarks.people_soundness``.

Draws people of the usual recipe and of one that mixes everything at once (textures drawn
without regard to garments, every accessory likely, several outfits), builds each of them and
plays both clips on the coarsest level. The last line is one JSON object: how many were built,
how many of them ``faulty`` (an exception, a value that is not finite, a limb out of reach) and
the CPU seconds. Ends with code 1 when anybody is faulty.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np

from manifests.people import PeopleRecipe, TextureMode
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.looks.sampling import sample_person
from synth_workers.people.person import BuiltPerson
from synth_workers.people.spec import PersonSpec
from synth_workers.people.worn.accessories.registry import ACCESSORIES

TAKES = "five minutes"
SMOKE = ("--people", "4")

SEED = 29
_REACH_M = 3.0
_EVERY = 8


def main() -> None:
    """Build, animate, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    count = parser.parse_args().people
    data = BodyData.load()
    builder = PersonBuilder(data, GarmentCatalogue(data))
    start = time.process_time()
    faulty = 0
    for index in range(count):
        spec = _spec(index, count)
        try:
            fault = _fault(builder.build(spec))
        except Exception as error:
            fault = repr(error)
        if fault:
            faulty += 1
            print(f"{spec.person_id}: {fault}", file=sys.stderr)
    seconds = time.process_time() - start
    print(json.dumps({"people": count, "faulty": faulty, "cpu_s": round(seconds, 1)}))
    sys.exit(1 if faulty else 0)


def _spec(index: int, count: int) -> PersonSpec:
    usual = PeopleRecipe(count=count)
    wild = PeopleRecipe(
        count=count,
        textures=TextureMode.generated,
        accessories=dict.fromkeys(ACCESSORIES.names, 0.5),
        outfits_per_person=3,
        look_alikes=0.5,
        dark_clothing=0.2,
        ages={"child": 1.0, "adult": 1.0, "senior": 1.0},
    )
    if index % 2:
        return sample_person(wild, SEED, index, outfit=index % 3)
    return sample_person(usual, SEED, index)


def _fault(person: BuiltPerson) -> str:
    """What is wrong with a built person, or nothing."""
    for lod in person.lods:
        for name in ("position", "uv"):
            if not np.isfinite(lod.vertices[name].astype(np.float32)).all():
                return f"{name} is not finite"
        if lod.indices.max() >= len(lod.vertices):
            return "a triangle has a corner that does not exist"
    vertices = person.lods[-1].vertices
    rest = np.concatenate([vertices["position"], np.ones((len(vertices), 1), np.float32)], 1)
    weights = vertices["weights"].astype(np.float32) / 255.0
    for name, clip in person.clips.items():
        for bones in clip.bones[::_EVERY]:
            blended = np.einsum("nk,nkij->nij", weights, bones[vertices["bones"]])
            posed = np.einsum("nij,nj->ni", blended, rest)
            if not np.isfinite(posed).all():
                return f"clip {name} is not finite"
            if np.abs(posed).max() > _REACH_M:
                return f"clip {name} reaches {np.abs(posed).max():.1f} m"
    return ""


if __name__ == "__main__":
    main()
