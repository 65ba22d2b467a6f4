"""The official package as it is loaded here: nothing of it is missing."""

from __future__ import annotations

import docker
import unrealcv.launcher

from synth_workers.worker import official


def test_its_launcher_finds_dockers_client_when_it_wants_it() -> None:
    assert official.unrealcv is unrealcv
    assert unrealcv.launcher.docker.from_env is not None
    assert official.Docker("docker").from_env == docker.from_env
