"""Cost and quality of mass-producing people: ``python -m benchmarks.people``.

Prints as its last line one JSON object:

``spec_ms``, ``build_ms``: CPU per person to draw a spec, and to build and store its mesh with
warm templates; ``cold_build_ms``: the same from an empty cache, templates included;
``cpu_s_3000``: 3,000 people from an empty cache, extrapolated from ``people``.
``poke_through_p99``, ``poke_through_max``: visible pixels of an inner layer (or skin) that lies
more than 3 cm under an outer garment in the rest pose, as a share of all visible pixels of the
person, over people x poses x views. ``foot_slide_share``: mean speed of sole points that touch
the ground, as a share of walking speed. ``distinct_garments``: how many of the garments that
3,000 people wear (the first 1,500 that differ in cut or details) differ from each other, worn
alone on one mannequin, in at least 2 % of the mannequin's pixels of a 256-pixel front and back
part-label picture (collars, pockets, zips are parts; bags and hats are not counted).
``clothes_nn``: quantiles of each person's distance to the most similarly dressed other person
(mean and spread of each cloth tile in CIELAB, per slot; look-alikes of the same group left out,
theirs are ``look_alike_nn``).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from scipy.spatial import KDTree

from benchmarks.calibration import calibration_cpu_s
from benchmarks.people_labels import LabelCamera
from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import NEUTRAL, BodyData
from synth_workers.people.cache import PeopleCache
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.mesh.pieces import Tiles
from synth_workers.people.motion.activities import build_clips
from synth_workers.people.spec import DetailKind, GarmentSpec, PersonSpec, Slot
from synth_workers.people.textures import fabrics

TAKES = "ten minutes"
SMOKE = ("--people", "6", "--wearers", "20")

DISTINCT_SHARE = 0.02
DEEP_DM = 0.3
GARMENTS = 1500
POSES = 6
VIEWS = ((20.0, 10.0), (110.0, 10.0), (200.0, 20.0), (290.0, 0.0))
SEED = 11
_PARTS = (*map(str, DetailKind), "hood", "strings", "laces")


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--wearers", type=int, default=3000, help="whose garments are compared")
    options = parser.parse_args()
    recipe = PeopleRecipe(count=max(options.people, 5))
    started = time.process_time()
    specs = sample_people(recipe, SEED, range(options.people))
    spec_ms = 1000 * (time.process_time() - started) / len(specs)
    figures: dict[str, object] = {"people": len(specs), "spec_ms": round(spec_ms, 2)}
    figures |= _building(specs, spec_ms)
    data = BodyData.load()
    catalogue = GarmentCatalogue(data)
    builder, fitter, camera = PersonBuilder(data, catalogue), Fitter(data, catalogue), LabelCamera()
    figures |= _poking(specs[: min(len(specs), 60)], builder, fitter, camera)
    figures["foot_slide_share"] = round(_sliding(specs[:40], builder), 4)
    count = options.wearers
    wearers = sample_people(PeopleRecipe(count=count), SEED, range(count))
    figures["distinct_garments"] = _distinct(wearers, builder, fitter, camera)
    figures |= _diversity(specs)
    print(json.dumps({**figures, "calibration_cpu_s": calibration_cpu_s()}))


def _building(specs: Sequence[PersonSpec], spec_ms: float) -> dict[str, object]:
    data = BodyData.load()
    with tempfile.TemporaryDirectory() as folder:
        catalogue = GarmentCatalogue(data, Path(folder) / "templates")
        builder = PersonBuilder(data, catalogue)
        started = time.process_time()
        for spec in specs:
            builder.build(spec)
        cold = 1000 * (time.process_time() - started) / len(specs)
        cache = PeopleCache(Path(folder) / "people")
        started = time.process_time()
        for spec in specs:
            cache.store(spec.digest(), builder.build(spec))
        warm = 1000 * (time.process_time() - started) / len(specs)
    templates = (cold - warm) * len(specs)
    total = (3000 * (spec_ms + warm) + max(templates, 0.0)) / 1000
    return {
        "build_ms": round(warm, 1),
        "cold_build_ms": round(cold, 1),
        "cpu_s_3000": round(total, 1),
    }


def _poking(
    specs: Sequence[PersonSpec], builder: PersonBuilder, fitter: Fitter, camera: LabelCamera
) -> dict[str, float]:
    shares = []
    for spec in specs:
        body = fitter.body(spec.body, spec.body.stature)
        pieces = builder.pieces(spec, body, Tiles())
        clip = build_clips(spec.gait, body)["walk"]
        for pose in range(POSES):
            frame = pose * len(clip.bones) // POSES
            for heading, pitch in VIEWS:
                labels, deep = camera.draw(
                    pieces,
                    [1] * len(pieces),
                    heading=heading,
                    pitch=pitch,
                    clip=clip,
                    frame=frame,
                    deep=DEEP_DM,
                )
                shares.append((deep & (labels > 0)).sum() / max((labels > 0).sum(), 1))
    return {
        "poke_through_p99": round(float(np.quantile(shares, 0.99)), 5),
        "poke_through_max": round(float(np.max(shares)), 5),
        "poke_through_mean": round(float(np.mean(shares)), 6),
    }


def _sliding(specs: Sequence[PersonSpec], builder: PersonBuilder) -> float:
    shares = []
    for spec in specs:
        person = builder.build(spec)
        clip, vertices = person.clips["walk"], person.lods[1].vertices
        soles = vertices[vertices["position"][:, 1] < 0.004]
        rest = np.ones((len(soles), 4), np.float32)
        rest[:, :3] = soles["position"]
        weights = soles["weights"].astype(np.float32) / 255.0
        places = []
        for frame, travel in zip(clip.bones, clip.travel):
            blended = np.einsum("nk,nkij->nij", weights, frame[soles["bones"]])
            place = np.einsum("nij,nj->ni", blended, rest)
            place[:, 2] += travel
            places.append(place)
        track = np.array(places)
        step = np.diff(track, axis=0)
        down = (track[:-1, :, 1] < 0.004) & (track[1:, :, 1] < 0.004)
        speed = clip.travel[-1] / (len(clip.travel) - 1)
        moved = np.hypot(step[..., 0], step[..., 2])[down]
        shares.append(float(moved.mean() / speed) if len(moved) else 0.0)
    return float(np.mean(shares))


def _distinct(
    specs: Sequence[PersonSpec], builder: PersonBuilder, fitter: Fitter, camera: LabelCamera
) -> int:
    """Count garments greedily: one counts when it differs from all that counted before."""
    model = specs[0].model_copy(update={"accessories": (), "look_alike": None})
    body = fitter.body(NEUTRAL, 1.72)
    counted: dict[Slot, list[np.ndarray]] = {}
    for garment in islice(_garments(specs), GARMENTS):
        pieces = builder.pieces(model.model_copy(update={"garments": (garment,)}), body, Tiles())
        worn = [_label(piece.name, garment) for piece in pieces]
        views = [camera.draw(pieces, worn, heading=heading)[0] for heading in (0.0, 180.0)]
        picture = np.stack(views)
        others = counted.setdefault(garment.slot, [])
        person = (picture > 0).sum()
        if all((picture != other).sum() >= DISTINCT_SHARE * person for other in others):
            others.append(picture)
    return sum(map(len, counted.values()))


def _label(name: str, garment: GarmentSpec) -> int:
    """Return 1 for the mannequin, 2 for cloth, more for collars, pockets, zips and so on."""
    if name in (garment.name, "sole"):
        return 2
    if name.startswith(f"{garment.name}."):
        return 3 + _PARTS.index(name.split(".")[1])
    return 1


def _garments(specs: Sequence[PersonSpec]) -> Iterator[GarmentSpec]:
    seen = set()
    for spec in specs:
        for garment in spec.garments:
            key = (garment.slot, garment.cuts, tuple(detail.kind for detail in garment.details))
            if key not in seen:
                seen.add(key)
                yield garment


def _diversity(specs: Sequence[PersonSpec]) -> dict[str, list[float]]:
    described = np.array([_clothes(spec) for spec in specs])
    found = KDTree(described).query(described, k=min(6, len(specs)))
    distance, nearest = np.asarray(found[0]), np.asarray(found[1], np.int64)
    groups = [spec.look_alike.group_id if spec.look_alike else None for spec in specs]
    strangers, kin = [], []
    for own, row, near in zip(groups, distance, nearest):
        others = [d for d, n in zip(row[1:], near[1:]) if own is None or groups[n] != own]
        strangers.extend(others[:1])
        if own is not None:
            kin.extend([d for d, n in zip(row[1:], near[1:]) if groups[n] == own][:1])
    quantiles = (0.01, 0.1, 0.5, 0.9)
    return {
        "clothes_nn": [round(float(np.quantile(strangers, q)), 2) for q in quantiles],
        "look_alike_nn": [round(float(np.quantile(kin, q)), 2) for q in quantiles] if kin else [],
    }


def _clothes(spec: PersonSpec) -> np.ndarray:
    """Describe what a person wears: per slot the cloth's mean and spread in CIELAB."""
    slots = (Slot.outer, Slot.top, Slot.bottom, Slot.shoes)
    out = np.zeros((len(slots), 6))
    for garment in spec.garments:
        instead = {Slot.dress: (1, 2), Slot.skirt: (2,)}
        rows = instead.get(garment.slot) or (slots.index(garment.slot),)
        if garment.fabric.kind == "solid":
            tile = np.full((1, 1, 3), garment.fabric.main_colour, np.uint8)
        else:
            tile = fabrics.render_tile(garment.fabric, 32)
        lab = cv2.cvtColor(tile.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
        for row in rows:
            out[row] = [*lab.mean(0), *lab.std(0)]
    return out.ravel()


if __name__ == "__main__":
    main()
