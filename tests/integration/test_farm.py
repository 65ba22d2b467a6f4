"""A farm on this machine as people use it: up, forms, a schedule that fires, down.

The tests share one farm and run in the order in which a person would do things; each of them
also passes on its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import psutil
import pytest

from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.snapshots import Snapshot, latest_snapshot
from manifests.stores import open_store
from synth_workers.scenes.library import load_scene
from tests.farms.farm import cache_of_another_host
from tests.farms.supervision import wait_for
from tests.flows.definitions import DEPLOYMENTS
from tests.garment_colours import brightest_channel
from tests.servers import postgres
from tests.servers.endpoint import free_ports

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1200)]

PROJECT = Path(__file__).resolve().parents[2]
SMALL: dict[str, Any] = {
    "people.count": 4,
    "images_per_person": 4,
    "image.supersampling": 1.0,
    "splits.test_share": 0.5,
}
STREET: dict[str, Any] = {"name": "street", "cameras": "demo", "lights": ["day"]}
INDOOR_NIGHT, INDOOR_BLACK = ("indoor", "night"), ("indoor-only", "black-clothing")
VARIANTS: tuple[tuple[str, ...], ...] = ((), INDOOR_NIGHT, INDOOR_BLACK)
SCHEDULED = "data set scheduled"
COLUMNS = ("scene", "camera", "light", "luminance", "garment_colours")


@dataclass(frozen=True)
class UpFarm:
    """A farm that ``unrealperson up`` has started in ``folder``."""

    folder: Path
    api_url: str
    environment: dict[str, str]

    @property
    def store(self) -> Path:
        return self.folder / "out" / "store"

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``unrealperson`` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "flows.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def api(self, method: str, path: str, **body: Any) -> Any:
        """One call of the server's API, as its pages make it; a server that is busy is asked
        again."""
        url = f"{self.api_url}{path}"
        reply = httpx.request(method, url, json=body or None, timeout=60)
        for _ in range(9):
            if reply.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            time.sleep(1.0)
            reply = httpx.request(method, url, json=body or None, timeout=60)
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text[:500]}"
        return reply.json() if reply.content else None

    def deployment(self, name: str) -> dict[str, Any]:
        """A deployment with the schema of its form."""
        return self.api("GET", f"/deployments/name/{name}")

    def submit(self, name: str, parameters: dict[str, Any]) -> str:
        """Send the form of a deployment; the id of the run."""
        path = f"/deployments/{self.deployment(name)['id']}/create_flow_run"
        return self.api("POST", path, parameters=parameters)["id"]

    def state(self, run_id: str) -> str:
        """Type of a run's state."""
        return self.api("GET", f"/flow_runs/{run_id}")["state"]["type"]

    def runs_of(self, deployment: str) -> list[dict[str, Any]]:
        """All runs of a deployment."""
        wanted = {"id": {"any_": [self.deployment(deployment)["id"]]}}
        return self.api("POST", "/flow_runs/filter", deployments=wanted)

    def pids(self) -> list[int]:
        """Process ids of the workers that ``up`` has started."""
        text = (self.folder / "state" / "farm" / "workers.json").read_text()
        return [int(pid) for pid in re.findall(r'"pid": (\d+)', text)]

    def server_pid(self) -> int:
        """Process id of the server that ``up`` has started."""
        return json.loads((self.folder / "state" / "prefect" / "server.json").read_text())["pid"]


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpFarm]:
    """A farm whose server keeps its data in PostgreSQL where that is installed."""
    folder = tmp_path_factory.mktemp("farm")
    (port,) = free_ports(1)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
        "UNREALPERSON_OUT": str(folder / "out"),
        "UNREALPERSON_STATE": str(folder / "state"),
        "UNREALPERSON_CACHE": str(cache_of_another_host(folder / "cache")),
        "UNREALPERSON_PORT": str(port),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
    }
    with ExitStack() as stack:
        if postgres.installed():
            short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="farm-")))
            url = stack.enter_context(postgres.postgres(short))
            environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
        up_farm = UpFarm(folder, f"http://127.0.0.1:{port}/api", environment)
        stack.callback(lambda: up_farm.cli("down", "--drain", "0"))
        started = up_farm.cli("up", "--workers", "2")
        assert started.returncode == 0, started.stdout + started.stderr
        yield up_farm


def build(farm: UpFarm, **parameters: Any) -> str:
    return farm.submit(
        "build_dataset/build",
        {"recipe": "tiny", "overrides": SMALL, "where": "deployment", **parameters},
    )


