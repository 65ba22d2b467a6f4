"""Whatever arrives, the server answers or closes as documented and serves the next client."""

from __future__ import annotations

import socket
import struct

import psutil
import unrealcv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_workers.framing import MAGIC, FrameParser, FramingError, encode_frame
from tests.synth_workers.engine.processes import EngineProcess
from tests.synth_workers.engine.wire import connect, receive

FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

words = st.sampled_from(
    [
        "vget", "vset", "vrun", "vexec", "vbp", "/camera/0", "/camera/99999999999", "/object/",
        "/object/Anna", "/objects", "/cameras", "lit", "people", "size", "spawn", "BP_Person_C",
        "location", "color", "set_app", "set_anim", "set_look", "walk", "ce", "Light", "AddActor",
        "-1", "1e5", "nan", "inf", "0", "65536", "4294967296", "png", "jpg", "npy", "../x.png",
        "{}", "%s", "'", '"', "\\", "\x00", "ü", "\ufffd",
    ]
)  # fmt: skip
commands = st.one_of(
    st.lists(words, max_size=8).map(" ".join),
    st.lists(words, max_size=4).map("".join),
    st.text(max_size=60),
)
headers = st.builds(
    struct.pack,
    st.just("<II"),
    st.sampled_from([MAGIC, 0, 0xFFFFFFFF, 0x2B9E83C1]),
    st.sampled_from([0, 1, 5, 2**20, 2**20 + 1, 2**31, 2**32 - 1]),
)


def alive(engine: EngineProcess) -> bool:
    with connect(engine) as sock:
        if receive(sock) != b"connected to yard":
            return False
        sock.sendall(encode_frame(b"1:vget /unrealcv/echo here"))
        return receive(sock) == b"1:here"


@given(chunks=st.lists(st.one_of(headers, st.binary(max_size=40)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_parser_never_holds_more_than_one_frame(chunks: list[bytes]):
    parser = FrameParser(max_payload=100)
    for chunk in chunks:
        try:
            for payload in parser.feed(chunk):
                assert 0 < len(payload) <= 100
        except FramingError:
            return
        assert parser.buffered < 108


@given(command=commands)
@FUZZ
def test_any_command_gets_exactly_one_reply(engine: EngineProcess, command: str):
    with connect(engine) as sock:
        receive(sock)
        text = command.encode("utf-8", "surrogatepass")
        sock.sendall(encode_frame(b"5:" + text) + encode_frame(b"6:vget /unrealcv/echo after"))
        assert receive(sock).startswith(b"5:")
        assert receive(sock) == b"6:after"
        sock.sendall(encode_frame(b"7:vrun ce DelActor"))
        assert receive(sock) == b"7:ok"


@given(garbage=st.lists(st.one_of(headers, st.binary(min_size=1, max_size=60)), min_size=1))
@FUZZ
def test_any_bytes_leave_the_server_serving(engine: EngineProcess, garbage: list[bytes]):
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(b"".join(garbage))
    assert alive(engine)


def test_a_client_that_never_reads_costs_no_memory(engine: EngineProcess):
    process = psutil.Process(engine.process.pid)
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"0:vset /camera/0/size 2560 1440"))
        assert receive(sock) == b"0:ok"
        request = encode_frame(b"1:vget /camera/0/lit bmp")
        before = process.memory_info().rss
        sock.sendall(request * 400)  # 6 GB of replies
        sock.settimeout(30.0)
        sock.recv(100)
        sock.sendall(request * 10)
        grown = process.memory_info().rss - before
        assert grown < 250e6
    assert alive(engine)
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"0:vset /camera/0/size 320 180"))
        assert receive(sock) == b"0:ok"


def test_sizes_beyond_the_limits_are_refused(client: unrealcv.Client):
    for size in ("0 0", "99999 10", "8192 8192", "4294967296 1", " ", "-1 5"):
        assert client.request(f"vset /camera/0/size {size}").startswith("error")
    assert client.request("vget /camera/0/size") == "320 180"


def test_places_far_outside_are_drawn_without_harm(client: unrealcv.Client):
    name = client.request("vset /objects/spawn BP_Person_C")
    for place in ("1" + "0" * 300, "-" + "9" * 40, "0.000000001"):
        assert client.request(f"vset /object/{name}/location {place} 0 0") == "ok"
        assert not client.request("vget /camera/0/people").startswith("error")
        assert not isinstance(client.request("vget /camera/0/lit png"), str)
    assert client.request(f"vset /object/{name}/scale 0 0 0") == "ok"
    assert not client.request("vget /camera/0/people").startswith("error")


def test_half_a_frame_and_gone(engine: EngineProcess):
    for cut in (1, 4, 7, 8, 12):
        with connect(engine) as sock:
            receive(sock)
            sock.sendall(encode_frame(b"0:vget /objects")[:cut])
            sock.shutdown(socket.SHUT_WR)
    assert alive(engine)
