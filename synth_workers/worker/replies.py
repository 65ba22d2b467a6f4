"""Values as an UnrealCV plugin reads and writes them, and replies that must be of some kind."""

from __future__ import annotations

import math

from manifests.errors import ProtocolError

Reply = str | bytes
"""What a plugin answers: text, or the bytes of an image."""


def number(value: float) -> str:
    """``value`` as the plugin's parser accepts it: never scientific, always with decimals."""
    if not math.isfinite(value):
        raise ValueError(f"cannot send {value!r} to an engine")
    return f"{value:.4f}"


def numbers(*values: float) -> str:
    """Several values, separated by single blanks."""
    return " ".join(number(value) for value in values)


def is_error(reply: Reply) -> bool:
    """Whether ``reply`` is the plugin's way to say that a command failed."""
    return isinstance(reply, str) and reply.startswith("error")


def expect_ok(command: str, reply: Reply) -> None:
    """Raise ``ProtocolError`` unless ``reply`` is exactly ``ok``."""
    if reply != "ok":
        raise ProtocolError(f"{command[:120]!r} must answer 'ok', got {reply[:200]!r}")


def expect_binary(command: str, reply: Reply) -> bytes:
    """``reply`` as bytes (an image); text of any kind is a ``ProtocolError``."""
    if isinstance(reply, str):
        raise ProtocolError(f"{command[:120]!r} must answer an image, got {reply[:200]!r}")
    return reply


def expect_text(command: str, reply: Reply) -> str:
    if not isinstance(reply, str):
        raise ProtocolError(f"{command[:120]!r} must answer text, got {len(reply)} bytes")
    if is_error(reply):
        raise ProtocolError(f"{command[:120]!r} failed: {reply[:200]}")
    return reply


def three_numbers(reply: Reply) -> tuple[float, float, float] | None:
    """A place or a rotation, if ``reply`` is one: three finite numbers."""
    try:
        x, y, z = map(float, str(reply).split())
    except ValueError:
        return None
    return (x, y, z) if math.isfinite(x + y + z) else None


def expect_three_numbers(command: str, reply: Reply) -> tuple[float, float, float]:
    """``reply`` as three finite numbers; anything else is a ``ProtocolError``."""
    found = three_numbers(reply)
    if found is None:
        raise ProtocolError(f"{command[:120]!r} must answer three numbers, got {reply!r:.120}")
    return found
