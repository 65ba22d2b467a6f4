"""Packaged games as processes, against a stand-in that behaves as the farm's notes say."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from manifests.errors import EngineLost, MissingRequirement
from synth_workers.processes.ports import PortAllocator
from synth_workers.unreal.command_line import launch_environment, launch_words, plugin_settings
from synth_workers.unreal.games import Game, Program
from synth_workers.unreal.places import gpu_places, take_place
from synth_workers.unreal.program import GameProgram
from synth_workers.worker.session import Session
from tests.synth_workers.unreal.stand_in_game import Behaviour, install_game

SIZE = (800, 450)
NewGame = Callable[..., GameProgram]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


@pytest.fixture
def new_game(tmp_path: Path) -> Iterator[NewGame]:
    """A game that behaves as asked; ended with the test."""
    started: list[GameProgram] = []

    def make(
        behaviour: Behaviour | None = None, ports: PortAllocator | None = None, **entry: object
    ) -> GameProgram:
        behaviour = behaviour or Behaviour()
        package = tmp_path / f"game{len(started)}"
        executable = install_game(package, behaviour)
        fields = {"build": "1", "engine": behaviour.engine, "ready_seconds": 30} | entry
        program = Program(executable=executable, user=fields.pop("user", None))  # type: ignore[arg-type]
        game = Game(program=program, **fields)  # type: ignore[arg-type]
        ports = ports or PortAllocator(tmp_path / "ports", first=free_port(), last=65535)
        started.append(
            GameProgram(
                "town", game, program, "TownMap", SIZE, notes=tmp_path / "notes", ports=ports
            )
        )
        return started[-1]

    yield make
    for game in started:
        game.end(grace=0.2)


def leftovers(notes: Path) -> list[Path]:
    """Copies and pid files in the folder of notes."""
    return [*(notes / "copies").glob("*"), *(notes / "engines").glob("*")]


def test_a_game_runs_in_a_copy_of_its_own_and_leaves_nothing(new_game: NewGame, tmp_path: Path):
    game = new_game()
    endpoint = game.start()
    with Session.connect(endpoint) as session:
        status = session.text("vget /unrealcv/status")
    copy = next((tmp_path / "notes" / "copies").iterdir())
    assert f"Port: {endpoint.port}\nWidth: 800\nHeight: 450" in status
    assert f"Config file: {copy}/Town/Binaries/Linux/unrealcv.ini" in status
    assert (copy / "Town" / "Saved" / "Logs" / "Town.log").stat().st_size > 0
    package = tmp_path / "game0" / "LinuxNoEditor"
    assert (copy / "Town" / "Binaries" / "Linux" / "Town").samefile(
        package / "Town" / "Binaries" / "Linux" / "Town"
    )
    assert "Port=9000" in (package / "Town" / "Binaries" / "Linux" / "unrealcv.ini").read_text()
    assert not (package / "Town" / "Saved").exists()
    assert game.renderer == "Stand-in 3000"
    game.check()
    assert not game.outgrown()
    game.end(grace=1)
    assert not psutil.pid_exists(game.pid) and leftovers(tmp_path / "notes") == []
    assert (package / "Town" / "Content" / "Paks" / "game.pak").exists()


def test_two_games_from_one_folder_do_not_take_each_others_port(tmp_path: Path):
    executable = install_game(tmp_path / "game", Behaviour())
    program = Program(executable=executable)
    entry = Game(build="1", program=program, per_gpu=2)
    ports = PortAllocator(tmp_path / "ports", first=free_port(), last=65535)
    games = [
        GameProgram("town", entry, program, "TownMap", SIZE, notes=tmp_path / "notes", ports=ports)
        for _ in range(2)
    ]
    try:
        endpoints = [game.start() for game in games]
        assert endpoints[0].port != endpoints[1].port
        for endpoint in endpoints:
            Session.connect(endpoint).close()
    finally:
        for game in games:
            game.end(grace=0.2)


def test_a_port_that_somebody_took_meanwhile_is_replaced_by_the_next(
    new_game: NewGame, tmp_path: Path
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = PortAllocator(tmp_path / "p", first=port, last=65535, can_bind=lambda _: True)
        assert new_game(ports=ports).start().port > port


def test_a_game_without_a_log_is_ready_when_it_listens(new_game: NewGame):
    game = new_game(Behaviour(silent=True))
    Session.connect(game.start()).close()
    assert game.log_tail() == "(it wrote nothing)"


@pytest.mark.parametrize("engine", ["4.22", "4.24", "4.25", "4.27", "5.4"])
def test_flags_fit_the_version(engine: str, new_game: NewGame, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    Session.connect(new_game(Behaviour(engine=engine)).start()).close()


@pytest.mark.parametrize(
    ("behaviour", "entry", "error", "said"),
    [
        (Behaviour(euid=0), {}, MissingRequirement, "Name one as `user` of games.town.program"),
        (Behaviour(crash_early=True), {}, EngineLost, "Shader compiler went away"),
        (Behaviour(hangs=True), {"ready_seconds": 1.5}, EngineLost, "not ready after 2 s"),
        (Behaviour(engine="4.24"), {"engine": "4.27"}, EngineLost, "needs OpenGL"),
        (Behaviour(engine="4.27"), {"engine": "4.24"}, EngineLost, "without -RenderOffScreen"),
    ],
)
def test_games_that_do_not_start_say_why(
    behaviour: Behaviour,
    entry: dict,
    error: type[Exception],
    said: str,
    new_game: NewGame,
    tmp_path: Path,
):
    with pytest.raises(error, match=said):
        new_game(behaviour, **entry).start()
    assert leftovers(tmp_path / "notes") == []


def test_settings_that_a_game_ignores_are_noticed(new_game: NewGame):
    """The picture size comes from the ini alone; a wrong one would spoil every frame."""
    game = new_game(Behaviour(forgets_settings=True))
    with pytest.raises(EngineLost, match="640x480, not 800x450"):
        Session.connect(game.start())


def test_a_plugin_that_takes_its_port_from_the_command_line_alone_gets_it_there(
    new_game: NewGame,
):
    game = new_game(Behaviour(reads_settings=False))
    endpoint = game.start()
    assert endpoint.port != 9000


def test_an_equals_sign_makes_the_stand_in_lose_its_port_as_it_does_the_plugin(tmp_path: Path):
    executable = install_game(tmp_path, Behaviour())
    words = ["TownMap", "-RenderOffScreen", "-stdout", "-UnrealCVPort=9731"]
    with subprocess.Popen([executable, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "listening" in line)
        process.kill()
    assert line.strip().endswith("Start listening on 0")


def test_a_crash_and_a_fatal_error_are_noticed_between_frames(new_game: NewGame):
    dying, doomed = new_game(Behaviour(crash=0.1)), new_game(Behaviour(fatal=0.1), per_gpu=2)
    dying.start()
    with pytest.raises(EngineLost, match="signal 11"):
        wait_for_trouble(dying)
    dying.end()
    doomed.start()
    with pytest.raises(EngineLost, match=r"broken: .*GPU has been lost"):
        wait_for_trouble(doomed)


def wait_for_trouble(game: GameProgram) -> None:
    for _ in range(1000):
        game.check()
        time.sleep(0.05)


def test_a_killed_worker_leaves_a_copy_that_the_next_start_deletes(tmp_path: Path):
    executable = install_game(tmp_path / "game", Behaviour())
    notes = tmp_path / "notes"
    worker = f"""
