"""What runs of the benchmark saw, line by line in a folder: the next one goes on from it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CALM = "calm"


@dataclass
class Record:
    """Faults and builds of all runs that named ``folder``; ``run``: the number of this one.

    Each run has a farm of its own: a build belongs to the run that made it.
    """

    folder: Path
    run: int = 1
    faults: list[dict[str, Any]] = field(default_factory=list)
    builds: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Record:
        """What stands in a folder, to be gone on with."""
        faults, builds = (_lines(folder / f"{name}.jsonl") for name in ("faults", "builds"))
        run = 1 + max((line["run"] for line in [*faults, *builds]), default=0)
        return cls(folder, run, faults, builds)

    def add_fault(self, fault: dict[str, Any]) -> None:
        self._add("faults", self.faults, fault)

    def add_build(self, build: dict[str, Any]) -> None:
        self._add("builds", self.builds, build)

    @property
    def unjudged(self) -> int:
        """Faults in builds of which nobody saw the end."""
        judged = {(build["run"], build["store"]) for build in self.builds}
        return sum((fault["run"], fault["store"]) not in judged for fault in self.faults)

    @property
    def digests_equal(self) -> bool:
        """Whether every build has the digest of its run's undisturbed one."""
        calm = {b["run"]: b["digest"] for b in self.builds if b["store"] == CALM}
        return all(build["digest"] == calm.get(build["run"]) for build in self.builds)

    def _add(self, name: str, lines: list[dict[str, Any]], line: dict[str, Any]) -> None:
        lines.append({"run": self.run, **line})
        with (self.folder / f"{name}.jsonl").open("a") as file:
            file.write(json.dumps(lines[-1]) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
