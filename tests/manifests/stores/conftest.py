"""The stores on which the conformance suite runs: a folder, Ceph radosgw, and moto."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from boto3.session import Session

from manifests.dataset import Dataset
from manifests.stores import Store, open_store
from tests.servers import radosgw as ceph
from tests.servers.endpoint import S3Endpoint
from tests.servers.shared import shared_s3

BUCKET = "factory-tests"


@pytest.fixture(scope="session")
def radosgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Endpoint]:
    """A real S3 server; with ``REQUIRE_RADOSGW=1`` its absence is a failure, not a skip."""
    if not ceph.installed() and not os.environ.get("REQUIRE_RADOSGW"):
        pytest.skip("needs `apt-get install radosgw ceph-mon ceph-osd`")
    with shared_s3(tmp_path_factory, "radosgw") as endpoint:
        _make_bucket(endpoint)
        yield endpoint


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Endpoint]:
    """The stand-in; what holds only here is not proved."""
    with shared_s3(tmp_path_factory, "moto_server") as endpoint:
        _make_bucket(endpoint)
        yield endpoint


S3_SERVERS = [
    pytest.param("radosgw", marks=pytest.mark.integration),
    pytest.param("moto_server", marks=pytest.mark.mock_backend),
]


@pytest.fixture(params=S3_SERVERS)
def s3_endpoint(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[S3Endpoint]:
    """Each S3 server in turn, with its credentials in the environment."""
    endpoint: S3Endpoint = request.getfixturevalue(request.param)
    for name, value in endpoint.environment().items():
        monkeypatch.setenv(name, value)
    yield endpoint


@pytest.fixture
def s3_uri(s3_endpoint: S3Endpoint) -> str:
    """A prefix of its own for every test."""
    return f"s3://{BUCKET}/{secrets.token_hex(6)}"


@pytest.fixture(params=["local", *S3_SERVERS])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Every kind of store in turn, empty."""
    if request.param == "local":
        return open_store(f"file://{tmp_path}/store")
    endpoint: S3Endpoint = request.getfixturevalue(request.param)
    for name, value in endpoint.environment().items():
        monkeypatch.setenv(name, value)
    return open_store(f"s3://{BUCKET}/{secrets.token_hex(6)}")


@pytest.fixture
def toy(store: Store) -> Dataset:
    """The toy data set of ``tests.manifests.claimed_shards`` in every kind of store."""
    return Dataset("toy", store)


def _make_bucket(endpoint: S3Endpoint) -> None:
    client = Session().client(
        "s3",
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
        region_name="us-east-1",
    )
    # Another process of this test run may have made it.
    with suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=BUCKET)
