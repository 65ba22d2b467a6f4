"""Pictures are known again by their bytes, whatever lists call them.

A fingerprint is the first eight bytes of the SHA-256 of a picture as it is stored, as a signed
number. A model keeps those of the pictures it was trained on. A million of them and another million
of different pictures share one by chance in one of 18 million cases, so one that is shared is no
accident. A picture that was encoded anew has another one and is not known again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

_BYTES = 8


def fingerprint(picture: bytes) -> int:
    """Of an encoded picture."""
    return _number(hashlib.sha256(picture).digest())


def fingerprints_of(digests: Iterable[bytes]) -> np.ndarray:
    """(N,) int64 of pictures whose SHA-256 is known."""
    return np.array([_number(digest) for digest in digests], np.int64)


def united(*fingerprints: np.ndarray) -> np.ndarray:
    """(K,) int64, sorted: every one that is among them, once."""
    return np.unique(np.concatenate([np.empty(0, np.int64), *fingerprints]))


def _number(sha256: bytes) -> int:
    return int.from_bytes(sha256[:_BYTES], "big", signed=True)
