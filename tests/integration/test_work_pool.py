"""Shards carried out by a work pool's worker: the same data set as on this machine's processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.local_server import LocalServer
from infra.bootstrap import bootstrap
from manifests.snapshots import latest_snapshot
from manifests.stores import open_store
from tests.integration.conftest import Cli

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY_RENDER = ("-n", "render_shard/render", "--prefect-file", "infra/prefect.yaml")


@pytest.fixture
def render_worker(
    prefect_server: LocalServer, environment: dict[str, str], tmp_path: Path
) -> Iterator[None]:
    """The `render` deployment and one worker of its pool."""
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        bootstrap()
    farm = {
        **environment,
        "UNREALPERSON_HOME": str(PROJECT),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
    }
    subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", *DEPLOY_RENDER],
        cwd=PROJECT,
        env=farm,
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "render"]
            + ["--name", "render-test", "--limit", "2"],
            cwd=PROJECT,
            env=farm,
            stdout=log,
            stderr=log,
        )
    yield
    family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    worker.terminate()
    _, alive = psutil.wait_procs(family, timeout=20)
    for survivor in alive:
        survivor.kill()


def test_a_work_pool_builds_the_same_data_set(
    cli: Cli, render_worker: None, tmp_path: Path
) -> None:
    stores = {where: tmp_path / where for where in ("local", "deployment")}
    for where, store in stores.items():
        run = cli("build", "--recipe", "tiny", "--store", str(store), "--where", where)
        assert run.returncode == 0, run.stderr + (tmp_path / "worker.log").read_text()[-3000:]

    snapshots = [latest_snapshot(open_store(str(store)), "tiny") for store in stores.values()]
    assert snapshots[0] is not None and snapshots[1] is not None
    assert snapshots[0].content_digest == snapshots[1].content_digest
