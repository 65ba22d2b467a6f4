"""Builds under faults: what is done in turn, what must hold after each, and what came of it."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from benchmarks.hosts.farm import Farm
from benchmarks.hosts.faults import Fault, Kind
from benchmarks.hosts.harm import harmed
from benchmarks.hosts.record import CALM, Record
from benchmarks.hosts.terminal import BUILD, Operator

MOST_STORMS = 12
STORES = (CALM, *(f"storm-{number}" for number in range(1, MOST_STORMS + 1)))
_LOOK_SECONDS = 2.0
_BUILD_SECONDS = 1800.0
_RECOVERY_SECONDS = 900.0
_SWEEP_LEASE = 100.0
_ENDS = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Broken(Exception):  # noqa: N818
    """What had to hold did not; the words say what."""


@dataclass
class Seen:
    """What one run of the benchmark saw."""

    orphans: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    trained: str | None = None


@dataclass
class Storm:
    """One farm, its operator, and the record that is kept while it goes on."""

    farm: Farm
    operator: Operator
    record: Record
    until: float
    seen: Seen = field(default_factory=Seen)
    _store: str = ""
    _run: str = ""

    def calm(self, train: bool) -> None:
        """Build undisturbed: a run that the schedule makes, and train on it."""
        began = time.monotonic()
        self.operator.deploy()
        self.operator.schedule(CALM, after=30.0)
        say(f"deployed after {time.monotonic() - began:.0f} s")
        run = self._wait("the scheduled run", self._scheduled, 300.0)
        self._follow(CALM, run)
        if train:
            trained = self.operator.train(CALM)
            self._wait("the training", lambda: self._end_of(trained, CALM), _BUILD_SECONDS)
            self.seen.trained = self.operator.about("look", CALM, run=trained)["state"]

    def go_through(self, faults: list[Fault]) -> None:
        """One fault after the other, in as many builds as it takes."""
        storms = iter(STORES[1:])
        for fault in faults:
            if time.monotonic() > self.until:
                say("no time is left for more faults")
                break
            if not self._run or self._ended():
                self._begin(next(storms))
            time.sleep(fault.pause)
            self._suffer(fault)
        if self._run:
            self._follow(self._store, self._run)
            self._run = ""

    def look_around(self, secrets: tuple[str, ...]) -> None:
        """When all is over: nothing runs, nothing is left, nothing was told that is secret."""
        deadline = time.monotonic() + 150.0
        while True:
            alive = self.operator.ask("alive")
            runs = [r for r in alive.get("runs", [alive]) if "reconcile" not in str(r)]
            runs = [r for r in runs if r.get("name") != "nothing was to do"]
            orphans = [f"{host}: {words[:120]}" for host, words in self.farm.processes()]
            orphans = [o for o in orphans if "prefect.engine" not in o or runs]
            if not (runs or orphans) or time.monotonic() > deadline:
                break
            time.sleep(5.0)
        self.seen.running = [f"{r.get('name')}: {r.get('state')}" for r in runs]
        self.seen.orphans = orphans
        self.seen.told = [*told_in_files(self.farm, secrets), *self._told_in_pages(secrets)]

    def _begin(self, store: str) -> None:
        if self._run:
            self._follow(self._store, self._run)
        self._store, self._run = store, self.operator.submit(store)
        say(f"building {store}")
        self._wait("the first claims", lambda: bool(self._look().get("claims")), _RECOVERY_SECONDS)

    def _suffer(self, fault: Fault) -> None:
        say(str(fault))
        before = set(self._look().get("claims", []))
        removed = None
        with harmed(self.farm, fault):
            time.sleep(fault.seconds)
            if fault.kind is Kind.freeze:
                lease = {"lease": _SWEEP_LEASE}
                removed = self.operator.about("sweep", self._store, **lease).get("removed")
        at, over = datetime.now(UTC), time.monotonic()
        wrong: str | None = None
        try:
            self._wait("recovery", lambda: self._recovered(before, at), _RECOVERY_SECONDS)
        except Broken as error:
            wrong = str(error)
        look = self._look()
        if lost := sorted(before - set(look.get("claims", before))):
            wrong = f"claims have gone: {lost}"
        written = {
            **fault.written(),
            "recovered_s": round(time.monotonic() - over, 1),
            "store": self._store,
            "claims": len(look.get("claims", [])),
            "state": look.get("state"),
            "swept": removed,
            "wrong": wrong,
        }
        self.record.add_fault(written)
        if wrong:
            self.seen.wrong.append(f"{fault}: {wrong}")
        told = (f"{written['recovered_s']} s", f"{written['claims']} claims", look.get("state"))
        say(f"  {', '.join(map(str, told))} {wrong or ''}")

    def _recovered(self, before: set[str], at: datetime) -> bool:
        """All workers were heard of since, and a shard was finished or the build is."""
        look = self._look()
        if look.get("state") == "FAILED":
            raise Broken(f"the build failed: {look['message']}")
        if "error" in look or not _all_seen(look["seen"], at):
            return False
        return look["state"] == "COMPLETED" or bool(set(look["claims"]) - before)

    def _follow(self, store: str, run: str) -> None:
        """Wait for the end of a build and judge what it left."""
        began = time.monotonic()
        self._wait(f"the end of {store}", lambda: self._end_of(run, store), _BUILD_SECONDS)
        look = self._insist("look", store, run=run)
        verdict = self._insist("verdict", store)
        attempts = most_attempts(self.farm)
        found = {
            "store": store,
            "state": look["state"],
            "starts": look["starts"],
            "most_attempts": attempts,
            "message": look["message"] if look["state"] != "COMPLETED" else "",
            "waited_s": round(time.monotonic() - began, 1),
            **verdict,
        }
        self.record.add_build(found)
        if look["state"] != "COMPLETED":
            self.seen.wrong.append(f"{store}: {look['state']}: {look['message']}")
        say(json.dumps(found))

    def _end_of(self, run: str, store: str) -> bool:
        """Whether a run has ended; one that crashed will be started again."""
        return self.operator.about("look", store, run=run).get("state") in ("COMPLETED", "FAILED")

    def _ended(self) -> bool:
        return self._look().get("state") in _ENDS[:2]

    def _look(self) -> dict[str, Any]:
        return self.operator.about("look", self._store, run=self._run)

    def _scheduled(self) -> str | None:
        runs = self.operator.ask("runs", deployment=BUILD).get("runs", [])
        begun = [r["id"] for r in runs if r["automatic"] and r["state"] != "SCHEDULED"]
        return begun[0] if begun else None

    def _insist(self, do: str, store: str, **more: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []

        def answered() -> bool:
            answers.append(self.operator.about(do, store, **more))
            return "error" not in answers[-1]

        self._wait(do, answered, _RECOVERY_SECONDS)
        return answers[-1]

    def _told_in_pages(self, secrets: tuple[str, ...]) -> list[str]:
        told: list[str] = []
        for store in {b["store"] for b in self.record.builds if b["run"] == self.record.run}:
            text = self._insist("texts", store)["text"]
            told += [f"{store}: artifacts, logs or manifests" for s in secrets if s in text]
        return told

    def _wait(self, what: str, condition: Any, seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise Broken(f"{what}: not within {seconds:.0f} s")
            time.sleep(_LOOK_SECONDS)
        return found


def say(words: str) -> None:
    """What is going on."""
    print(f"{datetime.now(UTC):%H:%M:%S} {words}", file=sys.stderr, flush=True)


def most_attempts(farm: Farm) -> int:
    """How often any shard was begun on one host: every attempt leaves a log there."""
    logs: dict[str, int] = {}
    for host in farm.hosts.values():
        for log in host.disk.glob("lib/unrealperson/out/work/*/shards/*/*.log"):
            logs[log.parent.name] = logs.get(log.parent.name, 0) + 1
    return max(logs.values(), default=0)


def told_in_files(farm: Farm, secrets: tuple[str, ...]) -> list[str]:
    """Where a secret stands: in logs of hosts, in lists of processes."""
    told: list[str] = []
    for host in farm.hosts.values():
        for log in [*host.disk.glob("log/*"), *host.disk.glob("lib/unrealperson/**/*.log")]:
            text = log.read_text(errors="replace")
            told += [f"{host.name}: {log.name}" for secret in secrets if secret in text]
        for process in host.processes():
            try:
                words = " ".join(process.cmdline())
            except Exception:  # it has just ended
                continue
            told += [f"{host.name}: ps" for secret in secrets if secret in words]
    return sorted(set(told))


def _all_seen(seen: Mapping[str, str], since: datetime) -> bool:
    return bool(seen) and all(datetime.fromisoformat(at) > since for at in seen.values())


def summary(seen: Seen, record: Record, seed: int) -> dict[str, Any]:
    """The benchmark's figures, of this run and of those that it goes on from."""
    storms = [build for build in record.builds if build["store"] != CALM]
    slowest = max(record.faults, key=lambda fault: fault["recovered_s"], default={})
    return {
        "faults": len(record.faults),
        "lost": sum(len(build["lost"]) for build in record.builds),
        "doubled": sum(build["doubled"] for build in record.builds),
        "digest_equal": record.digests_equal,
        "slowest_recovery_s": slowest.get("recovered_s"),
        "slowest": slowest.get("kind"),
        "seed": seed,
        "unjudged": record.unjudged,
        "runs": record.run,
        "builds": len(storms),
        "shards": sum(build["shards"] for build in record.builds),
        "kinds": dict(sorted(Counter(fault["kind"] for fault in record.faults).items())),
        **asdict(seen),
    }
