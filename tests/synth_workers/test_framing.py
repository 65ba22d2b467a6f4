from __future__ import annotations

import pytest

from synth_workers.framing import FrameParser, FramingError, encode_frame


def test_a_frame_starts_with_the_magic_and_the_length_of_its_payload():
    assert encode_frame(b"abc") == bytes.fromhex("C1832B9E 03000000") + b"abc"


def test_payloads_come_out_however_the_stream_is_cut():
    payloads = [b"0:vget /objects", b"1:x", b"2:" + b"y" * 70]
    stream = b"".join(map(encode_frame, payloads))
    for size in (1, 3, 8, 11, len(stream)):
        parser = FrameParser(max_payload=100)
        got = [p for i in range(0, len(stream), size) for p in parser.feed(stream[i : i + size])]
        assert got == payloads
        assert parser.buffered == 0


@pytest.mark.parametrize(
    "header",
    [
        b"GET / HTTP/1.1\r\n",
        bytes.fromhex("C1832B9E 00000000"),
        bytes.fromhex("C1832B9E FFFFFFFF"),
        bytes.fromhex("C1832B9E 65000000"),
    ],
)
def test_impossible_headers_are_refused_before_anything_is_stored(header: bytes):
    with pytest.raises(FramingError):
        FrameParser(max_payload=100).feed(header)
