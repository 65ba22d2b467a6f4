"""Do the words of a command suit its program? Its own parser is asked; nothing is run."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import inspect
import io
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import partial
from pathlib import Path
from runpy import run_path
from types import ModuleType

import pytest
import typer.main

from flows.cli import app
from tests.docs.pages import ROOT, Command
from tests.docs.resolving import unresolved
from tests.patching import in_this_thread

OUR_PACKAGES = (
    *("manifests", "synth_workers", "training", "tasks", "flows"),
    *("infra", "benchmarks", "tests"),
)
OUTSIDE = frozenset(
    ("cd", "cp", "docker", "export", "git", "kubectl", "ls", "nvidia-smi", "pip", "pre-commit")
    + ("prefect", "ps", "pytest", "python3.11", "sudo", "systemctl", "systemd-sysusers")
    + ("systemd-tmpfiles", "tensorboard", "top", "UE4Editor-Cmd")
)
"""Programs of others that pages tell people to run."""

PROGRAM = typer.main.get_command(app)
_PARSING = ("ArgumentParser(", "serve(")
"""What a module with a command line calls: a parser of its own, or that of all jobs."""

_FLAWS = {"NoArgsIsHelpError", "MissingParameter"}


class _Enough(Exception):  # noqa: N818 (no error)
    """Raised in place of what a program does once it has made its parser."""


def complaint(command: Command) -> str | None:
    """Why a command of a page cannot be typed, or None."""
    program, words = command.words[0], list(command.words[1:])
    if program in OUTSIDE or (program == "." and words):
        return None
    if program == "unrealperson":
        return _unrealperson(words, command)
    if program == "make":
        return _make(words)
    if program == "torchrun":
        return _python(words[words.index("-m") :], command)
    if program in ("python", "python3"):
        return _python(words, command)
    return f"{program} is none of our programs and none of the others that pages name"


def _unrealperson(words: list[str], command: Command) -> str | None:
    found, path = PROGRAM, "unrealperson"
    if words[:1] == ["engine"]:
        return _python(["-m", "synth_workers.engine", *words[1:]], command)
    while words and (known := getattr(found, "commands", None)) is not None:
        if words[0] == "--help":
            return None
        if words[0] not in known:
            return f"{path} has no command {words[0]}"
        path, found = f"{path} {words[0]}", known[words.pop(0)]
    try:
        context = found.make_context(path, words)
    except typer.Exit:
        return None
    except Exception as error:  # of typer's own copy of click, which has no public name
        if type(error).__name__ in _FLAWS and not command.whole:
            return None
        return f"{path}: {getattr(error, 'message', error)}"
    given = {name: value for name, value in context.params.items() if value is not None}
    why = unresolved(command.page, given)
    return None if why is None else f"{path}: {why}"


def _make(targets: list[str]) -> str | None:
    known = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    unknown = [word for word in targets if "=" not in word and word not in known]
    return f"the Makefile has no target {', '.join(unknown)}" if unknown else None


def _python(words: list[str], command: Command) -> str | None:
    whole, page = command.whole, command.page
    if words[0] == "-m":
        name = words[1]
        if name.partition(".")[0] not in OUR_PACKAGES:
            return None
        return module_complaint(name, words[2:] if whole or len(words) > 2 else None, page)
    if words[0].endswith(".py"):
        script = ROOT / words[0]
        if not script.is_file():
            return f"there is no {words[0]}"
        asked = whole or len(words) > 1
        return _complaint_of(load_script(script), words[1:], page) if asked else None
    return None


def module_complaint(
    name: str, arguments: Sequence[str] | None, page: str = "README.md"
) -> str | None:
    """Why ``python -m name arguments`` cannot be run; None for the arguments: only named."""
    module = _runnable(name)
    if module is None:
        return f"there is no module {name} that can be run"
    return None if arguments is None else _complaint_of(module, list(arguments), page)


def _runnable(name: str) -> ModuleType | None:
    """The module that ``python -m name`` runs."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    if spec is not None and spec.submodule_search_locations:
        name = f"{name}.__main__"
        spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return importlib.import_module(name) if "__main__" in Path(spec.origin).read_text() else None


def load_script(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{script.stem}", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def parser_of(module: ModuleType) -> argparse.ArgumentParser:
    """The parser that a module makes when it is run; nothing after it is done."""
    made: list[argparse.ArgumentParser] = []
    # Jobs have no ``main``: they hand themselves to the parser that all jobs share.
    main = getattr(module, "main", partial(run_path, str(module.__file__), run_name="__main__"))

    def keep(parser: argparse.ArgumentParser, *_: object) -> None:
        made.append(parser)
        raise _Enough

    with pytest.MonkeyPatch.context() as patch, suppress(_Enough):
        in_this_thread(patch, argparse.ArgumentParser, "parse_args", keep)
        main()
    return made[0]


def _complaint_of(module: ModuleType, arguments: list[str], page: str) -> str | None:
    main = getattr(module, "main", None)
    # Of a package it stands beside the file that is run.
    where = module.__file__ if main is None else inspect.getsourcefile(main)
    source = Path(where or "").read_text(encoding="utf-8")
    if not any(word in source for word in _PARSING):
        return f"{module.__name__} takes no arguments" if arguments else None
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(said):
        try:
            parsed = vars(parser_of(module).parse_args(arguments))
        except SystemExit as end:
            return said.getvalue().strip().splitlines()[-1] if end.code else None
    given = {name: value for name, value in parsed.items() if value is not None}
    # Of benchmarks and the like only jobs take names of ours.
    return unresolved(page, given) if module.__name__.startswith("tasks.") else None
