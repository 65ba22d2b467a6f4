"""A shard rendered by the real engine: from job file to claim, whatever dies on the way."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from PIL import Image

from manifests.claims import Claim
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.schema import CROPS
from tasks.plan.planner import plan_build

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

SMALL = {
    "people": {"count": 4},
    "scenes": [{"name": "street", "cameras": "demo"}],
    "images_per_person": 3,
    "image": {"width": 640, "height": 360, "supersampling": 1.0},
    "capture": {"min_person_height": 60, "sensor": "cctv"},
    "annotation": {"min_height": 48, "min_visible_pixels": 400},
    "shards": {"people_per_shard": 4, "frames_per_shard": 6},
}


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe("demo", overrides=SMALL)


def write_job(recipe: Recipe, folder: Path, name: str, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    job = {
        "shard": plan_build(recipe).shards[0].model_dump(mode="json"),
        "rules": recipe.annotation.model_dump(mode="json"),
        "people": recipe.people.model_dump(mode="json"),
        "dataset_seed": recipe.seed,
        "store": str(folder / "store"),
        "dataset": "small",
        "attempt": name,
        "keep_frames": True,
        "workdir": str(folder / f"work-{name}"),
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(job | changes))
    return path


def start(job: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tasks.render.process", "--job", str(job)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(job: Path) -> tuple[int, list[dict[str, Any]]]:
    with start(job) as process:
        out, _ = process.communicate(timeout=500)
    return process.returncode, [json.loads(line) for line in out.splitlines()]


def engine_of(worker: int) -> int:
    """The process id of a worker's engine, as soon as there is one."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        for child in psutil.Process(worker).children():
            return child.pid
        time.sleep(0.02)
    raise AssertionError("the worker started no engine")


def gone(pid: int) -> bool:
    end = time.monotonic() + 60
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not psutil.pid_exists(pid)


