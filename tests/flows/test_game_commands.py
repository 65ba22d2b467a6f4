"""``probe`` and ``level`` as a person types them: tables, exit codes, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import BadRecipe, BadScene
from tests.servers.endpoint import deaf_port
from tests.synth_workers.scenes.levels import manifest_of, write_manifest
from tests.synth_workers.unreal.test_probe import toy
from tests.synth_workers.unreal.test_record import game
from tests.synth_workers.worker.scripted_server import ScriptedServer

runner = CliRunner()


def test_a_usable_engine_ends_with_0_a_table_and_a_picture(tmp_path: Path):
    picture = tmp_path / "probe.png"
    with ScriptedServer(toy()) as server:
        result = runner.invoke(app, ["probe", str(server.endpoint), "--picture", str(picture)])
    assert result.exit_code == 0, result.output
    assert "The factory can drive it." in result.output
    assert "text command:" in result.output and picture.stat().st_size > 1000


def test_half_a_contract_ends_with_11_and_says_what_to_add():
    with ScriptedServer(toy(lambda c: "error Argument Invalid" if "vbp" in c else None)) as server:
        result = runner.invoke(app, ["probe", str(server.endpoint)])
    assert result.exit_code == 11
    assert "cannot drive it yet" in result.output and "Blueprint functions" in result.output


def test_nothing_there_ends_with_20_in_words_and_in_json():
    with deaf_port() as port:
        result = runner.invoke(app, ["probe", f"127.0.0.1:{port}"])
        in_json = runner.invoke(app, ["probe", f"127.0.0.1:{port}", "--json"])
    assert result.exit_code == 20
    assert "nothing listens there" in result.output and "No UnrealCV server" in result.output
    result = in_json
    told = json.loads(result.stdout)
    assert result.exit_code == 20 and told["answered"] is told["usable"] is False
    assert told["findings"][0]["mark"] == "missing" and told["picture"] is None


def test_words_from_the_other_side_cannot_format_the_terminal():
    hostile = "[red]error[/] \x1b[31m" + "[" * 50
    with ScriptedServer(lambda c: c.split()[-1] if "/echo" in c else hostile) as server:
        result = runner.invoke(app, ["probe", str(server.endpoint)])
    assert result.exit_code == 11 and "\x1b" not in result.output
    assert "[red]" in result.output


@pytest.mark.parametrize(
    "words", [["nowhere"], ["localhost:0"], ["localhost:9000", "--contract", "other"]]
)
def test_wrong_arguments_are_refused(words: list[str]):
    assert isinstance(runner.invoke(app, ["probe", *words]).exception, BadRecipe)


def test_a_manifest_is_recorded_checked_and_used_to_probe(tmp_path: Path):
    path = tmp_path / "town.json"
    with game() as server:
        record = ["level", "record", str(server.endpoint), "--into", str(path)]
        taken = runner.invoke(app, [*record, "--once", "--pictures", str(tmp_path)])
        assert taken.exit_code == 0, taken.output
        runner.invoke(app, [*record, "--points", "TargetPoint", "--width", "150"])
        by_hand = runner.invoke(app, record, input="\n\nu\nwhat\nq\n")
    assert "forgot town_c03" in by_hand.output and "Enter, u or q" in by_hand.output
    content = json.loads(path.read_text())
    assert [camera["name"] for camera in content["cameras"]] == ["town_c01", "town_c02"]
    assert content["map"] == "TownMap" and len(content["walk"]["edges"]) == 2
    assert (tmp_path / "town_c01.png").exists()
    refused = runner.invoke(app, ["level", "validate", str(path)])
    assert isinstance(refused.exception, BadScene)
    assert "sees no walkable path" in str(refused.exception)


def test_a_good_manifest_is_summed_up_and_a_doubtful_one_warned_of(tmp_path: Path):
    town = manifest_of("street", "town")
    result = runner.invoke(app, ["level", "validate", str(write_manifest(tmp_path, town))])
    assert result.exit_code == 0
    assert "level town (map TownMap, contract person): 3 cameras" in result.output
    town["cameras"] = town["cameras"][:1]
    other = write_manifest(tmp_path, town).rename(tmp_path / "manifest.json")
    result = runner.invoke(app, ["level", "validate", str(other)])
    assert "one camera only" in result.output and "recipes find it as town.json" in result.output


def test_the_schema_is_printed():
    assert json.loads(runner.invoke(app, ["level", "schema"]).output)["title"] == "LevelManifest"
