"""A stand-in for a packaged game of UE 4 or 5: behaves at start and at its end as real ones do.

It finds its content by where its executable lies, refuses root, wants the flags of its UE
version, reads and rewrites ``unrealcv.ini``, ignores ``=`` after ``-UnrealCVPort``, logs in
UE's form, runs on when its port is taken, and crashes or hangs on request. What answers behind
the port is a toy level or the embedded engine.

``install_game`` packages one; the file itself is what its executable runs. How it behaves
(``Behaviour``) lies in its content folder, where a real game has its pak files.
"""

from __future__ import annotations

import configparser
import dataclasses
import json
import os
import re
import signal
import sys
import textwrap
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SETTINGS = "unrealcv.ini"
# What a stand-in's executable finds this package by: it starts in a folder and with an
# environment of its own.
REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Behaviour:
    """``euid``: whom it believes to run as. ``embedded``: arguments of the embedded engine that
    draws for it (none: a toy level). ``silent``: a shipping build without a log. ``fatal``,
    ``crash``: seconds after listening at which it logs a fatal error or dies of a signal.
    ``crash_early``: dies before listening. ``hangs``: never listens. ``reads_settings``: false
    for one that takes nothing from its ini."""

    engine: str = "4.27"
    maps: tuple[str, ...] = ("TownMap",)
    euid: int | None = 1000
    embedded: tuple[str, ...] = ()
    silent: bool = False
    crash_early: bool = False
    hangs: bool = False
    fatal: float | None = None
    crash: float | None = None
    reads_settings: bool = True
    forgets_settings: bool = False


def install_game(folder: Path, behaviour: Behaviour, name: str = "Town") -> Path:
    """Package a game below ``folder``; returns its executable."""
    major = int(behaviour.engine.split(".")[0])
    package = folder / ("LinuxNoEditor" if major < 5 else "Linux")  # UE 5 has no such suffix
    binaries = package / name / "Binaries" / "Linux"
    content = package / name / "Content" / "Paks"
    for each in (binaries, content, package / "Engine" / "Content"):
        each.mkdir(parents=True)
    (content / "game.pak").write_text(json.dumps(dataclasses.asdict(behaviour)))
    (binaries / _SETTINGS).write_text("[UnrealCV.Core]\nPort=9000\nWidth=640\nHeight=480\n")
    (package / f"{name}.sh").write_text("#!/bin/sh\nexec the game\n")
    executable = binaries / name
    executable.write_text(
        textwrap.dedent(
            f"""\
            #!{sys.executable}
            import sys
            sys.path.insert(0, {str(REPOSITORY)!r})
            from tests.synth_workers.unreal.stand_in_game import main
            main()
            """
        )
    )
    executable.chmod(0o755)
    return executable


class _Log:
    """UE's log: on stdout when asked for, and in ``Saved``."""

    def __init__(self, project: Path, silent: bool, words: list[str]) -> None:
        self._loud = not silent and "-stdout" in words
        self._file = None
        if not silent:
            (project / "Saved" / "Logs").mkdir(parents=True, exist_ok=True)
            self._file = (project / "Saved" / "Logs" / f"{project.name}.log").open("w")

    def __call__(self, line: str) -> None:
        text = f"[2026.01.01-00.00.00:000][  0]{line}"
        if self._loud:
            print(text, flush=True)
        if self._file is not None:
            print(text, file=self._file, flush=True)


def main() -> None:
    """Run as the game's executable."""
    # As /proc/self/exe tells a real game: a symbolic link would lead to the original.
    executable = Path(os.path.realpath(sys.argv[0]))
    project, words = executable.parents[2], sys.argv[1:]
    behaviour = _behaviour(project)
    log = _Log(project, behaviour.silent, words)
    euid = os.geteuid() if behaviour.euid is None else behaviour.euid
    if euid == 0:
        sys.exit("Refusing to run with the root privileges.")
    if not (project.parent / "Engine" / "Content").is_dir():
        log("LogPakFile: Fatal error! Engine content is missing")
        sys.exit(1)
    if complaint := _wrong_flags(behaviour.engine, words):
        log(f"LogInit: Fatal error! {complaint}")
        sys.exit(1)
    log(f"LogLoad: LoadMap: /Game/Maps/{_map(behaviour, words, log)}")
    log("LogVulkanRHI: Display:      DeviceName: Stand-in 3000")
    port, width, height = _settings(executable.parent, words, behaviour)
    if behaviour.crash_early:
        log("LogCore: Fatal error! Shader compiler went away")
        os.kill(os.getpid(), signal.SIGSEGV)
    if behaviour.hangs:
        time.sleep(600)
    _serve(behaviour, log, port, width, height, executable.parent / _SETTINGS)


