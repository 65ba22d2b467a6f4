"""Size of every shipped scene and CPU time to describe, build and load it.

``python -m benchmarks.scenes`` prints as its last line one JSON object: for each scene
``triangles_near``, ``triangles_far``, ``vertices``, ``layers``, ``describe_cpu_s`` (what a worker
needs), ``build_cpu_s`` (geometry and textures from nothing) and ``load_cpu_s`` (from the cache).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable

from benchmarks.calibration import calibration_cpu_s
from synth_workers.scenes.cache import load_geometry
from synth_workers.scenes.library import build_geometry, load_scene, scene_names

TAKES = "half a minute"
SMOKE = ("--scenes", "street")


def _cpu_s(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return round(time.process_time() - start, 3)


def measure(name: str) -> dict[str, float | int]:
    """Figures of one scene; the cache must be empty before."""
    describe = _cpu_s(lambda: load_scene(name))
    build = _cpu_s(lambda: build_geometry(name))
    geometry = load_geometry(name)
    near, far = geometry.triangles()
    return {
        "triangles_near": near,
        "triangles_far": far,
        "vertices": sum(len(cell.vertices) for cell in geometry.cells),
        "layers": len(geometry.layers),
        "describe_cpu_s": describe,
        "build_cpu_s": build,
        "load_cpu_s": _cpu_s(lambda: load_geometry(name)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", nargs="+", choices=scene_names(), default=scene_names())
    chosen = parser.parse_args().scenes
    with tempfile.TemporaryDirectory() as folder:
        os.environ["UNREALPERSON_CACHE"] = folder
        figures: dict[str, object] = {name: measure(name) for name in chosen}
    figures["calibration_cpu_s"] = calibration_cpu_s()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
