"""A packaged game as a process of this host: private copy, own port, own settings, one card."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

from manifests.errors import MissingRequirement
from synth_workers.processes.launch import PortTaken, end_orphans
from synth_workers.unreal.command_line import launch_environment, launch_words, plugin_settings
from synth_workers.unreal.games import Program
from synth_workers.unreal.hosted import HostedGame
from synth_workers.unreal.private_copy import PrivateCopy, make_private_copy, remove_abandoned
from synth_workers.worker.endpoint import Endpoint

_ATTEMPTS = 3  # with another port each


class GameProgram(HostedGame[Program]):
    """One running game. Its folder is a copy made of links, which goes with it."""

    _copy: PrivateCopy | None = None
    _port: int | None = None

    @property
    def pid(self) -> int:
        """Process id of the game."""
        if self._process is None:
            raise RuntimeError("the game has not been started")
        return self._process.pid

    def _make_ready(self) -> None:
        end_orphans(self._folder("engines"))
        remove_abandoned(self._folder("copies"))

    def _start(self, gpu: int) -> Endpoint:
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._start_once(gpu)
            except PortTaken:
                self._let_go()
        return self._start_once(gpu)

    def _start_once(self, gpu: int) -> Endpoint:
        port = self._port = self._ports.take()
        settings = plugin_settings(port, self._size)
        copy = self._copy = make_private_copy(
            self._way.executable, settings, self._folder("copies"), self._way.user
        )
        game = self._game
        words = launch_words(game.engine, self._map, self._size, port, gpu, game.arguments)
        try:
            endpoint = self._launch(
                (str(copy.executable), *words),
                folder=copy.executable.parent,
                environment=launch_environment(game.engine, gpu, os.environ),
                user=self._way.user,
                port=port,
            )
        except MissingRequirement as error:
            raise MissingRequirement(
                f"{error}\nName one as `user` of games.{self._name}.program in games.yaml"
                if "root" in str(error)
                else str(error)
            ) from error
        except OSError as error:
            raise MissingRequirement(f"{copy.executable} cannot be started: {error}") from error
        return replace(endpoint, size=self._size)

    def _let_go(self, grace: float = 5.0) -> None:
        if self._process is not None:
            self._process.end(grace)
        if self._copy is not None:
            self._copy.remove()
            self._copy = None
        if self._port is not None:
            with contextlib.suppress(OSError):
                self._ports.give_back(self._port)
            self._port = None
