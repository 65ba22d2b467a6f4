"""Which saved model a command means: one by its path, the newest, or what a wildcard stands for."""

from __future__ import annotations

import glob
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from manifests.errors import CorruptData, NotFound
from training.run_files import EXPORTED_SUFFIX, MODEL_FILE, MODEL_FILES, SAFE_MODEL_FILE, model_file

NEWEST = "latest"

_OPTIONS = ("--model", "-m", "--initial", "--scored-by")


class ModelCommand(TyperCommand):
    """A command that takes ``--model out/models/first/*``, of which shells make several words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """One word for what a wildcard stands for; the rest as ever."""
        words: list[str] = []
        while args:
            words.append(args.pop(0))
            if words[-1] not in _OPTIONS or not args:
                continue
            several = [args.pop(0)]
            while args and _beside(several[0], args[0]):
                several.append(args.pop(0))
            words.append(several[0] if len(several) == 1 else str(_newest_of(several)))
        return super().parse_args(ctx, words)


def _beside(first: str, word: str) -> bool:
    """Whether the same wildcard may stand for both: paths of one depth that exist."""
    return os.sep in word and first.count(os.sep) == word.count(os.sep) and Path(word).exists()


def saved_model(model: Path | None, option: str, dataset: str | None = None) -> Path:
    """The file of the model that an option means.

    A path of its file, of its folder or of several with wildcards, of which the newest is meant;
    ``latest`` or nothing: the newest below the models of ``dataset``, else of all. Raises
    ``NotFound`` saying how to make one, and ``CorruptData`` for a file that cannot be one.
    """
    if model is None or str(model) == NEWEST:
        from flows.places import models_folder

        folder = models_folder(dataset)
        found = _newest(list(folder.rglob(MODEL_FILE)))
        if found is None:
            what = "a data set" if dataset is None else dataset
            raise NotFound(
                f"{option}: no model below {folder}; `unrealperson train {what}` makes one, or "
                "name the folder of another"
            )
        return _said(found)
    try:
        if glob.has_magic(str(model)) and not model.exists():
            model = _newest_of(_standing_for(model)) or model
        file = model_file(model)
        there = model != Path() and file.is_file()
    except (OSError, ValueError) as error:  # too long a name, or no pattern: `a**`
        why = error.strerror if isinstance(error, OSError) else error
        raise NotFound(f"{option} {str(model)[:200]}: {why}") from None
    if not there:
        raise NotFound(f"{option} {model}: no such model; `unrealperson train` makes one")
    if file.name != SAFE_MODEL_FILE and not zipfile.is_zipfile(file):
        raise CorruptData(f"{option} {file}: no saved model; those are called {MODEL_FILE}")
    return file.absolute()


def usable_model(model: Path | None, option: str) -> Path:
    """``saved_model``, or the file of an exported one."""
    if model is not None and model.suffix == EXPORTED_SUFFIX:
        if not model.is_file():
            raise NotFound(f"{option} {model}: no such file; `unrealperson export-model` makes one")
        return model.absolute()
    return saved_model(model, option)


def _standing_for(pattern: Path) -> list[str]:
    within = pattern.relative_to(pattern.anchor)
    return sorted(str(path) for path in Path(pattern.anchor).glob(str(within)))


def _newest_of(words: Sequence[str]) -> Path | None:
    """The newest model among files and folders; if there is none, the first of them."""
    places = [Path(word) for word in words]
    files = [file for file in map(model_file, places) if file.name in MODEL_FILES]
    found = _newest([file for file in files if file.is_file()])
    return _said(found) if found else next(iter(places), None)


def _newest(files: Sequence[Path]) -> Path | None:
    return max(files, key=lambda file: file.stat().st_mtime_ns, default=None)


def _said(model: Path) -> Path:
    """What nobody named is told."""
    typer.echo(f"The newest model: {model.parent}", err=True)
    return model
