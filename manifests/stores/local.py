"""A folder as an object store: whole objects appear at once or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from manifests.disks import FULL, REFUSING
from manifests.errors import FactoryError, NotFound, StoreUnavailable, StoreUnsuitable
from manifests.layout import check_key, is_key
from manifests.stores.base import Leftover, ObjectInfo, Store

_PARTIAL = ".partial-"
_FORBIDDEN = REFUSING | {errno.ENOENT, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_NOWHERE = {errno.ENOENT, errno.ELOOP, errno.ENOTDIR}
# How Linux and macOS refuse to follow one.
_LINKED = {errno.ELOOP, errno.ENOTDIR}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY


@dataclass(frozen=True)
class LocalStore(Store):
    """Objects are files below ``root``; each is written beside its name, synced, then linked.

    Exclusive creation is a hard link to the finished file, which exactly one of many writers
    can make, so that nobody ever reads an object that is still growing.
    """

    root: Path
    name: str | None = field(default=None, compare=False)

    remote = False

    @property
    def uri(self) -> str:
        return str(self.root)

    @property
    def address(self) -> str:
        return self.name or self.uri

    def get(self, key: str) -> bytes:
        path = self._path(key)
        with self._naming(key):
            return path.read_bytes()

    def get_range(self, key: str, start: int, length: int) -> bytes:
        path = self._path(key)
        with self._naming(key), path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def put(self, key: str, data: bytes) -> None:
        self._write(key, lambda file: file.write(data), os.replace)

    def put_file(self, key: str, path: Path) -> None:
        with path.open("rb") as source:
            self._write(key, lambda file: shutil.copyfileobj(source, file, 1 << 20), os.replace)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        if self.exists(key):
            return False
        try:
            self._write(key, lambda file: file.write(data), os.link)
        except FileExistsError:
            return False
        return True

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        found = [info for info in self._files(prefix) if not _is_partial(info.key)]
        yield from sorted(found, key=lambda info: info.key)

    def leftovers(self, prefix: str) -> Iterator[Leftover]:
        for info in self._files(prefix):
            folder = info.key.rpartition("/")[0]
            if _is_partial(info.key) and not info.linked and is_key(folder):
                yield Leftover(folder, info.key, info.modified)

    def discard(self, leftover: Leftover) -> None:
        folder, _, name = leftover.token.rpartition("/")
        if not name.startswith(_PARTIAL):
            raise ValueError(f"{leftover.token!r} is not a leftover of this store")
        with suppress(FileNotFoundError):
            self._unlink(check_key(folder), name)

    def size(self, key: str) -> int:
        path = self._path(key)
        with self._naming(key):
            return path.stat().st_size

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        folder, _, name = check_key(key).rpartition("/")
        with self._naming(key), suppress(FileNotFoundError):
            self._unlink(folder, name)

    def open_input(self, key: str) -> pa.NativeFile:
        path = self._path(key)
        with self._naming(key):
            return pa.memory_map(str(path)) if path.stat().st_size else pa.BufferReader(b"")

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _files(self, prefix: str) -> Iterator[ObjectInfo]:
        folder, _, name = prefix.rpartition("/")
        start = self.root / check_key(folder) if folder else self.root
        linked = start.resolve() != self.root.resolve() / folder
        return self._walk(start, linked, name=name)

    def _walk(
        self,
        folder: Path,
        linked: bool,
        above: frozenset[tuple[int, int]] = frozenset(),
        name: str = "",
    ) -> Iterator[ObjectInfo]:
        """``linked``: a link leads to ``folder``; ``above``: the folders that it lies in, so that
        links in a circle come to an end; ``name``: what everything directly in it begins with."""
        try:
            status = folder.stat()
            found = (entry for entry in os.scandir(folder) if entry.name.startswith(name))
            entries = sorted(found, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            return
        for entry in entries:
            behind = linked or entry.is_symlink()
            try:
                is_folder, status = entry.is_dir(), entry.stat()
            except OSError as error:
                # Removed while we were looking, or a link that leads nowhere or to itself.
                if error.errno in _NOWHERE:
                    continue
                raise
            if is_folder:
                yield from self._walk(Path(entry.path), behind, above | {here})
            else:
                key = Path(entry.path).relative_to(self.root).as_posix()
                yield ObjectInfo(key, status.st_size, status.st_mtime, behind)

    def _unlink(self, folder: str, name: str) -> None:
        """Remove a file.

        No link is followed, not even one that is put in the way meanwhile: every folder is
        opened from the one above it.
        """
        here = os.open(self.root, _FOLDER)
        try:
            for segment in folder.split("/") if folder else ():
                below = os.open(segment, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
                os.close(here)
                here = below
            if stat.S_ISLNK(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            os.unlink(name, dir_fd=here)
        except OSError as error:
            if error.errno not in _LINKED:
                raise
            raise StoreUnsuitable(
                f"{self.root / folder / name}: lies behind a link, and nothing is deleted through "
                "links; remove it where it really is, if nobody needs it there"
            ) from error
        finally:
            os.close(here)

    def _write(
        self, key: str, fill: Callable[[BinaryIO], object], publish: Callable[[Path, Path], object]
    ) -> None:
        path = self._path(key)
        partial = path.with_name(f"{_PARTIAL}{secrets.token_hex(8)}")
        with self._naming(key, writing=True):
            self._make_folder(path.parent)
            try:
                with partial.open("xb") as file:
                    fill(file)
                    file.flush()
                    os.fsync(file.fileno())
                publish(partial, path)
            finally:
                partial.unlink(missing_ok=True)
            _sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir()
        _sync_folder(folder.parent)

    @contextmanager
    def _naming(self, key: str, *, writing: bool = False) -> Generator[None]:
        """Turns errors of the operating system into ours, with the object's name and the way
        out."""
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            raise self._named(key, error, writing) from error

    def _named(self, key: str, error: OSError, writing: bool) -> FactoryError:
        name = self.root / key
        if isinstance(error, FileNotFoundError) and not writing:
            return NotFound(f"{name}: no such object")
        if error.errno in FULL:
            return StoreUnsuitable(
                f"{name}: no space left in the store at {self.root}; free some and run the same "
                "command again, finished work is kept"
            )
        if error.errno in _FORBIDDEN:
            return StoreUnsuitable(
                f"{name}: cannot be written or read ({error.strerror}); choose a folder on this "
                "machine that you may write to and that supports hard links"
            )
        return StoreUnavailable(f"{name}: {error.strerror or error}")


def _is_partial(key: str) -> bool:
    return key.rpartition("/")[2].startswith(_PARTIAL)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
