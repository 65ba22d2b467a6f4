"""Environment variables: typed, read when they are asked for, refused by name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from flows.places import output_folder, state_folder, worker_count
from manifests.environment import Environment, environment, variable
from manifests.errors import BadRecipe
from synth_workers.cache_folder import cache_root
from training.data.crops import picture_cache

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing of ours is set."""
    for field in Environment.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_without_any_everything_lies_where_linux_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    home = Path("/home/ada")
    assert cache_root() == home / ".cache" / "unrealperson"
    assert picture_cache() == home / ".cache" / "unrealperson" / "pictures"
    assert state_folder() == home / ".local" / "state" / "unrealperson"
    assert environment().games == home / ".config" / "unrealperson" / "games.yaml"
    assert output_folder() == Path.cwd() / "out"
    assert worker_count() >= 1


def test_folders_of_the_desktop_standard_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", f"/xdg/{name.lower()}")
    assert cache_root() == Path("/xdg/cache/unrealperson")
    assert state_folder() == Path("/xdg/state/unrealperson")
    assert environment().games == Path("/xdg/config/unrealperson/games.yaml")


def test_our_own_come_first_and_are_read_when_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    for folder in ("/one", "~/two"):
        monkeypatch.setenv("UNREALPERSON_CACHE", folder)
        assert cache_root() == Path(folder.replace("~", "/home/ada"))
        assert picture_cache() == cache_root() / "pictures"
    monkeypatch.setenv("UNREALPERSON_SCENES", "/a::/b")
    monkeypatch.setenv("UNREALPERSON_WORKERS", "3")
    assert environment().scenes == (Path("/a"), Path("/b"))
    assert worker_count() == 3
    monkeypatch.setenv("UNREALPERSON_WORKERS", "")  # counts as not set
    assert environment().workers is None


def test_what_cannot_be_is_refused_by_name_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_WORKERS", "many")
    monkeypatch.setenv("UNREALPERSON_STORE_PATIENCE", "-1")
    with pytest.raises(BadRecipe) as refused:
        environment()
    assert "UNREALPERSON_WORKERS: must be a whole number, at least 1" in str(refused.value)
    assert "UNREALPERSON_STORE_PATIENCE: must be a number, at least 0" in str(refused.value)


def test_a_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_ENGINE_TOKEN", "correct-horse")
    token = environment().engine_token
    assert token is not None and token.get_secret_value() == "correct-horse"
    assert "correct-horse" not in repr(environment())


def test_every_variable_of_ours_that_the_code_names_is_one_of_these() -> None:
    """Words in strings of the code; those that one process hands to another are no settings."""
    handed_over = {"UNREALPERSON_ENGINE_MARK", "UNREALPERSON_HOME"}
    known = set(map(variable, Environment.model_fields)) | handed_over
    named = {
        word
        for room in ("manifests", "synth_workers", "training", "tasks", "flows")
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in re.findall(r"UNREALPERSON_[A-Z_]+\b", node.value)
    }
    assert named <= known
    assert handed_over <= named
