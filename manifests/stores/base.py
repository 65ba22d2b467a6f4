"""What every object store offers, and what is built on that alone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import FactoryError, NotFound, StoreUnsuitable
from manifests.parquet import reading_parquet

CONDITION_MISSING = (
    "so two builders could overwrite each other's commits; use a store that honours them, such as "
    "a local folder, AWS S3 or Ceph radosgw"
)

_PASSING = re.compile("(?:probe|clock)-[0-9a-f]{16}")


def passing_key(why: Literal["probe", "clock"]) -> str:
    """A new key for what is stored for a moment, to learn something of the store; in no data set's
    own folder, which may be a link, so that nothing can be deleted there."""
    return f"{why}-{secrets.token_hex(8)}"


@dataclass(frozen=True)
class ObjectInfo:
    """One stored object: key relative to the store, bytes, last change (seconds since 1970).

    ``linked``: it was reached through a link of the file system, and so may lie outside the
    store. It can be read; ``delete`` refuses it.
    """

    key: str
    size: int
    modified: float
    linked: bool = False


@dataclass(frozen=True)
class Leftover:
    """What an interrupted write left behind; never visible as an object.

    ``token`` tells the store which one it is, ``modified`` when it was begun.
    """

    key: str
    token: str
    modified: float


class Store(Protocol):
    """A flat space of immutable-by-convention objects; safe to share between threads.

    Keys are plain relative names (``manifests.layout.check_key``). Methods raise ``NotFound``
    for a key that does not exist, ``StoreUnavailable`` when the store does not answer in
    time, ``StoreUnsuitable`` when it refuses for good (rights, space, missing bucket).
    """

    remote: ClassVar[bool]
    """Whether reading crosses a network, so that copies are worth keeping."""

    @property
    def uri(self) -> str:
        """Where it is, for people."""
        ...

    @property
    def address(self) -> str:
        """``open_store(address)`` gives an equal store, also in another process or on another
        host: its name where a farm gives stores names, else its URI."""
        ...

    def get(self, key: str) -> bytes:
        """All bytes of an object."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """``length`` bytes from ``start``; fewer only where the object ends."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Store or replace an object; readers see the old or the new bytes, never a mixture."""
        ...

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store an object unless the key is taken; whether it is ours. One of many callers wins."""
        ...

    def put_file(self, key: str, path: Path) -> None:
        """``put`` of a file's content, in bounded memory."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """All objects whose key starts with ``prefix``, sorted by key."""
        ...

    def leftovers(self, prefix: str) -> Iterator[Leftover]:
        """Remains of interrupted writes of objects whose key starts with ``prefix``."""
        ...

    def discard(self, leftover: Leftover) -> None:
        """Remove what an interrupted write left behind; nothing happens if it is gone."""
        ...

    def size(self, key: str) -> int:
        """Bytes of an object."""
        ...

    def exists(self, key: str) -> bool:
        """Whether an object is stored under ``key``."""
        ...

    def passing(self) -> Iterator[ObjectInfo]:
        """What is stored for a moment just now, or was when its process was killed."""
        for why in ("probe", "clock"):
            for info in self.list(f"{why}-"):
                if _PASSING.fullmatch(info.key) and not info.linked:
                    yield info

    def delete(self, key: str) -> None:
        """Remove an object; one that does not exist is no error, one behind a link is refused."""
        ...

    def open_input(self, key: str) -> pa.NativeFile:
        """An object as a seekable file of which only what is asked for is read."""
        ...

    def open_parquet(self, key: str) -> pq.ParquetFile:
        """A stored Parquet file; ``CorruptData`` if it is not one."""
        file = self.open_input(key)
        with reading_parquet(f"{self.uri}/{key}"):
            # Over a network its many small reads are merged.
            return pq.ParquetFile(file, pre_buffer=self.remote)

    def probe(self) -> None:
        """Prove that the store is writable and honours conditional writes.

        Raises ``StoreUnsuitable`` otherwise. Some servers accept the condition and ignore it;
        commits to them would silently overwrite each other.
        """
        key = passing_key("probe")
        try:
            first = self.put_if_absent(key, b"first")
            second = self.put_if_absent(key, b"second")
            try:
                kept = self.get(key)
            except NotFound:
                kept = None
        except FactoryError:
            with suppress(FactoryError):  # what was refused first is what is to be said
                self.delete(key)
            raise
        self.delete(key)
        if not first or second or kept != b"first":
            raise StoreUnsuitable(
                f"{self.uri}: this store ignores conditional writes (If-None-Match), "
                f"{CONDITION_MISSING}"
            )
