"""A packaged game in a Docker container: one per engine, one graphics card each.

The container has a file system of its own, so only the settings and the folder of the plugin's
Unix socket are mounted from here. Its port is published on this machine alone, whereas a game
started without a container listens on every network of the host.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from manifests.errors import MissingRequirement
from synth_workers.processes.host import ProcessMark
from synth_workers.unreal.command_line import launch_environment, launch_words, plugin_settings
from synth_workers.unreal.games import Container, Game
from synth_workers.unreal.hosted import HostedGame
from synth_workers.unreal.private_copy import SETTINGS
from synth_workers.worker.endpoint import Endpoint

DOCKER = "docker"
WORKER_LABEL = "unrealperson.worker"
_VULKAN_DRIVERS = Path("/usr/share/vulkan/icd.d")
_SECONDS = 60.0


@dataclass(frozen=True)
class ContainerRun:
    """One container to be. ``folder``: of this host, with ``unrealcv.ini`` and ``tmp``."""

    name: str
    worker: ProcessMark
    folder: Path
    port: int
    gpu: int


def docker_words(
    run: ContainerRun,
    game: Game,
    container: Container,
    map_name: str,
    size: tuple[int, int],
    has: Callable[[Path], bool] = Path.is_dir,
) -> tuple[str, ...]:
    """The command that runs the container in the foreground. ``has``: whether a folder exists."""
    variables = launch_environment(game.engine, 0, {"NVIDIA_DRIVER_CAPABILITIES": "all"})
    # Inside, the one card that is let in has the number 0.
    words = launch_words(game.engine, map_name, size, run.port, 0, game.arguments)
    mounts = [
        f"{run.folder / SETTINGS}:{container.executable.parent / SETTINGS}",
        f"{run.folder / 'tmp'}:/tmp",
    ]
    if has(_VULKAN_DRIVERS):
        mounts.append(f"{_VULKAN_DRIVERS}:{_VULKAN_DRIVERS}:ro")
    return (
        *(DOCKER, "run", "--rm", "--name", run.name),
        *("--label", f"{WORKER_LABEL}={run.worker.pid}:{run.worker.started:.2f}"),
        *("--gpus", f"device={run.gpu}"),
        *("--user", container.user),
        *("--memory", f"{game.memory_mb}m"),
        *("--publish", f"127.0.0.1:{run.port}:{run.port}"),
        *(word for name, value in variables.items() for word in ("--env", f"{name}={value}")),
        *(word for mount in mounts for word in ("--volume", mount)),
        *("--workdir", str(container.executable.parent)),
        *("--entrypoint", str(container.executable)),
        container.image,
        *words,
    )


class GameContainer(HostedGame[Container]):
    """One game in a container; the process that this worker starts is Docker's client."""

    _run: ContainerRun | None = None

    def _make_ready(self) -> None:
        if shutil.which(DOCKER) is None:
            raise MissingRequirement(
                f"games.{self._name}.container needs Docker, and there is no `docker` on PATH"
            )
        remove_abandoned_containers()

    def _start(self, gpu: int) -> Endpoint:
        name = f"unrealperson-{self._name}-{uuid.uuid4().hex[:8]}"
        folder = self._folder("containers") / name
        run = ContainerRun(name, ProcessMark.own(), folder, self._ports.take(), gpu)
        self._run = run
        shared = folder / "tmp"
        shared.mkdir(parents=True)
        shared.chmod(0o1777)  # the game runs as another user inside
        settings = folder / SETTINGS
        settings.write_text(plugin_settings(run.port, self._size))
        settings.chmod(0o666)
        endpoint = self._launch(docker_words(run, self._game, self._way, self._map, self._size))
        return replace(endpoint, port=run.port, socket_folder=shared, size=self._size)

    def outgrown(self) -> bool:
        """Never: Docker ends a container that needs more than ``memory_mb``."""
        return False

    def _let_go(self, grace: float = 5.0) -> None:
        if self._run is None:
            return
        if self._process is not None:
            _docker("rm", "--force", self._run.name)
            self._process.end(grace)
        shutil.rmtree(self._run.folder, ignore_errors=True)
        self._ports.give_back(self._run.port)
        self._run = None


def remove_abandoned_containers() -> list[str]:
    """Remove containers of this host whose worker has ended; returns their names."""
    form = f'{{{{.Names}}}} {{{{.Label "{WORKER_LABEL}"}}}}'
    listed = _docker("ps", "--filter", f"label={WORKER_LABEL}", "--format", form)
    removed = []
    for line in listed.splitlines():
        name, _, mark = line.partition(" ")
        pid, _, started = mark.partition(":")
        with contextlib.suppress(ValueError):
            if not ProcessMark(int(pid), float(started)).alive:
                _docker("rm", "--force", name)
                removed.append(name)
    return removed


def _docker(*words: str) -> str:
    """What Docker's client prints; nothing if it fails."""
    try:
        done = subprocess.run([DOCKER, *words], capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
