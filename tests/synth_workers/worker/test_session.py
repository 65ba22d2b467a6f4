"""Sessions: every way in which an engine can misbehave ends in ``EngineLost`` in time."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from manifests.errors import EngineLost, ProtocolError
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.replies import number, numbers
from synth_workers.worker.session import CommandKind, Deadlines, Session
from tests.servers.endpoint import deaf_port
from tests.synth_workers.worker.scripted_server import Fault, FaultKind, ScriptedServer

# Whoever waits longer waits for ever: servers that stall do so until the end of the test.
pytestmark = pytest.mark.timeout(120)

QUICK = Deadlines(connect=60.0, status=60.0, setting=1.0, capture=60.0, level=60.0)
"""For faults that nothing but a deadline ends: they strike at settings."""

HASTY = Deadlines(connect=2.0)


def parrot(command: str) -> str | bytes:
    """Echo as the plugin does; images are bytes, lists of nothing are ``ok``."""
    if command.startswith("vget /unrealcv/echo "):
        return command.removeprefix("vget /unrealcv/echo ")
    if command.endswith("png"):
        return b"\x89PNG" + command.encode()
    return "ok" if command.startswith("vset") else f"error Can not find a handler for '{command}'"


def test_replies_come_in_the_order_of_a_pipelined_batch():
    with ScriptedServer(parrot) as server, Session.connect(server.endpoint, QUICK) as session:
        words = [f"vget /unrealcv/echo w{i}" for i in range(200)]
        assert session.batch(words) == [f"w{i}" for i in range(200)]


def test_setters_must_answer_ok():
    with ScriptedServer(parrot) as server, Session.connect(server.endpoint, QUICK) as session:
        session.must(["vset /object/A/location 1.0000 2.0000 3.0000"])
        with pytest.raises(ProtocolError, match=r"vrun nothing.*must answer 'ok'"):
            session.must(["vrun nothing"])
        with pytest.raises(ProtocolError, match="failed"):
            session.text("vget /nothing")
        with pytest.raises(ProtocolError, match="must answer text"):
            session.text("vget /camera/1/lit png")


@pytest.mark.parametrize(
    "kind", ["stall", "drop", "late", "garbage", "truncate", "wrong-id", "unsolicited"]
)
def test_a_fault_loses_the_engine_in_time_and_for_good(kind: FaultKind):
    fault = Fault(kind, "victim", seconds=2.0)
    with ScriptedServer(parrot, (fault,)) as server:
        session = Session.connect(server.endpoint, QUICK)
        with pytest.raises(EngineLost):
            session.batch(["vset /a", "vset /victim", "vset /b"], CommandKind.setting)
            session.check_in_step()
        assert not session.usable
        with pytest.raises(EngineLost, match="unusable"):
            session.request("vset /a")


def test_after_a_fault_a_new_session_gets_its_own_replies():
    fault = Fault("late", "victim", seconds=2.0)
    with ScriptedServer(parrot, (fault,)) as server:
        with pytest.raises(EngineLost, match="no reply to 'vset /victim' within"):
            Session.connect(server.endpoint, QUICK).request("vset /victim", CommandKind.setting)
        with Session.connect(server.endpoint, Deadlines(connect=30)) as session:
            assert session.request("vget /unrealcv/echo mine") == "mine"


def test_replies_between_echoes_are_believed_only_if_both_come_back():
    shift = 0

    def answers(command: str) -> str | bytes:
        word = command.removeprefix("vget /unrealcv/echo ")
        return parrot(command) if shift == 0 or word == command else "x" * len(word)

    with ScriptedServer(answers) as server:
        session = Session.connect(server.endpoint, QUICK)
        replies = session.batch_in_step(["vset /a"], [], ["vget /b png", "vset /c"])
        assert replies == [["ok"], [], [parrot("vget /b png"), "ok"]]
        shift = 1
        with pytest.raises(EngineLost, match="out of step"):
            session.batch_in_step(["vset /a"])
        assert not session.usable


def test_an_engine_that_stops_reading_does_not_hold_a_sender_for_ever():
    with ScriptedServer(parrot, (Fault("stall", "victim"),)) as server:
        session = Session.connect(server.endpoint, QUICK)
        with pytest.raises(EngineLost, match=r"reads nothing for 1 s"):
            session.batch(["vset /victim", *["vset /" + "x" * 1000] * 20_000])
        assert not session.usable


@pytest.mark.parametrize("kind", ["mute", "reject"])
def test_a_server_that_does_not_greet_is_given_up_in_time(kind: FaultKind):
    with (
        ScriptedServer(parrot, (Fault(kind, times=99),)) as server,
        pytest.raises(EngineLost, match="no greeting"),
    ):
        Session.connect(server.endpoint, HASTY)


def test_nobody_listening_is_an_error_not_a_wait():
    with deaf_port() as port, pytest.raises(EngineLost, match=f"127.0.0.1:{port}"):
        Session.connect(Endpoint(port), HASTY)


def test_plugins_that_leave_tcp_are_followed_to_their_unix_socket(tmp_path: Path):
    with ScriptedServer(parrot, leaves_tcp=True, socket_folder=tmp_path) as server:
        Session.connect(server.endpoint, QUICK).close()
        for word in ("again", "and-again"):
            with Session.connect(server.endpoint, QUICK) as session:
                assert session.request(f"vget /unrealcv/echo {word}") == word


def test_a_plugin_that_moves_late_is_followed_while_tcp_is_still_waited_for(tmp_path: Path):
    with ScriptedServer(
        parrot, leaves_tcp=True, socket_folder=tmp_path, moves_after=0.5, parks=True
    ) as server:
        Session.connect(server.endpoint, QUICK).close()
        with Session.connect(server.endpoint, Deadlines(connect=30)) as session:
            assert session.request("vget /unrealcv/echo found") == "found"


def test_a_socket_file_that_a_dead_engine_left_is_not_waited_for(tmp_path: Path):
    with ScriptedServer(parrot, socket_folder=tmp_path) as server:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
            dead.bind(str(server.endpoint.unix_socket))
        Session.connect(server.endpoint, QUICK).close()


def test_numbers_are_never_scientific():
    assert number(1e-5) == "0.0000"
    assert numbers(1.0, -2.5, 123456.78901) == "1.0000 -2.5000 123456.7890"
    with pytest.raises(ValueError, match="nan"):
        number(float("nan"))


def test_commands_are_one_line_of_ascii():
    with ScriptedServer(parrot) as server, Session.connect(server.endpoint, QUICK) as session:
        for bad in ("vset /a\nvset /b", "vset /object/Größe/show"):
            with pytest.raises(ValueError, match="one line of ASCII"):
                session.request(bad)


def test_connecting_prints_nothing(capfd: pytest.CaptureFixture[str]):
    with ScriptedServer(parrot) as server:
        Session.connect(server.endpoint, QUICK).close()
    assert capfd.readouterr().out == ""