def wait_until_completed(farm: UpFarm, run_id: str, seconds: float = 600) -> None:
    ended = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    wait_for("the end of the run", lambda: farm.state(run_id) in ended, seconds, every=1.0)
    run = farm.api("GET", f"/flow_runs/{run_id}")
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]


def dataset_name(variants: tuple[str, ...]) -> str:
    order = ("indoor", "indoor-only", "night", "black-clothing")
    return "-".join(["tiny", *[variant for variant in order if variant in variants]])


def snapshot_of(store: Path, dataset: str) -> Snapshot:
    snapshot = latest_snapshot(Dataset(dataset, open_store(str(store))))
    assert snapshot is not None
    return snapshot


def test_up_shows_the_farm_and_changes_nothing_when_it_is_up(farm: UpFarm) -> None:
    before = farm.pids()

    again = farm.cli("up", "--workers", "2")

    assert again.returncode == 0, again.stderr
    for name in ("render-0", "render-1", "cpu-0", "gpu-0", "nightly", "0 2 * * *"):
        assert name in again.stdout
    registered = {each["name"] for each in farm.api("POST", "/deployments/filter")}
    assert registered == {deployment["name"] for deployment in DEPLOYMENTS}
    assert farm.pids() == before
    assert all(psutil.pid_exists(pid) for pid in before)


@pytest.fixture(scope="module")
def schedule(farm: UpFarm) -> None:
    """A cron schedule of the nightly build in two or three minutes, not at two o'clock at night.

    Its minute begins two minutes from now at the earliest: the server has to look at its schedules
    before (every ten seconds, but it may be busy), or the first run is tomorrow's.
    """
    soon = datetime.now(UTC) + timedelta(seconds=180)
    deployment = farm.deployment("build_dataset/nightly")
    reply = httpx.post(
        f"{farm.api_url}/deployments/{deployment['id']}/schedules",
        json=[
            {
                "slug": "soon",
                "schedule": {"cron": f"{soon:%-M %-H} * * *", "timezone": "UTC"},
                "active": True,
                "parameters": {
                    "recipe": "tiny",
                    "overrides": {**SMALL, "name": "scheduled", "scenes": [STREET]},
                    "where": "deployment",
                },
            }
        ],
        timeout=60,
    )
    assert reply.is_success, reply.text


@pytest.fixture(scope="module")
def tables(farm: UpFarm, schedule: None) -> dict[tuple[str, ...], pd.DataFrame]:
    """Label rows of what the form builds, by variants; meanwhile the schedule's time comes."""
    runs = {variants: build(farm, variants=list(variants)) for variants in VARIANTS}
    for run_id in runs.values():
        wait_until_completed(farm, run_id)
    return {
        variants: open_snapshot(Dataset(dataset_name(variants), open_store(str(farm.store))))
        .table(COLUMNS)
        .to_pandas()
        for variants in VARIANTS
    }


def heights(rows: pd.DataFrame) -> np.ndarray:
    """Height of the camera of each crop above the ground, cm."""
    cameras = {
        camera.name: camera.location[2]
        for scene in rows["scene"].unique()
        for camera in load_scene(scene).cameras
    }
    return rows["camera"].map(cameras).to_numpy()


def test_the_form_builds_nights_that_are_dark(tables: dict) -> None:
    night, day = tables[INDOOR_NIGHT], tables[()]

    assert set(night["light"]) == {"night", "dimmed"}
    for scene in ("street", "supermarket"):
        dark, bright = (rows.loc[rows["scene"] == scene, "luminance"] for rows in (night, day))
        assert dark.mean() < 0.7 * bright.mean()


def test_the_form_builds_indoor_sets_seen_from_high_cameras(tables: dict) -> None:
    indoor, plain = tables[INDOOR_NIGHT], tables[()]
    high = set(load_scene("supermarket").camera_sets["high"])
    indoors = plain["scene"] == "supermarket"

    assert set(indoor["camera"]) & high
    assert not set(plain["camera"]) & high
    assert heights(indoor).max() > heights(plain[indoors]).max()


def test_the_form_combines_indoor_only_and_black_clothing(tables: dict) -> None:
    both, plain = tables[INDOOR_BLACK], tables[()]

    assert set(both["scene"]) == {"supermarket"}
    assert np.median(brightest_channel(both)) < 0.5 * np.median(brightest_channel(plain))


@pytest.mark.parametrize("where", ["local", "deployment"])
def test_the_command_line_builds_the_same_as_the_form(
    where: str, farm: UpFarm, tables: dict, tmp_path: Path
) -> None:
    assignments = [part for item in SMALL.items() for part in ("--set", f"{item[0]}={item[1]}")]
    store = tmp_path / "store"
    variants = ("--variant", "black-clothing", "--variant", "indoor-only")

    there = ("--where", where, "--store", str(store))
    done = farm.cli("build", "-r", "tiny", *variants, *assignments, *there)

    assert done.returncode == 0, done.stderr
    name = dataset_name(INDOOR_BLACK)
    assert snapshot_of(store, name).content_digest == snapshot_of(farm.store, name).content_digest


