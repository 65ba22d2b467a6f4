"""The operator at work, as the benchmark drives it: deployments, builds, looks."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from benchmarks.hosts.farm import Farm
from benchmarks.hosts.operating import RECIPE
from benchmarks.hosts.root import PROJECT, USER
from tests.farms.farm import changed_definitions

BUILD = "build_dataset/build"
_ANSWER_SECONDS = 120.0
_RECONCILE = {"silent_seconds": 90, "pending_seconds": 180, "resumes": 50}


@dataclass
class Operator:
    """A person at the operator's host, who has a terminal there."""

    farm: Farm
    overrides: Mapping[str, Any]
    _terminal: subprocess.Popen[str] | None = field(default=None, repr=False)

    def deploy(self) -> None:
        """Make pools and deployments."""
        host = self.farm.hosts["operator"]
        changes: dict[str, Any] = {
            "build": {},
            "render": {},
            "train": {},
            "reconcile": {
                "schedules": [{"slug": "often", "interval": 60}],
                "parameters": _RECONCILE,
            },
        }
        definitions = host.disk / "lib" / USER / "prefect.yaml"
        definitions.write_text(yaml.safe_dump(changed_definitions(changes)))
        host.run("python", "-m", "flows.bootstrap")
        host.run(
            *("prefect", "--no-prompt", "deploy", "--all"),
            *("--prefect-file", f"/var/lib/{USER}/prefect.yaml"),
        )

    def schedule(self, store: str, after: float) -> None:
        """A schedule of builds whose time comes ``after`` seconds from now."""
        parameters = self._parameters(store)
        self._insist("schedule", deployment=BUILD, parameters=parameters, after=after)

    def submit(self, store: str) -> str:
        """A build through the pools, in a few seconds; the id of its run."""
        return self._insist(
            "submit", deployment=BUILD, parameters=self._parameters(store), wait=3.0
        )["run"]

    def train(self, store: str) -> str:
        """A training on what was built, through the pool of trainers."""
        parameters = {"dataset": RECIPE, "training": "tiny", "store": store}
        return self._insist("submit", deployment="train/train", parameters=parameters, wait=1.0)[
            "run"
        ]

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """One request to the terminal; ``error`` in the answer where it could not be done."""
        if self._terminal is None or self._terminal.poll() is not None:
            host = self.farm.hosts["operator"]
            self._terminal = subprocess.Popen(
                host.command("python", "-m", "benchmarks.hosts.operating"),
                cwd=PROJECT,
                env=host.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._terminal.stdin is not None and self._terminal.stdout is not None
        self._terminal.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._terminal.stdin.flush()
        if not select.select([self._terminal.stdout], [], [], _ANSWER_SECONDS)[0]:
            self.leave()
            return {"error": "no answer"}
        line = self._terminal.stdout.readline()
        return json.loads(line) if line else {"error": "the terminal ended"}

    def about(self, do: str, store: str, **more: Any) -> dict[str, Any]:
        """A request about the data set in a store."""
        return self.ask(do, store=store, overrides=dict(self.overrides), **more)

    def leave(self) -> None:
        """Close the terminal."""
        if self._terminal is not None:
            self._terminal.kill()
            self._terminal.communicate()
            self._terminal = None

    def _insist(self, do: str, **more: Any) -> dict[str, Any]:
        answer = self.ask(do, **more)
        for _ in range(20):
            if "error" not in answer:
                return answer
            answer = self.ask(do, **more)
        raise RuntimeError(f"{do}: {answer['error']}")

    def _parameters(self, store: str) -> dict[str, Any]:
        return {
            "recipe": RECIPE,
            "overrides": dict(self.overrides),
            "where": "deployment",
            "store": store,
        }
