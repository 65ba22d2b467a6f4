"""What several cameras at one instant share: ``python -m benchmarks.multi_camera``.

1, 2, 4 and 8 cameras around a square look at the same 20 people, of whom each sees at least 12
well; every instant has new poses. Lit JPEG and palette-PNG mask of all cameras are asked for by
one request (``vget /moment``), coded and served over the protocol.

``ratio_8_SIZE``: CPU-seconds (user + system) of the engine per camera image with 8 cameras over
those with 1. ``ratio_8_SIZE_one_by_one``: the same by two commands a camera. ``ratio_1_SIZE``: one
camera by one request over by two commands. Rounds alternate between all of these, so that whatever
else the machine does meets them alike; ratios are medians over rounds. The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from benchmarks.engine import BenchEngine, crowd_file

TAKES = "ten minutes"
SMOKE = ("--rounds", "1", "--instants", "1", "--size", "320x240")

SCENE = "plaza"
PEOPLE, LEAST_SEEN, PIXELS_AT_720P = 20, 12, 2000
SIZES = {"800x600": "800x600", "1280x720": "720p"}
COUNTS: tuple[int, ...] = (1, 2, 4, 8)
_MIDDLE = (0.0, -640.0)  # beside the fountain, cm
_RADIUS, _HEIGHT, _FOV = 850.0, 520.0, 62.0  # of the ring of cameras, cm and degrees


@dataclass
class Costs:
    """Of one way to ask for so many cameras: CPU- and wall-seconds per camera image, by round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


class Square(BenchEngine):
    """An engine with a ring of cameras around people in the middle of a square."""

    def arrange(self) -> list[int]:
        """Place everybody and all cameras; how many people each camera sees well."""
        self.spawn(PEOPLE)
        self.cameras: list[int] = []
        for number in range(max(COUNTS)):
            self.ask(["vset /cameras/spawn"])
            turn = 2 * np.pi * (number + 0.5) / max(COUNTS)
            x, y = _MIDDLE[0] + _RADIUS * np.cos(turn), _MIDDLE[1] + _RADIUS * np.sin(turn)
            yaw, pitch = np.degrees(turn) + 180, -np.degrees(np.arctan2(_HEIGHT - 90, _RADIUS))
            camera = f"vset /camera/{number + 1}"
            self.ask(
                [
                    f"{camera}/location {x:.2f} {y:.2f} {_HEIGHT:.2f}",
                    f"{camera}/rotation {pitch:.4f} {yaw:.4f} 0",
                    f"{camera}/fov {_FOV}",
                    f"{camera}/size {self.size[0]} {self.size[1]}",
                ]
            )
            self.cameras.append(number + 1)
        self.pose(0.0)
        least = PIXELS_AT_720P * self.size[0] * self.size[1] / (1280 * 720)
        truths = self.ask([f"vget /camera/{number}/people" for number in self.cameras])
        return [sum(p["visible"] >= least for p in json.loads(t)["people"]) for t in truths]

    def pose(self, phase: float) -> None:
        """Everybody on a lattice of five by four in the middle, a step further."""
        commands = []
        for number, (column, row) in enumerate(product(range(5), range(4))):
            x = _MIDDLE[0] + (column - 2) * 135 + row * 30 + 40 * phase
            y = _MIDDLE[1] + (row - 1.5) * 130 + column * 20
            commands += [
                f"vset /object/p{number}/location {x:.4f} {y:.4f} 0.0000",
                f"vset /object/p{number}/rotation 0 {number * 47 % 360}.0000 0",
                f"vbp p{number} set_anim walk {(phase + number * 0.13) % 1.0:.4f}",
            ]
        self.ask(commands)

    def capture(self, first: int, count: int, together: bool) -> None:
        """Lit and mask of ``count`` cameras of the ring from ``first`` on."""
        chosen = [self.cameras[(first + n) % len(self.cameras)] for n in range(count)]
        if together:
            numbers = ",".join(map(str, chosen))
            self.ask([f"vget /moment {numbers} lit.jpg,object_mask.png"])
        else:
            modes = ("lit jpg", "object_mask png")
            self.ask([f"vget /camera/{n}/{mode}" for n in chosen for mode in modes])


def measure(engine: Square, rounds: int, instants: int) -> dict[tuple[int, bool], Costs]:
    """By number of cameras and whether by one request; every way draws every view as often."""
    ways = {way: Costs() for way in product(COUNTS, (False, True))}
    cameras = max(COUNTS)
    for way in ways:
        engine.pose(0.5)
        engine.capture(0, *way)
    for number in range(rounds):
        for (count, together), costs in ways.items():
            cpu, wall = engine.cpu(), time.perf_counter()
            for instant in range(instants * cameras // count):
                engine.pose((number * 7 + instant) / 48)
                engine.capture(instant * count, count, together)
            images = instants * cameras
            costs.cpu.append((engine.cpu() - cpu) / images)
            costs.wall.append((time.perf_counter() - wall) / images)
    return ways


def ratio(above: Costs, below: Costs) -> float:
    """Of CPU-seconds, the median over rounds."""
    return round(statistics.median(a / b for a, b in zip(above.cpu, below.cpu)), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--instants", type=int, default=6, help="with eight cameras, per round")
    parser.add_argument("--size", action="append", help="WIDTHxHEIGHT, instead of both")
    options = parser.parse_args()
    result: dict[str, object] = {}
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory() as folder:
        crowd = crowd_file(Path(folder), PEOPLE)
        for size in options.size or SIZES:
            name = SIZES.get(size, size)
            width, height = map(int, size.split("x"))
            engine = Square(SCENE, crowd, (width, height))
            try:
                seen = engine.arrange()
                if min(seen) < LEAST_SEEN:
                    raise SystemExit(f"{size}: cameras see {seen} people well, not {LEAST_SEEN}")
                ways = measure(engine, options.rounds, options.instants)
            finally:
                engine.stop()
            for (count, together), costs in ways.items():
                cpu, wall = statistics.median(costs.cpu), statistics.median(costs.wall)
                how = "one request" if together else "one by one "
                print(
                    f"{size} {count} cameras, {how}: {cpu * 1e3:.1f} ms CPU per image, "
                    f"{1 / wall:.1f} images/s (each camera sees {min(seen)} to {max(seen)} well)",
                    flush=True,
                )
            one, eight = ways[1, True], ways[8, True]
            result[f"ratio_8_{name}"] = ratio(eight, one)
            result[f"ratio_8_{name}_one_by_one"] = ratio(ways[8, False], ways[1, False])
            result[f"ratio_1_{name}"] = ratio(one, ways[1, False])
            result[f"images_per_s_8_{name}"] = round(1 / statistics.median(eight.wall), 2)
            result["renderer"] = engine.renderer
    result["calibration_cpu_s"] = round((calibration + calibration_cpu_s()) / 2, 4)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