def _behaviour(project: Path) -> Behaviour:
    stored = json.loads((project / "Content" / "Paks" / "game.pak").read_text())
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return Behaviour(**values)


def _wrong_flags(engine: str, words: list[str]) -> str:
    driver = os.environ.get("SDL_VIDEODRIVER")
    if tuple(map(int, engine.split("."))) <= (4, 24):
        right = "-opengl4" in words and driver == "offscreen"
        return "" if right else "no display, and this version needs OpenGL with SDL off-screen"
    if "-RenderOffScreen" not in words or "-opengl4" in words:
        return "no display for Vulkan without -RenderOffScreen"
    return "" if driver is None else f"SDL_VIDEODRIVER={driver} keeps Vulkan from starting"


def _map(behaviour: Behaviour, words: list[str], log: _Log) -> str:
    asked = words[0] if words and not words[0].startswith("-") else behaviour.maps[0]
    if asked not in behaviour.maps:
        log(f"LogLoad: Warning: no map {asked}, loading the default one")
        return behaviour.maps[0]
    return asked


def _settings(folder: Path, words: list[str], behaviour: Behaviour) -> tuple[int, int, int]:
    """Port, width and height; writes them back, as plugins do at every start."""
    values = {"Port": 9000, "Width": 640, "Height": 480}
    path = folder / _SETTINGS
    if behaviour.reads_settings and path.exists():
        parser = configparser.ConfigParser()
        parser.read(path)
        values |= {key: parser.getint("UnrealCV.Core", key) for key in values}
    line = " ".join(words)
    for key in values:
        # FParse looks for the word; atoi reads what follows it, and "=9000" is no number.
        if match := re.search(rf"UnrealCV{key}(.*)", line):
            number = re.match(r"\s*(\d+)", match.group(1))
            values[key] = int(number.group(1)) if number else 0
    text = "".join(f"{key}={value}\n" for key, value in values.items())
    path.write_text(f"[UnrealCV.Core]\n{text}FOV=90.000000\nEnableInput=True\n")
    if behaviour.forgets_settings:
        values |= {"Width": 640, "Height": 480}
    return values["Port"], values["Width"], values["Height"]


def _serve(
    behaviour: Behaviour, log: _Log, port: int, width: int, height: int, settings: Path
) -> None:
    if behaviour.embedded:
        # The engine takes over this process; its port is bound anew there.
        size = ("--width", str(width), "--height", str(height), "--port", str(port))
        words = [sys.executable, "-m", "synth_workers.engine", *behaviour.embedded, *size]
        os.execv(sys.executable, words)
    from tests.synth_workers.worker.scripted_server import ScriptedServer
    from tests.synth_workers.worker.toy_level import ToyLevel

    toy = ToyLevel()

    def answer(command: str) -> str | bytes:
        if command == "vget /unrealcv/status":
            return (
                f"Is Listening\nClient Connected\n{port}\nConfiguration\nConfig file: {settings}\n"
                f"Port: {port}\nWidth: {width}\nHeight: {height}\nFOV: 90.000000\n"
            )
        return toy(command)

    try:
        server = ScriptedServer(answer, port=port)
    except OSError:
        log(f"LogUnrealCV: Error: Cannot start listening on the port {port}. Port might be in use")
        time.sleep(600)
        return
    with server:
        log(f"LogUnrealCV: Warning: Start listening on {port}")
        if behaviour.fatal is not None:
            words = "LogCore: Fatal error! GPU has been lost"
            threading.Timer(behaviour.fatal, log, [words]).start()
        if behaviour.crash is not None:
            crash = (os.getpid(), signal.SIGSEGV)
            threading.Timer(behaviour.crash, os.kill, crash).start()
        signal.pause()
