"""``kill -9`` of engine, worker or both at random moments: nothing is lost, nothing doubled.

``UNREALPERSON_KILLS`` says at how many moments (default 3; 50 is what releases are tested with).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from manifests.identity import crop_id, render_id, sha256_hex
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.shards import BuildPlan
from tasks.plan.planner import plan_build

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("UNREALPERSON_KILLS", "3"))
ATTEMPTS_PER_SHARD = 12


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe(
        "demo",
        overrides={
            "people": {"count": 3},
            "scenes": [{"name": "street", "cameras": "demo"}],
            "images_per_person": 3,
            "image": {"width": 480, "height": 270, "supersampling": 1.0},
            "capture": {"min_person_height": 45},
            "annotation": {"min_height": 40, "min_visible_pixels": 300},
            "shards": {"people_per_shard": 3, "frames_per_shard": 4},
        },
    )


def start(recipe: Recipe, plan: BuildPlan, store: Path, attempt: str) -> subprocess.Popen[bytes]:
    """A worker on the plan's only shard."""
    job = {
        "shard": plan.shards[0].model_dump(mode="json"),
        "rules": recipe.annotation.model_dump(mode="json"),
        "people": recipe.people.model_dump(mode="json"),
        "dataset_seed": recipe.seed,
        "store": str(store),
        "dataset": "kills",
        "attempt": attempt,
        "keep_frames": True,
        "workdir": str(store.parent / f"work-{attempt}"),
    }
    path = store.parent / f"{attempt}.json"
    path.write_text(json.dumps(job))
    return subprocess.Popen(
        [sys.executable, "-m", "tasks.render.process", "--job", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def build(
    recipe: Recipe, plan: BuildPlan, folder: Path, kills: list[tuple[float, str]]
) -> tuple[str, list[int]]:
    """Run workers until one ends well, killing as asked; digest of the claimed crops and all
    engines that were seen."""
    folder.mkdir(parents=True)
    store, seen = folder / "store", []
    for attempt in range(ATTEMPTS_PER_SHARD):
        process = start(recipe, plan, store, f"a{attempt}")
        moment, victim = kills.pop(0) if kills else (1e9, "")
        end, struck = time.monotonic() + moment, False
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                seen += [child.pid for child in psutil.Process(process.pid).children()]
            if not struck and time.monotonic() >= end:
                struck = True
                engine = seen[-1:] if victim in ("engine", "both") else []
                worker = [process.pid] if victim in ("worker", "both") else []
                for pid in (*engine, *worker):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        if process.returncode == 0:
            break
    identity = crop_id(render_id(plan.shards[0]), recipe.annotation)
    claims = list((store / "kills" / "claims" / "crops").glob("*.json"))
    assert [path.stem for path in claims] == [identity]
    claim = json.loads(claims[0].read_text())
    data = (store / claim["key"]).read_bytes()
    assert sha256_hex(data) == claim["sha256"]
    crops = pq.read_table(store / claim["key"])
    keys = crops["crop_key"].to_pylist()
    assert len(keys) == len(set(keys)) == claim["rows"] > 0
    return claim["sha256"], seen


def test_kills_at_random_moments_change_no_crop_and_leave_no_process(
    recipe: Recipe, tmp_path: Path
):
    plan = plan_build(recipe)
    began = time.monotonic()
    expected, _ = build(recipe, plan, tmp_path / "calm", [])
    usual = time.monotonic() - began
    rng = random.Random(20210621)
    engines: set[int] = set()
    for number in range(KILLS):
        victim = ("engine", "worker", "both")[number % 3]
        kills = [(rng.uniform(0.02, 1.0) * usual, victim)]
        digest, seen = build(recipe, plan, tmp_path / f"kill{number}", kills)
        assert digest == expected, f"kill {number} of {victim}"
        engines |= set(seen)
    time.sleep(0.5)
    assert not [pid for pid in engines if psutil.pid_exists(pid)]
