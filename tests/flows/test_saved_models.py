"""Which saved model commands mean, and what is said where there is none."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli.saved_models import saved_model
from manifests.errors import CorruptData, NotFound
from tests.flows.typed import run_cli
from training.run_files import CHECKPOINT_FILE, MODEL_FILE


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models of `first`, the older one with the later name, a newer one of `other` and a
    training of `first` that has not ended."""
    folder = tmp_path / "models"
    for age, name in enumerate(("other/c", "first/a", "first/b")):
        file = folder / name / MODEL_FILE
        file.parent.mkdir(parents=True)
        zipfile.ZipFile(file, "w").close()
        os.utime(file, (1000 - age, 1000 - age))
    (folder / "first" / "z").mkdir()
    (folder / "first" / "z" / CHECKPOINT_FILE).touch()
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path))
    return folder


@pytest.mark.parametrize(
    ("word", "dataset", "meant"),
    [
        (lambda folder: None, "first", "first/a"),
        (lambda folder: Path("latest"), "first", "first/a"),
        (lambda folder: Path("latest"), None, "other/c"),
        (lambda folder: folder / "first" / "*", "other", "first/a"),
        (lambda folder: folder / "first" / "b", None, "first/b"),
        (lambda folder: folder / "first" / "b" / MODEL_FILE, None, "first/b"),
    ],
    ids=["none", "latest", "latest of all", "wildcard", "folder", "file"],
)
def test_the_newest_unless_one_is_named(
    models: Path, word: Callable[[Path], Path | None], dataset: str | None, meant: str
) -> None:
    assert saved_model(word(models), "--model", dataset) == models / meant / MODEL_FILE


def test_no_model_says_how_to_make_one(models: Path) -> None:
    with pytest.raises(
        NotFound, match=r"--model: no model below .*lost; `unrealperson train lost`"
    ):
        saved_model(None, "--model", "lost")
    with pytest.raises(NotFound, match=r"first/z: no such model"):
        saved_model(models / "first" / "z", "--model")


def test_other_files_are_refused_before_anything_starts(models: Path) -> None:
    with pytest.raises(CorruptData, match=r"--initial .*\.py: no saved model"):
        saved_model(Path(__file__), "--initial")


@pytest.mark.parametrize("word", ["a**", f"{'x' * 300}/*"])
def test_words_that_can_stand_for_nothing_are_refused(models: Path, word: str) -> None:
    with pytest.raises(NotFound, match=r"--model (a|x)"):
        saved_model(Path(word), "--model")


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_wildcard_may_stand_for_several(models: Path, command: str) -> None:
    """Shells make words of it; an unfinished training is none of the models."""
    several = sorted(map(str, (models / "first").iterdir()))

    typed = run_cli(command, "first", "--model", *several, "--store", str(models))

    assert f"The newest model: {models / 'first' / 'a'}\n" in typed.stderr
    assert "no published data set 'first'" in typed.stderr


def test_words_after_one_model_are_arguments(models: Path) -> None:
    one = str(models / "first" / "b")

    typed = run_cli("evaluate", "--model", one, "first", "--store", str(models))

    assert "newest" not in typed.stderr
    assert "no published data set 'first'" in typed.stderr