def test_a_cron_schedule_fires_and_builds_a_data_set(farm: UpFarm, schedule: None) -> None:
    (ours,) = [
        each["id"]
        for each in farm.deployment("build_dataset/nightly")["schedules"]
        if each["slug"] == "soon"
    ]

    def planned() -> list[dict[str, Any]]:
        runs = farm.runs_of("build_dataset/nightly")
        mine = [run for run in runs if (run["created_by"] or {}).get("id") == ours]
        return sorted(mine, key=lambda run: run["expected_start_time"])

    # Planned for today: nobody waits in vain for a run that the server does not think of.
    wait_for("a run that is planned", lambda: bool(planned()), 240, every=1.0)
    first = datetime.fromisoformat(planned()[0]["expected_start_time"])
    assert first - datetime.now(UTC) < timedelta(minutes=4)
    wait_until_completed(farm, planned()[0]["id"], seconds=600)

    assert snapshot_of(farm.store, "scheduled").people == 4
    # Its people in the street are those of the plain form's build, but another data set's.
    shards = [run for run in farm.runs_of("render_shard/render") if SCHEDULED in run["tags"]]
    assert {run["parameters"]["attempt"] for run in shards} == {1}


def test_a_form_with_a_wrong_value_is_refused_before_anything_runs(farm: UpFarm) -> None:
    deployment = farm.deployment("build_dataset/build")
    for wrong in ({"variants": ["dawn"]}, {"where": "mars"}, {"policy": {"attempts": 99}}):
        reply = httpx.post(
            f"{farm.api_url}/deployments/{deployment['id']}/create_flow_run",
            json={"parameters": {"recipe": "tiny", **wrong}},
            timeout=60,
        )
        assert reply.status_code in (409, 422), (wrong, reply.text)


def test_a_run_tells_how_it_goes(farm: UpFarm, tables: dict) -> None:
    run = next(run for run in farm.runs_of("build_dataset/build") if "night" in run["name"])
    artifacts = farm.api(
        "POST",
        "/artifacts/filter",
        artifacts={"flow_run_id": {"any_": [run["id"]]}},
        sort="CREATED_DESC",
    )
    # A table is drawn several times while the run goes on; the newest is what its page shows.
    by_key = {artifact["key"]: artifact for artifact in reversed(artifacts)}

    assert run["name"].startswith("tiny-indoor-night, 4 people, data ")
    assert by_key["progress-render"]["data"] == 100.0
    assert "2 of 2 shards" in by_key["progress-render"]["description"]
    assert "data:image/jpeg;base64," in by_key["preview-render"]["data"]
    assert '"state": "done"' in by_key["shards-render"]["data"]
    assert "exactly 4 per person" in by_key["dataset-tiny-indoor-night"]["data"]


def test_second_run_of_the_same_build_says_at_once_that_nothing_is_to_do(
    farm: UpFarm, tables: dict
) -> None:
    assignments = [part for item in SMALL.items() for part in ("--set", f"{item[0]}={item[1]}")]
    environment = {**farm.environment, "PREFECT_API_URL": "http://127.0.0.1:9/api"}

    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "build", "--recipe", "tiny", *assignments],
        env=environment,
        cwd=farm.folder,
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr
    assert "Nothing to do" in done.stdout


def test_down_lets_shards_end_and_leaves_no_process(farm: UpFarm) -> None:
    family = [
        member
        for pid in [*farm.pids(), farm.server_pid()]
        for member in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    ]
    more = {**SMALL, "name": "interrupted", "people.count": 24, "shards.people_per_shard": 2}
    build(farm, overrides=more)
    wait_for("a shard that runs", lambda: _shards_in(farm, "RUNNING") > 0, 300, every=1.0)

    ended = farm.cli("down")

    assert ended.returncode == 0, ended.stderr
    assert "The farm is down." in ended.stdout
    assert "goes on when the farm is up again: interrupted, 24 people" in ended.stdout
    assert "cut off" not in ended.stdout
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    claims = farm.store / "interrupted" / "claims" / "crops"
    assert 0 < len(list(claims.glob("*.json"))) < 24


def _shards_in(farm: UpFarm, state: str) -> int:
    return sum(
        run["state"]["type"] == state and "data set interrupted" in run["tags"]
        for run in farm.runs_of("render_shard/render")
    )
