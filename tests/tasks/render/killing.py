"""A small build whose engines and workers are killed while it runs, and what came of it.

Workers are processes that ``LocalProcesses`` starts, as in a real build; whoever is killed is
picked by process id among those that live at that moment.
"""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from flows.executors.processes import LocalProcesses
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.reader import open_snapshot
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec
from manifests.stores import open_store
from tasks.plan.planner import plan_build, plan_top_up
from tasks.publish.candidates import read_candidates
from tasks.publish.publish import publish_dataset
from tasks.publish.selection import missing_crops
from tasks.render.jobs import BuildPlace, run_shard

VICTIMS = ("engine", "worker", "both")
ATTEMPTS_PER_SHARD = 30
WORKERS = 2
_WORKER_MODULE = "tasks.render.process"


def small_recipe(**overrides: object) -> Recipe:
    """Three shards of three people each, quickly rendered."""
    return load_recipe(
        "demo",
        overrides={
            "people": {"count": 9},
            "scenes": [{"name": "street", "cameras": "demo"}],
            "images_per_person": 3,
            "min_cameras_per_person": 2,
            "image": {"width": 480, "height": 270, "supersampling": 1.0},
            "capture": {"min_person_height": 45},
            "annotation": {"min_height": 40, "min_visible_pixels": 300},
            "shards": {"people_per_shard": 3, "frames_per_shard": 6},
            **overrides,
        },
    )


@dataclass
class Killer:
    """Kills whoever ``victims`` says next, at moments that ``wait`` draws, until stopped."""

    wait: Callable[[], float]
    victims: Sequence[str] = ()
    struck: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Kill nobody any more."""
        self._stopping.set()

    def run(self) -> None:
        """Strike until there are no victims left or the build is over."""
        left, due = list(self.victims), time.monotonic() + self.wait()
        # Looking through all processes of a machine is work that the build is to do instead.
        while not self._stopping.wait(0.1):
            pairs = _workers_and_engines()
            self.seen |= {process.pid for pair in pairs for process in pair if process is not None}
            ready = [pair for pair in pairs if pair[1] is not None or left[:1] == ["worker"]]
            if left and ready and time.monotonic() >= due:
                worker, engine = random.Random(len(left)).choice(ready)
                victim = left.pop(0)
                for process in (engine, worker):
                    aimed_at = victim == "both" or (victim == "engine") == (process is engine)
                    if process is not None and aimed_at:
                        with contextlib.suppress(psutil.Error):
                            process.send_signal(signal.SIGKILL)
                self.struck.append(victim)
                due = time.monotonic() + self.wait()


@dataclass(frozen=True)
class Built:
    """One finished build: what it published, whom it lost, how often somebody was killed."""

    content_digest: str
    crop_keys: tuple[str, ...]
    claims: int
    kills: int
    survivors: tuple[int, ...]
    seconds: float


def build(recipe: Recipe, folder: Path, killer: Killer) -> Built:
    """Build and publish ``recipe`` below ``folder`` while ``killer`` is about."""
    dataset, began = Dataset(recipe.name, open_store(folder / "store")), time.monotonic()
    place = BuildPlace(dataset, folder / "work")
    claims: dict[str, Claim] = {}
    with LocalProcesses() as runner, ThreadPoolExecutor(WORKERS) as pool:
        watching = threading.Thread(target=killer.run)
        watching.start()
        try:
            plans = [plan_build(recipe)]
            while True:
                for claim in pool.map(
                    lambda shard: _persistently(shard, recipe, place, runner), plans[-1].shards
                ):
                    claims[claim.id] = claim
                missing = missing_crops(recipe, read_candidates(dataset.store, claims))
                if not missing or len(plans) > recipe.max_rounds:
                    break
                plans.append(plan_top_up(recipe, plans[0], missing, len(plans)))
        finally:
            killer.stop()
            watching.join()
    snapshot = publish_dataset(recipe, dataset, plans, claims, run="kills")
    rows = open_snapshot(dataset).table(["crop_key"])
    return Built(
        content_digest=snapshot.content_digest,
        crop_keys=tuple(sorted(rows["crop_key"].to_pylist())),
        claims=len(list((folder / "store" / recipe.name / "claims" / "crops").glob("*.json"))),
        kills=len(killer.struck),
        survivors=tuple(sorted(pid for pid in killer.seen if _lives(pid))),
        seconds=time.monotonic() - began,
    )


def _persistently(
    shard: ShardSpec, recipe: Recipe, place: BuildPlace, runner: LocalProcesses
) -> Claim:
    """The shard's claim, after as many attempts as it takes."""
    for attempt in range(1, ATTEMPTS_PER_SHARD + 1):
        try:
            return run_shard(shard, recipe, place, runner, lambda _: None)
        except FactoryError as error:
            if attempt == ATTEMPTS_PER_SHARD or not error.retryable:
                raise
    raise AssertionError("unreachable")


def _workers_and_engines() -> list[tuple[psutil.Process, psutil.Process | None]]:
    """Living workers of this process, each with its engine if that has been started."""
    pairs: list[tuple[psutil.Process, psutil.Process | None]] = []
    with contextlib.suppress(psutil.Error):
        for worker in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                # Servers of other tests may be children of this process, too.
                if _WORKER_MODULE not in worker.cmdline():
                    continue
                engines = worker.children()
                pairs.append((worker, engines[0] if engines else None))
    return pairs


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
