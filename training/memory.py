"""Running out of memory, said in words: what did not fit, and what to change."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from manifests.errors import TrainingFailed

# How torch words it, on the host and on a device. Its classes would drag torch in here.
_SIGNS = ("can't allocate memory", "out of memory")


@contextmanager
def enough_memory(work: str, remedy: str) -> Generator[None]:
    """Turn a failed allocation, on the device or of the host, into a ``TrainingFailed``.

    ``work`` says what did not fit; ``remedy`` what to do about it.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        full = isinstance(error, MemoryError) or any(sign in str(error) for sign in _SIGNS)
        if not full:
            raise
        raise TrainingFailed(f"out of memory with {work}; {remedy}") from error
