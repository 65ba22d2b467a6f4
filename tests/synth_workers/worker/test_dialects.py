"""Telling plugins apart by what they answer: real servers in every dialect, and odd ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from manifests.errors import BadScene
from synth_workers.contracts.person import level
from synth_workers.contracts.unrealperson import level as crowd_level
from synth_workers.worker.dialects import (
    ENGINES,
    QUESTIONS,
    PluginDialect,
    expect_able,
    identify,
    probe,
)
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.replies import Reply
from synth_workers.worker.session import Deadlines, Session
from tests.synth_workers.engine.processes import running
from tests.synth_workers.worker.scripted_server import ScriptedServer
from tests.synth_workers.worker.toy_level import ToyLevel

NEEDS = {"person": level.NEEDS, "unrealperson": crowd_level.NEEDS}
PATIENT = Deadlines(connect=10, status=10, capture=20)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def kept_by(dialect: PluginDialect) -> tuple[str, ...]:
    """The contracts that a level behind this plugin can keep."""
    return tuple(name for name, needs in NEEDS.items() if not dialect.lacks(needs))


def ask(name: str, folder: Path, cache: Path) -> PluginDialect:
    arguments = ["--dialect", name, "--socket-folder", str(folder)]
    with running(arguments, UNREALPERSON_CACHE=str(cache)) as engine:
        endpoint = Endpoint(engine.port, socket_folder=folder)
        with Session.connect(endpoint, PATIENT) as session:
            before = session.text("vget /objects")
            found = probe(session)
            assert session.text("vget /objects") == before
    return found


@pytest.mark.integration
@pytest.mark.parametrize("name", [name for name in ENGINES if name != "unknown"])
def test_every_dialect_of_the_embedded_engine_is_recognised(name: str, cache: Path, tmp_path: Path):
    found = ask(name, tmp_path, cache)
    assert found.name == name and found.engine == ENGINES[name]
    assert found.leaves_tcp is (name in ("427s", "52"))
    assert found.advertises is (name == "110")
    assert found.truth is (name == "superset")
    assert found.lit_formats == (("jpg", "png") if name == "superset" else ("png",))
    contracts = {"0310": (), "unrealperson": ("unrealperson",)}
    assert kept_by(found) == contracts.get(name, ("person", "unrealperson"))


def test_an_unknown_plugin_that_can_do_everything_may_be_used():
    with ScriptedServer(ToyLevel()) as server, Session.connect(server.endpoint) as session:
        found = probe(session)
    assert found.name == "unknown" and kept_by(found) == ("person", "unrealperson")


@pytest.mark.parametrize("contract", ["person", "unrealperson"])
def test_a_plugin_that_cannot_keep_a_contract_is_named(contract: str):
    def oldest(command: str) -> str:
        if command.startswith("vget /unrealcv/echo "):
            return command.split()[2]
        known = {"/unrealcv/version": "0.3.10", "/camera/0/pose": "0 0 0 0 0 0"}
        return known.get(command.split()[1], _unhandled(command))

    said = rf"dialect 0310.*{contract}, it lacks: masks of people"
    with (
        ScriptedServer(oldest) as server,
        Session.connect(server.endpoint) as session,
        pytest.raises(BadScene, match=said),
    ):
        expect_able(session, contract, NEEDS[contract])


def plugin_of_the_paper() -> Mapping[str, Reply]:
    """Replies of the patched plugin for UE 4.24: no camera size, no pose."""
    unhandled = {question: _unhandled(question) for question in QUESTIONS}
    return unhandled | {
        "vget /unrealcv/version": "0.3.10",
        "vget /cameras": "PawnSensor ",
        "vget /action/game/is_paused": "false",
        "vbp no_such_actor no_such_function": "error Argument Invalid",
    }


def test_abilities_come_from_the_answers_and_not_from_the_name():
    found = identify(plugin_of_the_paper())
    assert found.name == "unrealperson" and found.version == "0.3.10"
    assert kept_by(found) == ("unrealperson",)
    assert found.lacks(NEEDS["person"]) == (
        "spawning people by class and name",
        "setting the size of cameras",
    )
    assert found.lacks(NEEDS["unrealperson"]) == ()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "unrealperson"),
        ({"vget /camera/0/size": "error Argument Invalid"}, "427"),
        ({"vget /unrealcv/version": "1.0.1"}, "427s"),
        ({"vget /unrealcv/version": "9.9"}, "unknown"),
        ({"vget /camera/0/pose": "0.000 0.000 0.000 0.000 0.000 0.000"}, "unknown"),
        (dict.fromkeys(QUESTIONS, "error Not authenticated, send a token"), "unknown"),
        (dict.fromkeys(QUESTIONS, "error Command is not allowed"), "unknown"),
    ],
)
def test_what_does_not_fit_is_unknown(change: Mapping[str, Reply], name: str):
    found = identify({**plugin_of_the_paper(), **change})
    assert found.name == name
    assert found.engine == ENGINES[name]


def _unhandled(command: str) -> str:
    return f"error Can not find a handler for URI '{command}'"
