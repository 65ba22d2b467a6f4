"""A minute of a crossroads, recorded whole: ``python -m benchmarks.recording --store FOLDER``.

Enlarges the recipe `video` to 40 people whom eight cameras, some of which overlap, record at
1280x720 and 10 frames a second: 4,800 pictures with masks, tracks of everybody, an MP4 of each
camera. It is built through Prefect twice, once with everything killed (``kill -9``)
``--interrupt`` times on the way and once in peace; CPU-seconds are those of every process. What
lies in the folder is not built again. The last line is one JSON object; the exit code is 1 unless
both builds have one content digest and the same bytes in every video. ``--walk`` measures what it
takes to know where people are, which every window works out from the first tick on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from benchmarks.full_build import build
from benchmarks.measured_build import Place, read_measurements, summary
from manifests.dataset import Dataset
from manifests.expenses import read_expenses
from manifests.reader import SnapshotReader, open_snapshot
from manifests.recipes_io import load_recipe
from manifests.requests import read_recipe
from manifests.shards import TimeWindow
from manifests.stores import open_store
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from synth_workers.planning.recording import find_doors, record
from synth_workers.planning.walk_net import walk_net
from synth_workers.scenes.library import load_scene
from tasks.plan.unit_costs import drawn_megapixels

TAKES = "half an hour"
SMOKE = (
    *("--store", "recorded", "--seconds", "4", "--window", "2", "--people", "16"),
    *("--interrupt", "1"),  # with fewer seconds, people or cameras nobody has enough crops
)

RECIPE, SCENE = "video", "crossing"
STRUCK, CALM = "struck", "calm"


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="folder of everything built")
    parser.add_argument("--walk", action="store_true", help="only what walking costs; no build")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long is recorded")
    parser.add_argument("--window", type=float, default=5.0, help="seconds of a shard")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--cameras", type=int, default=8, help="the first ones of the scene")
    parser.add_argument("--interrupt", type=int, default=3, help="kill -9 everything so often")
    options = parser.parse_args()
    if options.walk:
        print(json.dumps({"walk_cpu_s_per_person_second": walking(), **_calibrated()}))
        return 0
    if options.store is None:
        parser.error("--store: say in which folder everything is built")
    overrides = assignments(options)
    found: dict[str, Any] = {}
    for which, kills in ((STRUCK, options.interrupt), (CALM, 0)):
        place = Place(options.store.resolve() / which, RECIPE)
        if not _finished(place) and not build(place.folder, RECIPE, overrides, kills):
            return 1
        found[which] = figures(place)
        print(json.dumps({which: found[which]}), flush=True)
    digests = {one["content_digest"] for one in found.values()}
    videos = {tuple(one.pop("videos_sha256")) for one in found.values()}
    equal = {"equal_digests": len(digests) == 1, "equal_videos": len(videos) == 1}
    print(json.dumps({**equal, "interrupts": options.interrupt, **found}))
    return 0 if all(equal.values()) else 1


def assignments(options: argparse.Namespace) -> list[str]:
    """What is changed of the recipe, as ``--set`` takes it."""
    cameras = [f"{SCENE}_c{number + 1:02d}" for number in range(options.cameras)]
    place = {"name": SCENE, "cameras": cameras, "lights": ["day"]}
    return [
        f"people.count={options.people}",
        f"scenes={json.dumps([place])}",
        f'video={{"fps": 10, "seconds": {options.seconds:g}}}',
        f"shards.people_per_shard={options.people}",
        f"shards.seconds_per_shard={options.window:g}",
    ]


def figures(place: Place) -> dict[str, Any]:
    """What a finished build is, and what it took."""
    reader = open_snapshot(Dataset(RECIPE, open_store(str(place.store))))
    spent, videos = summary(place, read_measurements(place)), reader.videos().values()
    frames = reader.recorded(["tick"]).num_rows
    cpu_seconds = 3600 * spent["cpu_hours"]
    return {
        "content_digest": reader.snapshot.content_digest,
        "frames": frames,
        **_seen(reader),
        "crops": reader.snapshot.crops,
        "video_mb": [round(file.bytes / 1e6, 1) for file in videos],
        "videos_sha256": [file.sha256 for file in videos],
        "coder": reader.snapshot.lineage["video_coders"],
        "cpu_minutes": round(cpu_seconds / 60, 1),
        "unit_costs": _unit_costs(reader, frames),
        "cpu_ms_per_frame": round(1000 * cpu_seconds / frames, 1),
        "cpu_seconds_of_shards": reader.snapshot.lineage["cpu_seconds"],
        **{name: spent[name] for name in ("wall_minutes", "peak_gb", "disk_gb", "interrupts")},
        "lost_cpu_seconds": spent["lost_cpu_seconds"],
    }


def _seen(reader: SnapshotReader) -> dict[str, Any]:
    """Who was seen: at all, and by how many cameras, as a median."""
    tracks = reader.tracks(["camera", "person_index", "visible_pixels"]).to_pandas()
    seen = tracks[tracks["visible_pixels"] > 0].groupby("person_index")["camera"].nunique()
    return {
        "track_rows": len(tracks),
        "people_seen": len(seen),
        "cameras_per_person": float(seen.median()),
    }


def _unit_costs(reader: SnapshotReader, frames: int) -> dict[str, float]:
    """As ``tasks.plan.unit_costs.RecordingCosts``."""
    dataset, spent = reader.dataset, reader.snapshot.lineage["cpu_seconds"]
    megapixels = drawn_megapixels(read_recipe(dataset, reader.snapshot.recipe_digest).image)
    publishing = [one.cpu_seconds for one in read_expenses(dataset) if one.stage == "publish"]
    size = sum(info.size for info in dataset.store.list(f"{dataset.name}/frames/"))
    size += sum(file.bytes for file in reader.videos().values())
    return {
        **_calibrated(),
        "engine_cpu_s_per_megapixel": round(spent["engine"] / frames / megapixels, 4),
        "worker_cpu_s_per_frame": round(spent["worker"] / frames, 5),
        "annotate_cpu_s_per_frame": round(spent["annotate"] / frames, 5),
        "publish_cpu_s_per_frame": round(publishing[-1] / frames, 5),
        "bytes_per_frame": round(size / frames),
        "walk_cpu_s_per_person_second": walking(),
    }


def walking(people: int = 40, seconds: int = 40) -> float:
    """CPU-seconds that a second of one person's walk takes, whoever records it."""
    counts = {"people.count": people, "shards.people_per_shard": people}
    scene, recipe = load_scene(SCENE), load_recipe(RECIPE, counts)
    specs = sample_people(recipe.people, recipe.seed, range(people))
    cache = PeopleCache()
    cache.ensure(specs)
    motions = [cache.motion(spec.digest()) for spec in specs]
    net = walk_net(scene.walk)
    doors = find_doors(net, scene, scene.cameras, 1280, 720)
    window = TimeWindow(fps=10, first=10 * seconds - 1, ticks=1)
    before = time.process_time()
    record(net, doors, motions, window, np.random.SeedSequence(1))
    return round((time.process_time() - before) / people / seconds, 7)


def _calibrated() -> dict[str, float]:
    return {"calibration_cpu_s": calibration_cpu_s()}


def _finished(place: Place) -> bool:
    return any(part.finished for part in read_measurements(place))


if __name__ == "__main__":
    sys.exit(main())
