"""The engine of a shard that a game draws, by whichever way this host has that game."""

from __future__ import annotations

from pathlib import Path

from manifests.engine_request import EngineRequest
from manifests.errors import BadRecipe
from synth_workers.processes.launch import AttachedEngine, Engine
from synth_workers.scenes.description import GameLevel
from synth_workers.unreal.container import GameContainer
from synth_workers.unreal.games import Game, find_game, parse_endpoint
from synth_workers.unreal.places import TakenPlace, take_place
from synth_workers.unreal.program import GameProgram
from synth_workers.worker.endpoint import Endpoint


class LeasedEngine(AttachedEngine):
    """One of several engines that somebody else started: the first that no worker here uses."""

    def __init__(self, name: str, addresses: tuple[str, ...], *, notes: Path | None = None) -> None:
        super().__init__(parse_endpoint(addresses[0]))
        self._name, self._addresses = name, addresses
        self._places = notes / "places" if notes else None
        self._place: TakenPlace | None = None

    def start(self) -> Endpoint:
        """Where it listens; waits until one is free."""
        self._place = take_place(self._name, self._addresses, folder=self._places)
        self._endpoint = parse_endpoint(self._place.name)
        return self._endpoint

    def end(self, grace: float = 5.0) -> None:
        """It goes on running, for the next worker."""
        if self._place is not None:
            self._place.give_back()
            self._place = None


def engine_of_game(request: EngineRequest, level: GameLevel, size: tuple[int, int]) -> Engine:
    """An engine for ``request`` that shows ``level`` in pictures of ``size``.

    ``MissingRequirement`` if this host does not have the game in that build.
    """
    if request.game is None or request.build is None:
        raise BadRecipe("engine: a game is asked for by its `game` and `build`")
    game = find_game(request.game, request.build)
    return new_engine(request.game, game, level.map, size)


def new_engine(name: str, game: Game, map_name: str, size: tuple[int, int]) -> Engine:
    """An engine by the way that the game's entry in ``games.yaml`` says."""
    if game.program is not None:
        return GameProgram(name, game, game.program, map_name, size)
    if game.container is not None:
        return GameContainer(name, game, game.container, map_name, size)
    return LeasedEngine(name, game.attach)
