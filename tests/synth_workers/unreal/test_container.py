"""Games in containers: the command that is built, and its life against a stand-in for Docker.

Docker itself is not run here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from manifests.errors import MissingRequirement
from synth_workers.processes.host import ProcessMark
from synth_workers.processes.ports import PortAllocator
from synth_workers.unreal.container import (
    ContainerRun,
    GameContainer,
    docker_words,
    remove_abandoned_containers,
)
from synth_workers.unreal.games import Container, Game
from synth_workers.worker.session import Session
from tests.synth_workers.unreal.stand_in_docker import install_docker
from tests.synth_workers.unreal.stand_in_game import Behaviour, install_game
from tests.synth_workers.unreal.test_program import SIZE, free_port

CONTAINER = Container(
    image="registry.example/town:1", executable=PurePosixPath("/game/Town/Binaries/Linux/Town")
)
GAME = Game(build="1", container=CONTAINER, gpus=(2,), memory_mb=8000, ready_seconds=30)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a stand-in Docker with the town's image, first on PATH."""
    install_game(tmp_path / "image", Behaviour())
    binaries = install_docker(tmp_path / "docker", tmp_path / "image" / "LinuxNoEditor")
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "docker"


def new_container(tmp_path: Path) -> GameContainer:
    ports = PortAllocator(tmp_path / "ports", first=free_port(), last=65535)
    notes = tmp_path / "notes"
    return GameContainer("town", GAME, CONTAINER, "TownMap", SIZE, notes=notes, ports=ports)


def test_the_command_gives_each_container_one_card_one_port_and_its_own_settings(tmp_path: Path):
    run = ContainerRun("unrealperson-town-1", ProcessMark(7, 1.5), tmp_path, 9107, gpu=2)
    words = docker_words(run, GAME, CONTAINER, "TownMap", SIZE, has=lambda _: True)
    text = " ".join(words)
    assert words[:3] == ("docker", "run", "--rm")
    assert "--gpus device=2 --user 1000:1000 --memory 8000m" in text
    assert "--publish 127.0.0.1:9107:9107" in text
    assert "--env NVIDIA_DRIVER_CAPABILITIES=all" in text and "SDL_VIDEODRIVER" not in text
    ini = "/game/Town/Binaries/Linux/unrealcv.ini"
    assert f"--volume {tmp_path}/unrealcv.ini:{ini}" in text
    assert f"--volume {tmp_path}/tmp:/tmp" in text
    assert "/usr/share/vulkan/icd.d:/usr/share/vulkan/icd.d:ro" in text
    assert "--label unrealperson.worker=7:1.50" in text
    after = words[words.index("registry.example/town:1") + 1 :]
    # The one card that is let in is number 0 inside.
    assert after[0] == "TownMap" and "-graphicsadapter=0" in after
    old = GAME.model_copy(update={"engine": "4.24"})
    words = docker_words(run, old, CONTAINER, "TownMap", SIZE, has=lambda _: False)
    assert "SDL_VIDEODRIVER=offscreen" in words and "vulkan" not in " ".join(words)


def test_a_container_lives_and_ends_with_its_engine(docker: Path, tmp_path: Path):
    container = new_container(tmp_path)
    endpoint = container.start()
    assert endpoint.socket_folder.name == "tmp" and endpoint.socket_folder.is_dir()
    with Session.connect(endpoint) as session:
        assert f"Port: {endpoint.port}\n" in session.text("vget /unrealcv/status")
    container.check()
    assert len(list((docker / "containers").iterdir())) == 1
    container.end()
    assert not list((docker / "containers").iterdir())
    assert not list((tmp_path / "notes" / "containers").iterdir())


def test_containers_of_dead_workers_are_removed_and_those_of_the_living_stay(
    docker: Path, tmp_path: Path
):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as abandoned:
        workers = {"kept": ProcessMark.own(), "gone": ProcessMark(abandoned.pid, 1.0)}
        for name, worker in workers.items():
            label = f"unrealperson.worker={worker.pid}:{worker.started:.2f}"
            record = {"pid": abandoned.pid, "label": label}
            (docker / "containers" / name).write_text(json.dumps(record))
        assert remove_abandoned_containers() == ["gone"]
        assert abandoned.wait(60) == -9
    assert [path.name for path in (docker / "containers").iterdir()] == ["kept"]


def test_a_host_without_docker_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingRequirement, match="no `docker` on PATH"):
        new_container(tmp_path).start()
