"""The official package as it is loaded here: nothing of it is missing."""

from __future__ import annotations

import docker
from unrealcv import launcher

from synth_workers.worker import official


def test_its_launcher_finds_dockers_client_when_it_wants_it() -> None:
    assert official.unrealcv.Client
    assert launcher.docker.from_env is not None
    assert official._Docker("docker").from_env == docker.from_env
