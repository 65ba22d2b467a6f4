"""What a repair found and did, for people and for the store."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime

from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.sealed import Sealed
from manifests.snapshots import Snapshot


class RepairRecord(Sealed):
    """What one repair did, as it is kept: key -> words."""

    mended: dict[str, str]
    not_mended: dict[str, str]
    host: str
    created: str


@dataclass
class RepairReport:
    """``mended``: key -> what was wrong and what became of it; ``not_mended``: key -> why not;
    ``snapshots``: those that stand in the end, oldest first."""

    dataset: Dataset
    mended: dict[str, str] = field(default_factory=dict[str, str])
    not_mended: dict[str, str] = field(default_factory=dict[str, str])
    snapshots: list[Snapshot] = field(default_factory=list[Snapshot])

    def keep(self) -> None:
        """Leave a record in the data set, if there is anything to be said."""
        if not self.mended and not self.not_mended:
            return
        record = RepairRecord(
            mended=self.mended,
            not_mended=self.not_mended,
            host=socket.gethostname(),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        key = self.dataset.repair_key(f"repair-{secrets.token_hex(6)}")
        self.dataset.store.put(key, record.seal()[1])

    def raise_if_broken(self) -> None:
        """Raise ``CorruptData`` that names what could not be put right, if anything could not."""
        if self.not_mended:
            raise CorruptData(
                f"{self.dataset.name}: {len(self.not_mended)} things could not be put right:\n"
                + "\n".join(f"{key}: {why}" for key, why in self.not_mended.items())
            )

    def __str__(self) -> str:
        lines = [f"{key}: {what}" for key, what in self.mended.items()]
        if not lines and not self.not_mended:
            lines = ["Nothing to repair: everything that is named is there, byte for byte."]
        lines += [
            f"{found.dataset}, snapshot {found.number}: {found.crops} crops, content digest "
            f"{found.content_digest}"
            for found in self.snapshots
        ]
        return "\n".join(lines)
