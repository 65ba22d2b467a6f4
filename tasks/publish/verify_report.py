"""What a verification has read, and what it found wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from manifests.checksums import check_stored
from manifests.claims import Claim
from manifests.errors import CorruptData, FactoryError
from manifests.identity import sha256_hex
from manifests.layout import repairing
from manifests.snapshots import PartInfo, Snapshot
from manifests.stores import Store

_MAX_NAMED = 20
_DAMAGED = "damaged: its SHA-256 is not the one it was stored with"


class Problem(NamedTuple):
    """One disagreement: the file (or data set) it is in, and what it is."""

    where: str
    what: str


@dataclass
class VerifyReport:
    """What was checked and every problem that was found.

    ``notes``: what nobody can check any more, or need not; no problems. ``seen``: keys of all that
    was read from its first byte to its last, also for reports of other snapshots.
    """

    snapshot: Snapshot
    files: int = 0
    bytes: int = 0
    images: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[str] = field(default_factory=list[str])
    seen: set[str] = field(default_factory=set[str], repr=False)

    @property
    def ok(self) -> bool:
        return not self.problems

    def raise_if_broken(self) -> None:
        """Raise ``CorruptData`` that names the files, unless everything agrees."""
        if self.problems:
            raise CorruptData(f"{self._listed()}\n{repairing(self.snapshot.dataset)}")

    def complain(self, where: str, *what: str) -> None:
        """Add problems of one file."""
        self.problems += [Problem(where, words) for words in what]

    def read(self, store: Store, key: str, sha256: str | None = None) -> bytes | None:
        """The bytes of a file; ``None``, and a problem more, if it is gone or damaged."""
        try:
            data = store.get(key)
        except FactoryError as error:
            self.complain(key, f"cannot be read: {error}")
            return None
        self._count(key, len(data))
        if sha256 is not None and sha256_hex(data) != sha256:
            self.complain(key, _DAMAGED)
            return None
        return data

    def check(self, store: Store, file: Claim | PartInfo) -> bool:
        """Whether a file is whole, read in bounded memory unless it was before; else a problem."""
        if file.key in self.seen:
            return True
        try:
            check_stored(store, file)
        except CorruptData:
            self.complain(file.key, _DAMAGED)
            return False
        except FactoryError as error:
            self.complain(file.key, f"cannot be read: {error}")
            return False
        self._count(file.key, file.bytes)
        return True

    def _count(self, key: str, size: int) -> None:
        self.seen.add(key)
        self.files += 1
        self.bytes += size

    def __str__(self) -> str:
        s = self.snapshot
        head = (
            f"{s.dataset}, snapshot {s.number}: read {self.files} files, {self.bytes:,} bytes, "
            f"{self.images:,} images of {s.people:,} people; content digest {s.content_digest}"
        )
        notes = [f"note: {note}" for note in self.notes]
        return "\n".join([head, *notes, self._listed() if self.problems else "Everything agrees."])

    def _listed(self) -> str:
        lines = [f"{where}: {what}" for where, what in self.problems[:_MAX_NAMED]]
        if len(self.problems) > _MAX_NAMED:
            lines.append(f"and {len(self.problems) - _MAX_NAMED} more problems")
        return "\n".join(lines)