@pytest.fixture(scope="module")
def done(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("shard")
    code, events = run(write_job(recipe, folder, "first"))
    assert code == 0, events
    yield folder, events


def test_the_claim_says_what_was_delivered_and_what_it_cost(done: tuple[Path, Any]):
    folder, events = done
    assert [e["event"] for e in events][-1] == "result"
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["frames"] == progress[-1]["frames_expected"] > 0
    claim = Claim.model_validate(events[-1]["claim"])
    crops = pq.read_table(folder / "store" / claim.key)
    assert crops.schema.equals(CROPS)
    assert crops.num_rows == claim.rows == sum(claim.people.values()) >= 4
    assert set(claim.cpu_seconds) == {"start", "engine", "worker", "annotate"}
    assert min(claim.cpu_seconds.values()) > 0
    assert claim.peak_bytes > 100_000_000
    assert claim.renderer and claim.engine_version
    assert claim.statistics["crops"] == claim.rows and claim.statistics["frames"] == claim.frames
    assert claim.statistics["refused"] == claim.rejected
    by_person = [sum(refusals.values()) for refusals in claim.rejected_of.values()]
    assert sum(by_person) == sum(claim.rejected.values())
    assert list((folder / "work-first").iterdir()) == []


def test_everybody_in_a_frame_is_where_the_bundle_says(done: tuple[Path, Any]):
    folder, _ = done
    (bundle,) = (folder / "store" / "small" / "frames").rglob("*.parquet")
    people = 0
    for row in pq.read_table(bundle).to_pylist():
        mask = np.asarray(Image.open(io.BytesIO(row["mask"])).convert("RGB"), np.uint32)
        codes = mask @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        for person in row["people"]:
            y, x = np.nonzero(codes == person["colour"])
            if len(x) < 50:
                continue
            people += 1
            assert person["exact"]
            assert len(x) <= person["full_pixels"]
            assert person["full_x0"] - 1 <= x.min() and x.max() < person["full_x1"] + 1
            assert person["full_y0"] - 1 <= y.min() and y.max() < person["full_y1"] + 1
    assert people >= 8


def test_a_second_attempt_finds_the_claim_and_renders_nothing(
    recipe: Recipe, done: tuple[Path, Any]
):
    folder, events = done
    code, again = run(write_job(recipe, folder, "second"))
    assert code == 0 and len(again) == 1 and not again[0]["won"]
    assert again[0]["claim"] == events[-1]["claim"]


def test_new_annotation_rules_reuse_the_kept_frames(recipe: Recipe, done: tuple[Path, Any]):
    folder, events = done
    rules = recipe.annotation.model_dump(mode="json") | {"enlarge": 0.0}
    code, again = run(write_job(recipe, folder, "third", rules=rules))
    assert code == 0 and again[-1]["won"]
    assert again[-1]["claim"]["cpu_seconds"]["engine"] == 0.0
    assert again[-1]["claim"]["people"] == events[-1]["claim"]["people"]


def test_damaged_kept_frames_are_named_and_never_annotated(
    recipe: Recipe, done: tuple[Path, Any], tmp_path: Path
):
    shutil.copytree(done[0] / "store", tmp_path / "store")
    (bundle,) = (tmp_path / "store" / "small" / "frames").rglob("*.parquet")
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    claims = sorted((tmp_path / "store").rglob("claims/crops/*.json"))
    rules = recipe.annotation.model_dump(mode="json") | {"enlarge": 0.07}
    code, events = run(write_job(recipe, tmp_path, "fourth", rules=rules))
    assert code == 43 and bundle.name in events[-1]["message"]
    assert "`unrealperson repair small`" in events[-1]["message"]
    assert sorted((tmp_path / "store").rglob("claims/crops/*.json")) == claims


def test_an_engine_killed_on_the_way_changes_nothing(
    recipe: Recipe, done: tuple[Path, Any], tmp_path: Path
):
    _, events = done
    with start(write_job(recipe, tmp_path, "killed")) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        os.kill(engine_of(process.pid), signal.SIGKILL)
        out, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors
    last = json.loads([line, *out.splitlines()][-1])
    assert last["claim"]["sha256"] == events[-1]["claim"]["sha256"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_ended_worker_leaves_no_engine_and_nothing_half_written(
    how: signal.Signals, recipe: Recipe, tmp_path: Path
):
    with start(write_job(recipe, tmp_path, "ended")) as process:
        engine = engine_of(process.pid)
        os.kill(process.pid, how)
        process.communicate(timeout=60)
        assert gone(engine)
    assert process.returncode == (143 if how is signal.SIGTERM else -9)
    assert not list((tmp_path / "store").rglob("*.json"))


def test_bad_jobs_end_in_their_own_error(recipe: Recipe, tmp_path: Path):
    people = recipe.people.model_dump(mode="json") | {"dark_clothing": 1.0}
    code, events = run(write_job(recipe, tmp_path, "other", people=people))
    assert code == 43 and events[-1]["error"] == "CorruptData"
    assert "plan the build anew" in events[-1]["message"]


def test_a_shard_of_another_version_is_not_rendered_by_this_one(recipe: Recipe, tmp_path: Path):
    shard = plan_build(recipe).shards[0].model_dump(mode="json") | {"data_version": 1}
    code, events = run(write_job(recipe, tmp_path, "older", shard=shard))
    assert code == 43 and "planned for data version 1" in events[-1]["message"]


def test_a_process_removes_only_what_it_made_itself(recipe: Recipe, tmp_path: Path):
    """Whatever folder a job names for its scratch, and however the job ends."""
    home = tmp_path / "home"
    (home / "shards").mkdir(parents=True)
    (home / "thesis.tex").write_text("years of work")
    shard = plan_build(recipe).shards[0].model_dump(mode="json") | {"scene": "nowhere"}
    code, events = run(write_job(recipe, tmp_path, "hostile", shard=shard, workdir=str(home)))
    assert code == 11 and "nowhere" in events[-1]["message"]
    assert sorted(path.name for path in home.iterdir()) == ["shards", "thesis.tex"]


def test_a_name_that_cannot_be_stored_is_refused_before_the_work(recipe: Recipe, tmp_path: Path):
    code, events = run(write_job(recipe, tmp_path, "named", attempt="../../named"))
    assert code == 43 and "attempt" in events[-1]["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["named.json"]


def test_a_job_that_does_not_parse_is_refused_in_words(recipe: Recipe, tmp_path: Path):
    code, events = run(write_job(recipe, tmp_path, "newer", keep_frame=True))
    assert code == 43 and events[-1]["error"] == "CorruptData"
    assert "keep_frame: unknown key, did you mean `keep_frames`?" in events[-1]["message"]
    assert not (tmp_path / "store").exists()
