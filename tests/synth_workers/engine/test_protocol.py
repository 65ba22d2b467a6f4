"""The server's side of the wire, seen with bare sockets and with the official client."""

from __future__ import annotations

import time

import pytest
import unrealcv

from synth_workers.framing import encode_frame
from tests.synth_workers.engine.processes import EngineProcess, running
from tests.synth_workers.engine.wire import closes, connect, receive


def alive(engine: EngineProcess) -> bool:
    """Whether a new client is greeted and answered."""
    with connect(engine) as sock:
        greeting = receive(sock)
        sock.sendall(encode_frame(b"7:vget /unrealcv/echo still-here"))
        return greeting == b"connected to yard" and receive(sock) == b"7:still-here"


def test_the_server_greets_and_answers_under_the_id_it_was_asked(engine: EngineProcess):
    assert alive(engine)


def test_replies_keep_the_order_of_pipelined_requests(client: unrealcv.Client):
    replies = client.request([f"vget /unrealcv/echo n{i}" for i in range(300)])
    assert replies == [f"n{i}" for i in range(300)]


def test_everything_after_a_newline_is_dropped(engine: EngineProcess):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"3:vget /unrealcv/echo one\ntwo"))
        assert receive(sock) == b"3:one"


def test_ids_beyond_32_bits_come_back_unchanged(engine: EngineProcess):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"12345678901234567890:vget /unrealcv/echo x"))
        assert receive(sock) == b"12345678901234567890:x"


def test_text_that_is_not_utf8_is_answered(engine: EngineProcess):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"1:vget /object/\xff\xfe/location"))
        assert receive(sock) == b"1:error Can not find object"


def test_a_request_without_an_id_is_ignored_and_the_next_one_answered(engine: EngineProcess):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"no id here") + encode_frame(b"1:vget /unrealcv/echo x"))
        assert receive(sock) == b"1:x"


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes.fromhex("C1832B9E 00000000"),
        bytes.fromhex("C1832B9E FFFFFFFF") + b"x" * 1000,
    ],
    ids=["other protocol", "empty payload", "4 GB"],
)
def test_garbage_ends_that_connection_and_no_other(engine: EngineProcess, garbage: bytes):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(garbage)
        assert closes(sock)
    assert alive(engine)


def test_a_header_may_arrive_byte_by_byte(engine: EngineProcess):
    with connect(engine) as sock:
        receive(sock)
        for byte in encode_frame(b"4:vget /unrealcv/echo slow"):
            sock.sendall(bytes([byte]))
        assert receive(sock) == b"4:slow"


def test_a_second_client_is_turned_away_while_the_first_is_served(
    engine: EngineProcess, client: unrealcv.Client
):
    with connect(engine) as second:
        assert closes(second)
    assert client.request("vget /unrealcv/echo first") == "first"


def test_a_parked_second_client_is_served_after_the_first(baked):
    with running(["--second-client", "park"], UNREALPERSON_CACHE=str(baked)) as engine:
        first = connect(engine)
        receive(first)
        second = connect(engine)
        second.settimeout(0.3)
        with pytest.raises(TimeoutError):
            second.recv(1)
        first.close()
        second.settimeout(60)
        assert receive(second) == b"connected to yard"
        second.close()


def test_the_same_client_may_come_back_any_time(engine: EngineProcess):
    for _ in range(20):
        client = engine.client()
        assert client.request("vget /unrealcv/status").splitlines()[1] == "Client Connected"
        client.disconnect()


def test_a_client_killed_in_the_middle_of_an_image_leaves_the_server_serving(
    engine: EngineProcess,
):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(b"".join(encode_frame(b"%d:vget /camera/0/lit bmp" % i) for i in range(30)))
        sock.recv(10)
    assert alive(engine)


def test_a_client_that_reads_only_after_sending_500_captures_gets_them_all(
    engine: EngineProcess,
):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(b"".join(encode_frame(b"%d:vget /camera/0/lit bmp" % i) for i in range(500)))
        time.sleep(0.2)
        size = 54 + 320 * 180 * 4
        for i in range(500):
            payload = receive(sock)
            assert payload.startswith(b"%d:BM" % i)
            assert len(payload) == len(b"%d:" % i) + size


def test_sigterm_ends_the_process_cleanly_even_with_a_client(baked):
    with running(UNREALPERSON_CACHE=str(baked)) as engine:
        client = engine.client()
        assert client.request("vget /unrealcv/version") == "0.3.10"
        assert engine.terminate() == 0


def test_a_waiting_engine_ends_whichever_thread_the_signal_came_to(baked):
    with running(UNREALPERSON_CACHE=str(baked), OPENBLAS_NUM_THREADS="2") as engine:
        time.sleep(0.2)  # it waits for a client by now
        assert engine.terminate_by_another_thread() == 0
