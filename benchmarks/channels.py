"""What each channel of ground truth adds to a frame: ``python -m benchmarks.channels``.

Four cameras look at the people of ``benchmarks.multi_camera``, who are somewhere else at every
instant. The engine is asked for lit and mask, and for the same with one channel more, by turns; the
difference is what that channel costs it. Then its replies are made into what bundles store, as
workers do. CPU-seconds are of engine and worker; bytes are of pictures as they are stored, and of
numbers of twenty people. ``--write`` stores the figures where ``unrealperson plan --cost`` reads
them. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from benchmarks.engine import crowd_file
from benchmarks.multi_camera import PEOPLE, SCENE, Square
from benchmarks.unit_costs import CHANNELS_ENTRY, TARGET
from manifests.channels import CHANNELS, Channel
from synth_workers.channels import stored_channels, with_people
from synth_workers.contracts.person.asking import OF_WORLD, SOLIDS, TRUTH
from synth_workers.contracts.person.replies import parse_solids
from synth_workers.images import decode_mask
from synth_workers.moments import unpack_moment

TAKES = "two minutes"
SMOKE = ("--rounds", "1", "--instants", "1", "--size", "320x240")

CAMERAS = 4
_PLAIN = "lit.jpg,object_mask.png"
_FLOAT_BYTES = 4


class Truthful(Square):
    """The square, asked for channels."""

    def pose(self, phase: float) -> None:
        """As ``Square.pose``, and where everybody goes next."""
        super().pose(phase)
        self.ask([f"vbp p{number} set_next 0 0 0 0 walk 0.5" for number in range(PEOPLE)])

    def moment(self, first: int, channel: Channel | None) -> list[bytes]:
        """The replies that hold ``channel``: of each camera, or one of the whole world."""
        chosen = [self.cameras[(first + n) % len(self.cameras)] for n in range(CAMERAS)]
        wanted = _PLAIN
        if channel in TRUTH:
            # Depth is read of what was drawn last, so it comes first.
            wanted = f"{'.'.join(TRUTH[channel])},{_PLAIN}"
        commands = [f"vget /moment {','.join(map(str, chosen))} {wanted}"]
        if channel in OF_WORLD:
            commands.append(SOLIDS)
        moment, *solids = self.ask(commands)
        if solids:
            return [str(solids[0]).encode()]
        assert isinstance(moment, bytes)
        parts = unpack_moment(moment).parts
        if channel == "instances":  # needs the mask as well
            return [part.data for part in parts if part.mode != "lit"]
        return [part.data for part in parts if part.mode not in ("lit", "object_mask")]


def engine_costs(engine: Truthful, rounds: int, instants: int) -> dict[Channel, float]:
    """CPU-seconds that each channel adds to an image, the median over rounds."""
    ways: tuple[Channel | None, ...] = (None, *CHANNELS)
    spent: dict[Channel | None, list[float]] = defaultdict(list)
    for way in ways:
        engine.pose(0.5)
        engine.moment(0, way)
    for number in range(rounds):
        for way in ways:
            before = engine.cpu()
            for instant in range(instants):
                engine.pose((number * 7 + instant) / 48)
                engine.moment(instant * CAMERAS, way)
            spent[way].append((engine.cpu() - before) / instants / CAMERAS)
    plain = spent[None]
    return {
        name: max(statistics.median(a - b for a, b in zip(spent[name], plain)), 0.0)
        for name in CHANNELS
    }


def worker_costs(engine: Truthful, instants: int) -> dict[Channel, tuple[float, float]]:
    """CPU-seconds and bytes stored, of each channel of an image."""
    found: dict[Channel, tuple[float, float]] = {}
    for name in CHANNELS:
        seconds, size = 0.0, 0
        for instant in range(instants):
            engine.pose(instant / 48)
            replies = engine.moment(instant * CAMERAS, name)
            before = time.process_time()
            size += _stored(name, replies, engine.size)
            seconds += time.process_time() - before
        found[name] = seconds / instants / CAMERAS, size / instants / CAMERAS
    return found


def _stored(name: Channel, replies: list[bytes], size: tuple[int, int]) -> int:
    """How many bytes are stored of the ``replies`` of one instant."""
    if name in OF_WORLD:
        people = parse_solids(replies[0].decode(), set()).values()
        numbers = sum(len(p.box) if name == "boxes3d" else 3 * len(p.joints) for p in people)
        return numbers * _FLOAT_BYTES * CAMERAS
    if name != "instances":
        return sum(len(stored_channels({name: data}, size)[name]) for data in replies)
    total = 0
    for numbers, mask in zip(replies[::2], replies[1::2]):
        decoded = decode_mask(mask)
        people = np.where(decoded.colours != 0, np.arange(len(decoded.colours)), 0)
        total += len(with_people(numbers, people[decoded.indices].astype(np.uint8)))
    return total


def figures(size: tuple[int, int], rounds: int, instants: int) -> dict[str, Any]:
    """As ``tasks.plan.unit_costs.ChannelCosts`` has it, by channel."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Truthful(SCENE, crowd_file(Path(folder), PEOPLE), size)
        try:
            engine.arrange()
            drawn = engine_costs(engine, rounds, instants)
            stored = worker_costs(engine, instants)
        finally:
            engine.stop()
    megapixels = size[0] * size[1] / 1e6
    return {
        name: {
            "engine_cpu_s_per_megapixel": round(drawn[name] / megapixels, 4),
            "worker_cpu_s_per_megapixel": round(stored[name][0] / megapixels, 4),
            "bytes_per_megapixel": round(stored[name][1] / megapixels),
        }
        for name in CHANNELS
    }


def write(costs: Mapping[str, Any]) -> None:
    """Put the figures beside the other unit costs."""
    stored = json.loads(TARGET.read_text())
    TARGET.write_text(json.dumps({**stored, CHANNELS_ENTRY: costs}, indent=2) + "\n")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--instants", type=int, default=4, help="per round")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--write", action="store_true", help=f"write into {TARGET}")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    calibration = calibration_cpu_s()
    of_each = figures((width, height), options.rounds, options.instants)
    costs = {"calibration_cpu_s": round(calibration, 3), "of": of_each}
    if options.write:
        write(costs)
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
