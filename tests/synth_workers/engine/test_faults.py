"""Each fault looks to a client like the failure it stands for, and only once."""

from __future__ import annotations

import socket
import time

import numpy as np
import pytest

from manifests.errors import BadRecipe
from synth_workers.engine.faults import Fault, FaultKind, parse_fault
from synth_workers.framing import encode_frame
from tests.synth_workers.engine.pictures import PALETTE, colours, picture, place_people
from tests.synth_workers.engine.processes import EngineProcess, running
from tests.synth_workers.engine.wire import PATIENCE, closes, connect, receive


def ask(sock: socket.socket, number: int) -> None:
    sock.sendall(encode_frame(b"%d:vget /unrealcv/echo n%d" % (number, number)))


def greeted(engine: EngineProcess) -> socket.socket:
    sock = connect(engine)
    assert receive(sock) == b"connected to yard"
    return sock


def silent(sock: socket.socket, seconds: float = 0.4) -> bool:
    sock.settimeout(seconds)
    try:
        sock.recv(1)
    except TimeoutError:
        return True
    finally:
        sock.settimeout(PATIENCE)
    return False


def test_faults_are_written_as_kind_occurrence_and_seconds():
    assert parse_fault("drop") == Fault(FaultKind.DROP)
    assert parse_fault("late@7:2.5") == Fault(FaultKind.LATE, 7, 2.5)
    for text in ("", "flood", "drop@", "drop@0", "drop@x", "late:soon", "DROP"):
        with pytest.raises(BadRecipe, match="stall"):
            parse_fault(text)


def test_drop_closes_the_connection_instead_of_the_second_reply(baked):
    with (
        running(["--fault", "drop@2"], UNREALPERSON_CACHE=str(baked)) as engine,
        greeted(engine) as sock,
    ):
        ask(sock, 0)
        assert receive(sock) == b"0:n0"
        ask(sock, 1)
        assert closes(sock)
        with greeted(engine) as again:
            ask(again, 0)
            assert receive(again) == b"0:n0"


def test_mute_swallows_one_reply(baked):
    with (
        running(["--fault", "mute@2"], UNREALPERSON_CACHE=str(baked)) as engine,
        greeted(engine) as sock,
    ):
        for number in range(3):
            ask(sock, number)
        assert [receive(sock), receive(sock)] == [b"0:n0", b"2:n2"]


def test_late_delays_a_reply_and_all_after_it(baked):
    with (
        running(["--fault", "late@2:1.0"], UNREALPERSON_CACHE=str(baked)) as engine,
        greeted(engine) as sock,
    ):
        for number in range(3):
            ask(sock, number)
        assert receive(sock) == b"0:n0"
        started = time.monotonic()
        assert [receive(sock), receive(sock)] == [b"1:n1", b"2:n2"]
        assert time.monotonic() - started > 0.5


def test_stall_keeps_the_connection_and_answers_nothing_for_ever(baked):
    with (
        running(["--fault", "stall@2"], UNREALPERSON_CACHE=str(baked)) as engine,
        greeted(engine) as sock,
    ):
        for number in range(3):
            ask(sock, number)
        assert receive(sock) == b"0:n0"
        assert silent(sock)
        sock.close()
        with connect(engine) as later:
            assert silent(later)
        assert engine.terminate() == 0


def test_no_greeting_leaves_one_client_waiting(baked):
    with running(["--fault", "no-greeting@1"], UNREALPERSON_CACHE=str(baked)) as engine:
        with connect(engine) as sock:
            assert silent(sock)
        greeted(engine).close()


def test_crash_ends_the_process(baked):
    with (
        running(["--fault", "crash@2"], UNREALPERSON_CACHE=str(baked)) as engine,
        greeted(engine) as sock,
    ):
        ask(sock, 0)
        assert receive(sock) == b"0:n0"
        ask(sock, 1)
        assert closes(sock)
        assert engine.process.wait(60) != 0


def test_pictures_that_do_not_fit(baked):
    faults = ("black-frame@2", "stale-frame@4", "mask-colours@2", "mask-size@3")
    options = [word for fault in faults for word in ("--fault", fault)]
    with running(options, UNREALPERSON_CACHE=str(baked)) as engine:
        client = engine.client()
        (name,) = place_people(client, 1)

        def lit(x: int) -> np.ndarray:
            client.request(f"vset /object/{name}/location {x} 0 0")
            return picture(client.request("vget /camera/0/lit png"))

        first, black, third = lit(300), lit(340), lit(380)
        assert first.any() and not black.any() and third.any()
        assert (lit(420) == third).all()
        assert (lit(460) != third).any()

        def mask() -> np.ndarray:
            return picture(client.request("vget /camera/0/object_mask png"))

        assert colours(mask()) == {PALETTE[0], (0, 0, 0)}
        assert PALETTE[0] not in colours(mask())
        assert mask().shape == (90, 160, 3)
        assert colours(mask()) == {PALETTE[0], (0, 0, 0)}
        client.disconnect()
