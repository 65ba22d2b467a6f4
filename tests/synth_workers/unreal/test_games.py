"""The games file of a host, and engines that were started by somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.engine_request import EngineRequest
from manifests.environment import environment
from manifests.errors import BadRecipe, MissingRequirement
from synth_workers.scenes.description import GameLevel
from synth_workers.unreal.container import GameContainer
from synth_workers.unreal.engines import LeasedEngine, engine_of_game
from synth_workers.unreal.games import (
    GAMES_VARIABLE,
    find_game,
    parse_endpoint,
    read_games,
)
from synth_workers.unreal.program import GameProgram
from synth_workers.worker.endpoint import Endpoint

GAMES = """
games:
  town:
    build: "2026-05-01"
    engine: "4.27"
    program: {executable: /srv/Town/LinuxNoEditor/Town/Binaries/Linux/Town, user: unreal}
    gpus: [0, 1]
    per_gpu: 2
  mall:
    build: b7
    engine: "4.24"
    container: {image: "registry.example/mall:b7", executable: /mall/Mall/Binaries/Linux/Mall}
  paper:
    build: v1
    attach: ["127.0.0.1:9000", "127.0.0.1:9001"]
"""
LEVEL = GameLevel("TownMap", "person", ("BP_Person_C",))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "games.yaml"
    path.write_text(GAMES)
    monkeypatch.setenv(GAMES_VARIABLE, str(path))
    return path


@pytest.mark.parametrize(
    ("game", "build", "kind"),
    [
        ("town", "2026-05-01", GameProgram),
        ("mall", "b7", GameContainer),
        ("paper", "v1", LeasedEngine),
    ],
)
def test_a_recipe_names_the_game_and_the_host_knows_the_way(
    game: str, build: str, kind: type, file: Path
):
    request = EngineRequest(kind="unreal", game=game, build=build)
    assert isinstance(engine_of_game(request, LEVEL, (1280, 720)), kind)
    assert environment().games == file


def test_another_build_is_another_game(file: Path):
    with pytest.raises(MissingRequirement, match="has build 2026-05-01 of town, the recipe wants"):
        find_game("town", "2026-06-01")
    with pytest.raises(MissingRequirement, match=r"no game 'city'; .* names town, mall, paper"):
        find_game("city", "1")


def test_a_host_without_games_says_where_they_belong(tmp_path: Path):
    with pytest.raises(MissingRequirement, match=r"no games file at .*none.yaml"):
        read_games(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{build: a}", "exactly one of program, container and attach"),
        ("{build: a, program: {executable: /x/Town.sh}}", "absolute path"),
        ("{build: a, program: {executable: /a/b/c/Town}}", "<Game>/Binaries/Linux/<Game>"),
        ("{build: a, attach: ['localhost:99999']}", "1 to 65535"),
        ("{build: a, attach: ['localhost:9000'], gpu: [0]}", "did you mean `gpus`"),
        ("{build: a, engine: '3.9', attach: ['localhost:9000']}", "games.town.engine"),
        ("[]", "games.town"),
    ],
)
def test_a_wrong_games_file_is_refused_with_the_field(entry: str, said: str, tmp_path: Path):
    path = tmp_path / "games.yaml"
    path.write_text(f"games: {{town: {entry}}}")
    with pytest.raises(BadRecipe) as error:
        read_games(path)
    assert said in str(error.value) and str(path) in str(error.value)
    path.write_text("games: [")
    with pytest.raises(BadRecipe, match="not YAML"):
        read_games(path)


def test_engines_are_named_by_address_or_by_socket():
    assert parse_endpoint("farm-3.example:9001") == Endpoint(9001, "farm-3.example")
    socket = parse_endpoint("/run/game/unrealcv_9000.socket")
    assert socket.port == 9000 and str(socket.unix_socket) == "/run/game/unrealcv_9000.socket"
    for wrong in ("localhost", "localhost:0", "localhost:port", "/tmp/other.socket", ""):
        with pytest.raises(BadRecipe):
            parse_endpoint(wrong)


def test_attached_engines_are_shared_out_one_worker_each(tmp_path: Path):
    addresses = ("127.0.0.1:9000", "127.0.0.1:9001")
    first, second = (LeasedEngine("paper", addresses, notes=tmp_path) for _ in range(2))
    assert (first.start().port, second.start().port) == (9000, 9001)
    first.end()
    third = LeasedEngine("paper", addresses, notes=tmp_path)
    assert third.start().port == 9000
    third.end()
    second.end()
    assert "attached to 127.0.0.1:9000" in third.log_tail()


def test_only_games_have_names_and_builds_and_embedded_shards_keep_their_identity():
    assert EngineRequest().model_dump() == {"kind": "embedded", "contract": "person"}
    with pytest.raises(ValueError, match="name its `game` and `build`"):
        EngineRequest(kind="unreal")
    with pytest.raises(ValueError, match="belong to kind `unreal`"):
        EngineRequest(game="town")
    assert EngineRequest(kind="unreal", game="town", build="1").version == "town 1"
