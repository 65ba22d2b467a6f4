"""CPU time of annotating one 1920x1080 frame with 20 visible of 101 known people.

``python -m benchmarks.annotation`` prints as its last line one JSON object: ``boxes_ms``
(boxes, areas, fill and labels from the decoded mask), ``full_jpeg_ms`` (JPEG lit and palette
PNG mask to encoded crops and rows), ``full_png_ms`` (two RGBA PNGs, as UE4 sends them),
``memory_mb`` (peak of the process), all single-threaded, medians. The ``full`` figures are per
frame of a shard of eight, so that a shard's statistics count as much as they cost in a small one.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from benchmarks.calibration import calibration_cpu_s
from manifests.annotation_rules import AnnotationRules
from synth_workers.calibration import calibration
from synth_workers.images import decode_mask, read_lit
from tasks.annotate.bundle import Frame, FramePeople
from tasks.annotate.frames import annotate_frame
from tasks.annotate.shard import annotate_frames
from tests.synth_workers.encoding import encode_mask
from tests.tasks.annotate.drawing import Scene, everybody, shard_of

TAKES = "half a minute"
SMOKE = ("--repeats", "1")

WIDTH, HEIGHT, VISIBLE, KNOWN = 1920, 1080, 20, 101
SHARD_FRAMES = 8
RULES = AnnotationRules(min_visibility=0.3, max_others=0.8)
"""Under these all visible people are accepted: twenty crops are cut and encoded."""


def draw(person: int) -> np.random.Generator:
    return np.random.default_rng([1, 2, 3, 4, 0, person])


def street() -> Scene:
    """Walkers of 150 to 400 pixels with ragged outlines before a finely textured ground."""
    rng = np.random.default_rng(0)
    scene = Scene(width=WIDTH, height=HEIGHT)
    for level in (4, 16, 64):
        size = (WIDTH // level + 1, HEIGHT // level + 1)
        noise = rng.normal(0, 14, (size[1], size[0], 3)).astype(np.float32)
        noise = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        scene.pixels = np.clip(scene.pixels + noise, 0, 255).astype(np.uint8)
    for index in range(VISIBLE):
        height = int(rng.integers(150, 400))
        x = 20 + int(index * (WIDTH - 200) / VISIBLE + rng.integers(0, 40))
        y = int(rng.integers(20, HEIGHT - height - 20))
        scene.person(index, (x, y, x + int(height * 0.4), y + height), distance=900.0 + y)
    holes = rng.random((HEIGHT, WIDTH)) < 0.002  # railings, gaps between limbs
    scene.owner[holes] = -1
    for index in range(VISIBLE, KNOWN):
        scene.know(index)
    return scene


def frame_of(scene: Scene, lit: bytes, lit_format: str, mask: bytes) -> Frame:
    known = scene.people
    return Frame(
        frame=0,
        instant=0,
        time=0.0,
        camera="street_c01",
        light="day",
        width=WIDTH,
        height=HEIGHT,
        camera_location=np.array(scene.location),
        calibration=calibration(scene.location, (-15.0, 0.0, 0.0), 60.0, (WIDTH, HEIGHT)),
        lit=lit,
        lit_format=lit_format,
        mask=mask,
        people=FramePeople(
            index=np.array([p["person_index"] for p in known]),
            person_id=tuple(p["person_id"] for p in known),
            colour=np.array([p["colour"] for p in known], np.uint32),
            position=np.array([(p["x"], p["y"], p["z"]) for p in known]),
            yaw=np.array([p["yaw"] for p in known]),
            distance=np.array([p["distance"] for p in known]),
            animation=tuple(p["animation"] for p in known),
            full_box=np.array(
                [[p[f"full_{side}"] for side in ("x0", "y0", "x1", "y1")] for p in known]
            ),
            full_pixels=np.array([p["full_pixels"] or np.nan for p in known], np.float64),
            exact=np.array([p["exact"] for p in known]),
            joints=np.full((len(known), 17, 3), np.nan),
        ),
        channels={},
    )


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Median CPU time of one call."""
    work()
    taken = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        taken.append(time.process_time() - before)
    return round(1000 * float(np.median(taken)), 2)


def per_frame(frames: list[Frame], repeats: int) -> float:
    """Median CPU time of annotating a shard, divided by its frames."""
    shard, people = shard_of(KNOWN), everybody(KNOWN)
    whole = milliseconds(lambda: annotate_frames(frames, RULES, shard, people), repeats)
    return round(whole / len(frames), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    cv2.setNumThreads(1)
    scene = street()
    colours = scene.colours()
    opaque = cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2BGRA)
    jpeg = cv2.imencode(".jpg", scene.pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    png = cv2.imencode(".png", opaque, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()
    embedded = frame_of(scene, jpeg, "jpg", encode_mask(colours, "palette"))
    unreal = replace(embedded, lit=png, lit_format="png", mask=encode_mask(colours, "rgba"))

    mask = decode_mask(embedded.mask, (WIDTH, HEIGHT))
    crops = annotate_frames([embedded], RULES, shard_of(KNOWN), everybody(KNOWN)).crops
    figures = {
        "boxes_ms": milliseconds(
            lambda: annotate_frame(embedded, mask, RULES, "refuse", draw), repeats
        ),
        "decode_jpeg_ms": milliseconds(lambda: read_lit(jpeg, "jpg", (WIDTH, HEIGHT)), repeats),
        "decode_palette_ms": milliseconds(
            lambda: decode_mask(embedded.mask, (WIDTH, HEIGHT)), repeats
        ),
        "full_jpeg_ms": per_frame([embedded] * SHARD_FRAMES, repeats),
        "full_png_ms": per_frame([unreal] * SHARD_FRAMES, repeats),
        "crops": crops.num_rows,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "calibration_cpu_s": calibration_cpu_s(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
