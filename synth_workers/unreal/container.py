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

from manifests.errors import EngineLost, MissingRequirement
from synth_workers.processes.host import ProcessMark, host_folder
from synth_workers.processes.launch import EngineCommand, EngineProcess
from synth_workers.processes.ports import PortAllocator
from synth_workers.unreal.command_line import launch_environment, launch_words, plugin_settings
from synth_workers.unreal.games import Container, Game
from synth_workers.unreal.places import TakenPlace, gpu_places, take_place
from synth_workers.unreal.private_copy import SETTINGS
from synth_workers.worker.session import Endpoint

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


class GameContainer:
    """One game in a container behind the engine seam."""

    def __init__(
        self,
        name: str,
        game: Game,
        container: Container,
        map_name: str,
        size: tuple[int, int],
        *,
        notes: Path | None = None,
        ports: PortAllocator | None = None,
    ) -> None:
        self._name, self._game, self._container = name, game, container
        self._map, self._size = map_name, size
        self._pids = notes / "engines" if notes else host_folder("engines")
        self._folders = notes / "containers" if notes else host_folder("containers")
        self._places = notes / "places" if notes else None
        self._ports = ports or PortAllocator.of_this_host()
        self._run: ContainerRun | None = None
        self._place: TakenPlace | None = None
        self._process: EngineProcess | None = None

    @property
    def renderer(self) -> str:
        """The graphics card as the game's log names it."""
        return self._process.renderer if self._process is not None else ""

    def start(self) -> Endpoint:
        """Run the container on a card and a port of its own and wait until the game listens."""
        if shutil.which(DOCKER) is None:
            raise MissingRequirement(
                f"games.{self._name}.container needs Docker, and there is no `docker` on PATH"
            )
        remove_abandoned_containers()
        places = gpu_places(self._game.gpus, self._game.per_gpu)
        self._place = take_place(self._name, list(places), folder=self._places)
        try:
            return self._start(places[self._place.name])
        except BaseException:
            self.end()
            raise

    def _start(self, gpu: int) -> Endpoint:
        name = f"unrealperson-{self._name}-{uuid.uuid4().hex[:8]}"
        folder = self._folders / name
        run = ContainerRun(name, ProcessMark.own(), folder, self._ports.take(), gpu)
        self._run = run
        shared = folder / "tmp"
        shared.mkdir(parents=True)
        shared.chmod(0o1777)  # the game runs as another user inside
        settings = folder / SETTINGS
        settings.write_text(plugin_settings(run.port, self._size))
        settings.chmod(0o666)
        self._process = EngineProcess(
            EngineCommand(
                arguments=docker_words(run, self._game, self._container, self._map, self._size),
                ready_seconds=self._game.ready_seconds,
                memory_mb=self._game.memory_mb,
            ),
            pid_folder=self._pids,
        )
        endpoint = self._process.start()
        return replace(endpoint, port=run.port, socket_folder=shared, size=self._size)

    def check(self) -> None:
        """Raise ``EngineLost`` if the container is gone or its game says that it is broken."""
        if self._process is None:
            raise EngineLost("the container has not been started")
        self._process.check()

    def outgrown(self) -> bool:
        """Never: Docker ends a container that needs more than ``memory_mb``."""
        return False

    def cpu_seconds(self) -> float:
        """Those of Docker's client, as its daemon does not tell us the container's."""
        return self._process.cpu_seconds() if self._process is not None else 0.0

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the game's log."""
        return self._process.log_tail(lines) if self._process is not None else "(never started)"

    def end(self, grace: float = 5.0) -> None:
        """Remove the container, give its port and its card back."""
        if self._run is not None:
            if self._process is not None:
                _docker("rm", "--force", self._run.name)
                self._process.end(grace)
            shutil.rmtree(self._run.folder, ignore_errors=True)
            self._ports.give_back(self._run.port)
            self._run = None
        if self._place is not None:
            self._place.give_back()
            self._place = None


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
