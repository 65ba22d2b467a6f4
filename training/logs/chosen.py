"""Which logs somebody wants, found before any work is done, and told without harm to the run."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from manifests.environment import environment, variable
from manifests.errors import BadRecipe, MissingRequirement
from training.logs.run_log import LoggedRun, RunLog

TENSORBOARD = "tensorboard"

Opening = Callable[[LoggedRun], RunLog]

_log = logging.getLogger(__name__)


def chosen_logs() -> tuple[Opening, ...]:
    """What opens the logs that ``UNREALPERSON_LOGS`` names.

    Raises ``BadRecipe`` for a word that names none, ``MissingRequirement`` where TensorBoard is not
    installed.
    """
    return tuple(_opening(word) for word in environment().logs)


class Logs:
    """The open logs of a run. One that fails is told no more, and a warning says why."""

    def __init__(self, openings: Sequence[Opening], run: LoggedRun) -> None:
        self._open: list[RunLog] = []
        for opening in openings:
            self._guarded(opening.__name__, lambda opening=opening: self._begin(opening(run)))

    def __bool__(self) -> bool:
        return bool(self._open)

    def tell(self, what: str, *about: Any) -> None:
        """Call the method of that name of every log."""
        for log in list(self._open):
            if not self._guarded(type(log).__name__, lambda log=log: getattr(log, what)(*about)):
                self._open.remove(log)

    def _begin(self, log: RunLog) -> None:
        self._open.append(log)

    def _guarded(self, name: str, call: Callable[[], None]) -> bool:
        """Whether a call went well: a training of hours does not end with its log."""
        try:
            call()
        except Exception as error:
            _log.warning(
                "%s is told no more of this run: %s: %s", name, type(error).__name__, error
            )
            return False
        return True


def _opening(word: str) -> Opening:
    if word == TENSORBOARD:
        if find_spec(TENSORBOARD) is None:
            raise MissingRequirement(
                f"{variable('logs')}: tensorboard is not installed here: "
                'pip install -c constraints.txt -e ".[logs]"'
            )
        return _tensorboard
    module, colon, name = word.rpartition(":")
    if not colon or not module or not name:
        raise BadRecipe(
            f"{variable('logs')}: {word!r} is no log; there is {TENSORBOARD}, and a class of yours "
            "is named with its module or file: `my_logs:MyLog`, `my_logs.py:MyLog`"
        )
    found = getattr(_loaded(module, word), name, None)
    if not (isinstance(found, type) and issubclass(found, RunLog)):
        raise BadRecipe(
            f"{variable('logs')}: {word!r}: {name} must be a class that inherits from "
            "unrealperson.RunLog"
        )
    return found


def _loaded(module: str, word: str) -> ModuleType:
    try:
        if not module.endswith(".py"):
            return import_module(module)
        path = Path(module).resolve()
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        loaded = module_from_spec(spec)
        sys.modules[path.stem] = loaded  # as an import would: dataclasses and pickles look there
        try:
            spec.loader.exec_module(loaded)
        except BaseException:
            with suppress(KeyError):
                del sys.modules[path.stem]
            raise
        return loaded
    except Exception as error:
        raise BadRecipe(
            f"{variable('logs')}: {word!r} cannot be loaded: {type(error).__name__}: {error}"
        ) from error


def _tensorboard(run: LoggedRun) -> RunLog:
    from training.logs.tensorboard import TensorBoardLog

    return TensorBoardLog(run)