import time
from pathlib import Path
from synth_workers.processes.ports import PortAllocator
from synth_workers.unreal.games import Game, Program
from synth_workers.unreal.program import GameProgram
program = Program(executable=Path({str(executable)!r}))
ports = PortAllocator(Path({str(tmp_path / "ports")!r}), first={free_port()}, last=65535)
game = GameProgram("town", Game(build="1", program=program), program, "TownMap", {SIZE},
                   notes=Path({str(notes)!r}), ports=ports)
game.start()
print(game.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", worker], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=60)
    abandoned = list((notes / "copies").iterdir())
    assert len(abandoned) == 1
    program = Program(executable=executable)
    ports = PortAllocator(tmp_path / "ports", first=free_port(), last=65535)
    game = GameProgram(
        "town", Game(build="1", program=program), program, "TownMap", SIZE, notes=notes, ports=ports
    )
    try:
        game.start()
        assert not abandoned[0].exists()
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"
    finally:
        game.end(grace=0.2)
    assert leftovers(notes) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a game as somebody else")
def test_a_game_of_a_root_worker_runs_as_the_user_its_entry_names():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        executable = install_game(Path(folder), Behaviour())
        # The interpreter of the stand-in may be out of that user's reach; a shell is not.
        executable.write_text(
            "#!/bin/sh\n"
            "while [ $1 != -UnrealCVPort ]; do shift; done\n"
            "touch unrealcv.ini ../../Saved/mine || exit 1\n"
            "echo Start listening on $2\n"
            "exec sleep 60\n"
        )
        program = Program(executable=executable, user="nobody")
        notes = Path(folder) / "notes"
        ports = PortAllocator(notes / "ports", first=free_port(), last=65535)
        entry = Game(build="1", program=program)
        game = GameProgram("town", entry, program, "Map", SIZE, notes=notes, ports=ports)
        try:
            game.start()
            assert psutil.Process(game.pid).username() == "nobody"
        finally:
            game.end(grace=0.5)


def test_what_is_not_there_is_named_before_anything_starts(tmp_path: Path):
    program = Program(executable=Path("/nowhere/Town/Binaries/Linux/Town"))
    game = GameProgram(
        "town", Game(build="1", program=program), program, "Map", SIZE, notes=tmp_path
    )
    with pytest.raises(MissingRequirement, match="no executable game at /nowhere"):
        game.start()


def test_cards_fill_up_evenly_and_a_full_host_says_so(tmp_path: Path):
    places = gpu_places((0, 2), per_gpu=2)
    assert list(places.values()) == [0, 2, 0, 2]
    taken = [take_place("town", list(places), folder=tmp_path) for _ in places]
    assert [place.name for place in taken] == list(places)
    with pytest.raises(EngineLost, match="all 4 places for town"):
        take_place("town", list(places), patience=0.0, folder=tmp_path)
    taken[2].give_back()
    again = take_place("town", list(places), folder=tmp_path)
    assert again.name == taken[2].name
    for place in (*taken, again):
        place.give_back()


def test_words_and_environment_are_those_of_the_version():
    old = launch_words("4.24", "Map", SIZE, 9100, gpu=1)
    new = launch_words("4.27", "Map", SIZE, 9100, gpu=1, more=("-mine",))
    assert "-opengl4" in old and "-RenderOffScreen" not in old
    assert {"-RenderOffScreen", "-graphicsadapter=1", "-ResX=800", "-mine"} <= set(new)
    assert new[new.index("-UnrealCVPort") + 1] == "9100"
    inherited = {"SDL_VIDEODRIVER": "x11", "HOME": "/home/unreal"}
    assert launch_environment("4.27", 1, inherited) == {"HOME": "/home/unreal"}
    assert launch_environment("4.22", 1, inherited)["SDL_HINT_CUDA_DEVICE"] == "1"
    assert "Port=9100\nWidth=800\nHeight=450\n" in plugin_settings(9100, SIZE)
