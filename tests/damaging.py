"""Damage to files, by seed: bytes and lines changed, doubled, lost, and words put in that readers
do not expect."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

ODD_WORDS = (
    b"", b"-1", b"0", b"1e308", b"nan", b"9" * 30, b"9" * 5000, b"../x", b"/", b"\\", b'"', b"'",
    b"{", b"[", b"]", b":", b"- ", b"&a", b"*a", b"!!set", b"null", b"true", b"\r", b"\t", b";",
    b"\0", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"\xe2\x80\xae",
)  # fmt: skip


def damaged(
    whole: bytes, seed: str, tries: int, words: Sequence[bytes] = ODD_WORDS
) -> Iterator[bytes]:
    """``tries`` copies of a file, each with one to four faults; ``seed`` decides which."""
    rng = random.Random(seed)
    for _ in range(tries):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            _damage(data, rng, words)
        yield bytes(data)


def _damage(data: bytearray, rng: random.Random, words: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.randint(1, 12))
    match rng.randrange(6):
        case 0:
            data[at:end] = bytes(rng.randrange(256) for _ in range(end - at))
        case 1:
            del data[at:end]
        case 2:
            data[at:at] = rng.choice(words)
        case 3:
            data[at:end] = rng.choice(words)
        case 4:
            lines = data.split(b"\n")
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            data[:] = b"\n".join(lines)
        case _:
            del data[rng.randrange(len(data) + 1) :]
