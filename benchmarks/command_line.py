"""How long people wait for the command line: ``python -m benchmarks.command_line``.

Starts every command, each in a process of its own, and reads how much CPU time it and its children
have used when the first character is there; then ends it, unless others need what it makes. Then
types what is refused (``tests/flows/refused.py``) and reads what that took. CPU-seconds, user +
system, of the least of some tries: what somebody waits for on an idle machine, whatever else runs
on this one. Makes the data set ``tiny`` and a small model of it first, in a folder that goes away.

The last line is one JSON object: ``first_line_cpu_s`` and ``refusal_cpu_s``, command -> seconds,
and the slowest of each.
"""

from __future__ import annotations

import argparse
import json
import select
import shlex
import signal
import sys
import tempfile
from pathlib import Path

import psutil

from benchmarks.calibration import calibration_cpu_s
from benchmarks.smoke import Scratch
from benchmarks.typed_commands import cpu_seconds, started, whole_cpu_seconds
from tests.flows.refused import REFUSED

TAKES = "four minutes"
SMOKE = ("--only", "plan", "recipe", "--refusals", "1", "--tries", "1")

ASKED = (
    "--help",
    "doctor",
    "recipe list",
    "recipe show demo",
    "plan demo",
    "plan demo --cost",
    "build demo",
    "factory demo",
    "demo",
    "build tiny",
    "inspect tiny",
    "inspect tiny --shards",
    "verify tiny",
    "report tiny",
    "cost tiny",
    "diff tiny 1 1",
    "compare tiny --with tiny",
    "trace tiny {crop}",
    "replay {shard} 0 --dataset tiny",
    "gc tiny",
    "prune tiny --keep 1",
    "repair tiny",
    "export tiny --format coco --output coco",
    "train tiny --training tiny",
    "evaluate tiny",
    "adapt tiny --to tiny --adaptation tiny",
    "transfer tiny --target list.csv --training tiny",
    "reproduce table2",
    "people gallery tiny",
    "people export --count 1 --output people-glb",
    "scene show street",
    "scene show campus-17",
    "scene families",
    "scene sample --count 1",
    "scene write street --output street.yaml",
    "level schema",
    "probe 127.0.0.1:9",
    "engine --port 0",
    "assets install",
    "server status",
    "up --workers 1",
    "down",
    "server start",
    "server stop",
)
"""Tried in this order, in a folder in which all names are."""
TO_THE_END = ("up", "down", "server", "assets")
"""What later commands need, or what is better not stopped half way."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="WORD", help="commands that begin so")
    parser.add_argument("--refusals", type=int, default=len(REFUSED), help="how many")
    parser.add_argument("--tries", type=int, default=2)
    options = parser.parse_args()
    asked = [c for c in ASKED if not options.only or shlex.split(c)[0] in options.only]
    with tempfile.TemporaryDirectory(prefix="unrealperson-commands-") as folder:
        scratch = Scratch(Path(folder))
        names = _prepared(scratch) if any("tiny" in command for command in asked) else {}
        try:
            first = {c: _first_line(scratch, c.format(**names), options.tries) for c in asked}
        finally:
            scratch.run("flows.cli", "down", "--drain", "0")
            scratch.run("flows.cli", "server", "stop")
        empty = Scratch(Path(folder) / "empty")
        empty.folder.mkdir()
        refused = [shlex.join(words) for words, _ in REFUSED[: options.refusals]]
        refusal = {command: _whole(empty, command, options.tries) for command in refused}
    print(
        json.dumps(
            {
                "slowest_first_line_cpu_s": max(first.values()),
                "slowest_refusal_cpu_s": max(refusal.values(), default=0.0),
                "first_line_cpu_s": first,
                "refusal_cpu_s": refusal,
                "calibration_cpu_s": round(calibration_cpu_s(), 3),
            }
        )
    )


def _prepared(scratch: Scratch) -> dict[str, str]:
    """Publish and train; what commands are given that nobody knows before."""
    for words in ("build tiny", "train tiny --training tiny"):
        said, failed = scratch.run("flows.cli", *words.split())
        if failed:
            sys.exit(f"{words} failed:\n{failed}\n{said}")
    from manifests.dataset import Dataset
    from manifests.reader import open_snapshot
    from manifests.stores import open_store

    store = open_store(scratch.folder / "out" / "store")
    reader = open_snapshot(Dataset("tiny", store))
    rows = reader.table(["crop_key", "render_id", "person_index", "camera", "role"])
    with (scratch.folder / "list.csv").open("w") as listed:
        listed.write("path,person,camera,role\n")
        for number, (row, image) in enumerate(zip(rows.to_pylist(), reader.images())):
            if row["role"] in ("query", "gallery"):
                (scratch.folder / f"{number}.jpg").write_bytes(image)
                listed.write(f"{number}.jpg,{row['person_index']},{row['camera']},{row['role']}\n")
    return {"crop": rows["crop_key"][0].as_py(), "shard": rows["render_id"][0].as_py()}


def _first_line(scratch: Scratch, command: str, tries: int) -> float:
    """CPU-seconds until a command says something; the least of some tries."""
    once = command.startswith(TO_THE_END)
    found = [_until_it_speaks(scratch, command, once) for _ in range(1 if once else tries)]
    print(f"{min(found):6.2f} CPU-s to the first line of {command}", flush=True)
    return min(found)


def _until_it_speaks(scratch: Scratch, command: str, to_the_end: bool) -> float:
    process = started(scratch, shlex.split(command))
    assert process.stdout is not None
    select.select([process.stdout], [], [])
    spent = cpu_seconds(psutil.Process(process.pid))
    if not to_the_end:
        process.send_signal(signal.SIGTERM)
    process.communicate()
    return round(spent, 2)


def _whole(scratch: Scratch, command: str, tries: int) -> float:
    """CPU-seconds of a whole command; the least of some tries."""
    least, _ = whole_cpu_seconds(scratch, shlex.split(command), tries)
    print(f"{least:6.2f} CPU-s to the refusal of {command}", flush=True)
    return least


if __name__ == "__main__":
    main()
