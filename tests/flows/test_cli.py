"""The command line: light where it must be, clear where it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from flows.cli import app
from manifests.recipe import Recipe
from tests.flows.refused import REFUSED
from tests.flows.typed import run_cli
from tests.full_disk import full_disk, refusing_folder

COMMANDS = (
    *("demo", "factory", "build", "plan", "recipe", "verify", "report", "inspect", "trace", "diff"),
    *("cost", "gc", "export", "replay", "train", "evaluate", "adapt", "reproduce", "transfer"),
    *("people", "scene", "assets", "probe", "engine", "level", "up", "down", "doctor", "server"),
    *("compare", "match", "repair", "withdraw", "prune", "track", "evaluate-tracks"),
    *("export-model", "publish-folder", "score", "embed", "search", "improve"),
)
SLOW = ("torch", "prefect", "pandas", "scipy", "matplotlib", "jinja2", "moderngl")
"""Nobody who is refused has waited for these."""

HEAVY = ("prefect", "torch", "pandas", "pyarrow", "cv2", "scipy", "moderngl", "numpy")


def test_help_lists_every_command() -> None:
    """Of a process of its own, as all the others would be."""
    result = subprocess.run(
        [sys.executable, "-m", "flows.cli", "--help"], capture_output=True, text=True, timeout=300
    )

    assert result.returncode == 0
    # A command begins its line; its name may occur in the words about another one.
    listed = re.findall(r"^│ ([a-z-]+) {2,}\w", result.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "engine"])
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])

    assert result.exit_code == 0
    assert f"Usage: unrealperson {command}" in " ".join(result.stdout.split())


def test_the_engine_explains_itself() -> None:
    """Its words are handed to a program of its own, in the place of the command's process."""
    result = subprocess.run(
        [sys.executable, "-m", "flows.cli", "engine", "--help"],
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert result.returncode == 0
    assert "--port" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, json, flows.cli\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert json.loads(result.stdout) == []


def test_recipe_show_prints_every_field_with_overlays_applied() -> None:
    plain = run_cli("recipe", "show", "demo")
    changed = run_cli("recipe", "show", "demo", "--variant", "night", "--set", "people.count=64")

    assert plain.returncode == changed.returncode == 0
    before, after = yaml.safe_load(plain.stdout), yaml.safe_load(changed.stdout)
    assert set(before) == set(after) == set(Recipe.model_fields)
    assert before["images_per_person"] == 12
    assert before["annotation"]["min_visibility"] == 0.6
    assert (before["people"]["count"], after["people"]["count"]) == (96, 64)
    assert (before["name"], after["name"]) == ("demo", "demo-night")
    assert {light for scene in after["scenes"] for light in scene["lights"]} == {
        "night",
        "dimmed",
    }


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("people.count=0", ("people.count", "greater than 0 and at most", "got 0")),
        ("colour=red", ("colour",)),
        ("images_per_person=many", ("images_per_person", "whole number", "got 'many'")),
        ("people", ("--set takes field=value", "'people'")),
    ],
)
def test_a_wrong_field_is_one_clear_error(assignment: str, words: tuple[str, ...]) -> None:
    result = run_cli("recipe", "show", "demo", "--set", assignment)

    assert result.returncode == 10
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_recipes_may_be_named_without_an_option() -> None:
    assert run_cli("plan", "tiny").stdout == run_cli("plan", "--recipe", "tiny").stdout
    assert "one recipe at a time" in run_cli("build", "tiny", "--recipe", "demo").stderr
    assert run_cli("plan", "").returncode == 10, "an empty word is no wish for the demo"


def test_items_of_lists_are_set_by_their_numbers() -> None:
    changed = run_cli("recipe", "show", "tiny", "--set", "scenes.1.lights=[warm]")
    beyond = run_cli("recipe", "show", "tiny", "--set", "scenes.2.lights=[warm]")
    misspelt = run_cli("recipe", "show", "tiny", "--set", "scenes.0.lihgts=[night]")

    scenes = yaml.safe_load(changed.stdout)["scenes"]
    assert [scene["lights"] for scene in scenes] == [["day"], ["warm"]]
    assert "'2' is no item of the list, which has items 0 to 1" in beyond.stderr
    assert "did you mean `lights`" in misspelt.stderr
    assert beyond.returncode == misspelt.returncode == 10


