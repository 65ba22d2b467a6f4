"""A data set that lives on an S3 server from the first shard to the last command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from boto3.session import Session

from manifests.dataset import Dataset
from manifests.snapshots import latest_snapshot
from manifests.stores import open_store
from tests.integration.conftest import Cli
from tests.servers import radosgw
from tests.servers.endpoint import S3Endpoint
from tests.servers.shared import shared_s3

pytestmark = [pytest.mark.integration, pytest.mark.slow]

BUCKET = "built"


@pytest.fixture
def s3_server(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[S3Endpoint]:
    """Ceph's gateway where it is installed, else moto, with its credentials in the environment."""
    kind = "radosgw" if radosgw.installed() else "moto_server"
    with shared_s3(tmp_path_factory, kind) as endpoint:
        for name, value in endpoint.environment().items():
            monkeypatch.setenv(name, value)
        client = Session().client("s3", endpoint_url=endpoint.url, region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield endpoint


def test_every_command_takes_an_s3_uri(s3_server: S3Endpoint, cli: Cli, tmp_path: Path) -> None:
    uri = f"s3://{BUCKET}/sets"

    def run(*command: str) -> str:
        done = cli(*command, "--store", uri)
        assert done.returncode == 0, done.stdout + done.stderr
        assert s3_server.secret_key not in done.stdout + done.stderr
        return done.stdout

    scenes = "scenes=[{name: street, cameras: demo, lights: [day]}]"
    quick = ("people.count=3", "shards.people_per_shard=3", "image.supersampling=1")
    chosen = (*quick, "keep_frames=true", scenes)
    run("build", "--recipe", "tiny", *(word for value in chosen for word in ("--set", value)))

    store = open_store(uri)
    snapshot = latest_snapshot(Dataset("tiny", store))
    assert snapshot is not None and snapshot.crops == 3 * 6
    names = {
        info.key.rpartition("/")[2] for info in store.list(f"tiny/published/{snapshot.publish_id}/")
    }
    assert names >= {
        "train-00000.parquet",
        "manifest.parquet",
        "tracklets.parquet",
        "README.md",
        "examples.jpg",
        "croissant.json",
        "report.html",
    }
    assert "Everything agrees" in run("verify", "tiny")
    assert "street, day:" in run("inspect", "tiny", "--shards")
    assert "spared 0 young files" in run("gc", "tiny")
    run("report", "tiny", "--output", str(tmp_path / "report.html"))
    assert snapshot.content_digest in (tmp_path / "report.html").read_text()
    run("export", "tiny", "--format", "coco-frames", "--output", str(tmp_path / "frames"))
    frames = json.loads(
        (tmp_path / "frames" / "annotations" / "instances_default.json").read_text()
    )
    assert frames["images"] and frames["annotations"]
    run("export", "tiny", "--format", "market1501", "--output", str(tmp_path / "market"))
    secret = s3_server.secret_key.encode()
    assert not [info.key for info in store.list("") if secret in store.get(info.key)]
