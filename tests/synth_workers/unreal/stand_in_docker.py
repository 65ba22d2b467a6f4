"""A stand-in for Docker's client: containers are processes, images are folders with a game.

It understands what the launcher says and refuses anything else, keeps what it was told in a
journal, and knows ``run``, ``ps`` and ``rm``. ``install_docker`` puts it on a PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.synth_workers.unreal.stand_in_game import REPOSITORY

_FLAGS = {"--rm"}
_OPTIONS = {
    "--name",
    "--label",
    "--gpus",
    "--user",
    "--memory",
    "--publish",
    "--env",
    "--volume",
    "--workdir",
    "--entrypoint",
}


def install_docker(folder: Path, image: Path) -> Path:
    """A ``docker`` in ``folder/bin`` whose one image has the files of ``image`` at ``/game``."""
    binary = folder / "bin" / "docker"
    binary.parent.mkdir(parents=True)
    (folder / "containers").mkdir()
    binary.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "from pathlib import Path\n"
        f"sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from tests.synth_workers.unreal.stand_in_docker import main\n"
        f"main(Path({str(folder)!r}), Path({str(image)!r}))\n"
    )
    binary.chmod(0o755)
    return binary.parent


def main(folder: Path, image: Path) -> None:
    """Run as Docker's client."""
    verb, *words = sys.argv[1:]
    with (folder / "journal").open("a") as journal:
        journal.write(json.dumps([verb, *words]) + "\n")
    if verb == "ps":
        for path in (folder / "containers").iterdir():
            print(path.name, json.loads(path.read_text())["label"].partition("=")[2])
    elif verb == "rm":
        _remove(folder / "containers" / words[-1])
    elif verb == "run":
        _run(folder, image, words)
    else:
        sys.exit(f"docker: unknown command {verb}")


def _remove(record: Path) -> None:
    if not record.exists():
        sys.exit(f"Error: No such container: {record.name}")
    os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)
    record.unlink()


def _run(folder: Path, image: Path, words: list[str]) -> None:
    options: dict[str, list[str]] = {}
    while words[0].startswith("--"):
        word = words.pop(0)
        if word in _OPTIONS:
            options.setdefault(word, []).append(words.pop(0))
        elif word not in _FLAGS:
            sys.exit(f"unknown flag: {word}")
    root = folder / "roots" / options["--name"][0]
    shutil.copytree(image, root / "game", symlinks=True)
    for mount in options["--volume"]:
        source, target = mount.split(":")[:2]
        if target.startswith("/game/"):
            inside = root / target.lstrip("/")
            inside.unlink(missing_ok=True)
            inside.symlink_to(source)
    executable = root / options["--entrypoint"][0].lstrip("/")
    environment = {**os.environ, **dict(pair.split("=", 1) for pair in options["--env"])}
    with subprocess.Popen(
        [executable, *words[1:]], env=environment, start_new_session=True, cwd=executable.parent
    ) as game:
        record = folder / "containers" / options["--name"][0]
        record.write_text(json.dumps({"pid": game.pid, "label": options["--label"][0]}))
        code = game.wait()
    record.unlink(missing_ok=True)
    sys.exit(code if code >= 0 else 128 - code)