def test_an_unknown_scene_says_where_further_ones_are_looked_for(tmp_path: Path) -> None:
    said = run_cli("scene", "show", "stret").stderr

    assert "did you mean `street`" in said
    assert "UNREALPERSON_SCENES" in said


def test_an_unknown_variant_names_the_known_ones() -> None:
    result = run_cli("recipe", "show", "demo", "--variant", "snow")

    assert result.returncode == 10
    assert "night" in result.stderr
    assert "snow" in result.stderr


@pytest.mark.parametrize(
    ("set_", "code", "words"),
    [
        ("people.count=0", 10, ("people.count",)),
        ("scenes=[{name: moon}]", 11, ("moon", "street")),
        ("scenes=[{name: street, cameras: [street_c99]}]", 11, ("street_c99",)),
    ],
)
def test_building_refuses_before_anything_is_stored(
    tmp_path: Path, set_: str, code: int, words: tuple[str, ...]
) -> None:
    result = run_cli("build", "--set", set_, "--store", str(tmp_path / "store"), cwd=tmp_path)

    assert result.returncode == code
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert not any((tmp_path / "store").rglob("*.parquet"))


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    result = run_cli("build", "--store", str(blocked / "store"), cwd=tmp_path)

    assert result.returncode == 42
    assert str(blocked) in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("disk", ["full", "refusing"])
def test_disks_that_take_nothing_are_named(tmp_path: Path, disk: str) -> None:
    folder = refusing_folder(tmp_path) if disk == "refusing" else tmp_path
    with full_disk() if disk == "full" else nullcontext():
        result = run_cli("scene", "write", "street", "--output", str(folder / "street.yaml"))

    assert result.returncode == 42
    assert f"FolderUnsuitable: {folder / 'street.yaml'}: " in result.stderr


def test_stores_may_be_named_by_file_uris(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "manifests" / "golden" / "v2" / "store"

    result = run_cli("verify", "golden", "--store", golden.as_uri(), cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert "Everything agrees" in result.stdout


def test_an_unpublished_data_set_says_how_to_make_one(tmp_path: Path) -> None:
    result = run_cli("verify", "demo", "--store", str(tmp_path), cwd=tmp_path)

    assert result.returncode == 44
    assert "unrealperson build" in result.stderr


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str, list[str]]]:
    """Exit code, words, and which of ``SLOW`` were loaded, of each command of ``REFUSED``: typed
    one after the other in a process that has loaded nothing."""
    program = (
        "import contextlib, io, json, sys\n"
        "from flows.cli import main\n"
        "commands, slow = sys.argv[1:]\n"
        "for words in json.loads(commands):\n"
        "    sys.argv[1:], said, code = words, io.StringIO(), 0\n"
        "    with contextlib.redirect_stderr(said):\n"
        "        try:\n"
        "            main()\n"
        "        except SystemExit as end:\n"
        "            code = end.code\n"
        "    loaded = [name for name in json.loads(slow) if name in sys.modules]\n"
        "    print(json.dumps([code, said.getvalue(), loaded]))\n"
    )
    words = json.dumps([arguments for arguments, _ in REFUSED])
    result = subprocess.run(
        [sys.executable, "-c", program, words, json.dumps(SLOW)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path_factory.mktemp("refused"),
    )
    assert result.returncode == 0, result.stderr
    return [tuple(json.loads(line)) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=["-".join(a[:2]) for a, _ in REFUSED])
def test_every_command_refuses_in_one_clear_error(
    number: int, refusals: list[tuple[int, str, list[str]]]
) -> None:
    """And at once: see ``SLOW``."""
    code, said, loaded = refusals[number]

    assert code not in (0, 1)
    assert REFUSED[number][1] in said
    assert "Traceback" not in said
    assert not loaded
