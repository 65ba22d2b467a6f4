"""The switch as the benchmark drives it: hosts are plugged in and out, and rules are set."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from benchmarks.hosts.root import PROJECT

Rules = list[tuple[str, str, dict[str, float]]]


class Network:
    """A running switch."""

    def __init__(self, seed: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hosts.switch", str(seed)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def plug(self, name: str, address: str, pid: int) -> None:
        """Connect the host whose first process is ``pid``."""
        self._ask({"do": "plug", "name": name, "address": address, "pid": pid})

    def unplug(self, name: str) -> None:
        self._ask({"do": "unplug", "name": name})

    def set_rules(self, rules: Rules) -> None:
        """From now on these rules hold and no others."""
        self._ask({"do": "rules", "rules": rules})

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _ask(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"the switch: {answer['error']}")


def one_way(source: str, target: str, **rule: float) -> Rules:
    """A rule for what goes from one host to another."""
    return [(source, target, rule)]


def both_ways(one: str, other: str, **rule: float) -> Rules:
    return [(one, other, rule), (other, one, rule)]


def everywhere(host: str, others: Iterable[str], **rule: float) -> Rules:
    """A rule for all that a host sends and is sent."""
    return [rules for other in others if other != host for rules in both_ways(host, other, **rule)]
