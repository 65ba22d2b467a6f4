"""UnrealCV's wire frames: magic, length, payload; the same in both directions.

Bytes only. What a payload means belongs to the engine that answers and the worker that asks.
"""

from __future__ import annotations

import struct

MAGIC = 0x9E2B83C1
_HEADER = struct.Struct("<II")
HEADER_BYTES = _HEADER.size


class FramingError(Exception):
    """Bytes that are not a frame; the connection they came from cannot be used further."""


def encode_frame(payload: bytes) -> bytes:
    """Header and payload as one buffer.

    Old clients read the header with single ``recv`` calls, so a frame has to leave in one piece.
    """
    return _HEADER.pack(MAGIC, len(payload)) + payload


class FrameParser:
    """Splits a byte stream into payloads; keeps at most one unfinished frame."""

    def __init__(self, max_payload: int) -> None:
        self._buffer = bytearray()
        self._max_payload = max_payload

    @property
    def buffered(self) -> int:
        """Bytes held of a frame that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Payloads completed by ``data``; ``FramingError`` at the first impossible header."""
        buffer = self._buffer
        buffer += data
        payloads: list[bytes] = []
        start, end = 0, len(buffer)
        while end - start >= HEADER_BYTES:
            magic, length = _HEADER.unpack_from(buffer, start)
            if magic != MAGIC:
                raise FramingError(f"a frame starts with {magic:#010x}, not with {MAGIC:#010x}")
            if length == 0:
                raise FramingError("a frame has an empty payload")
            if length > self._max_payload:
                raise FramingError(
                    f"a frame announces {length} bytes, more than the {self._max_payload} allowed"
                )
            stop = start + HEADER_BYTES + length
            if stop > end:
                break
            payloads.append(bytes(buffer[start + HEADER_BYTES : stop]))
            start = stop
        if start:
            del buffer[:start]
        return payloads
