"""What is said of Parquet files that are damaged, whatever Arrow says of them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pyarrow as pa

from manifests.errors import CorruptData


@contextmanager
def reading_parquet(name: str, remedy: str = "restore it or make it again") -> Generator[None]:
    """Turn what reading the file called ``name`` may raise when it is damaged into ``CorruptData``.

    Arrow raises errors of its own, and bare ``OSError``, ``KeyError`` and ``ValueError`` for
    footers that contradict themselves.
    """
    try:
        yield
    except (
        pa.ArrowException,
        OSError,
        LookupError,
        ValueError,
        TypeError,
        OverflowError,
        MemoryError,
    ) as error:
        said = " ".join(str(error).split())
        raise CorruptData(f"{name}: not a readable Parquet file ({said}); {remedy}") from error
