"""Keeps a host from wearing itself out on a scene, or any scene, whose engines keep dying.

Failures in a row are counted in files of this user's cache; after ``limit`` of them the subject
is left alone for a while, so that an orchestrator's retries go to other hosts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.errors import EngineLost
from manifests.identity import digest
from manifests.shards import ShardSpec
from manifests.whole_files import write_whole
from synth_workers.processes.host import host_folder

HOST = "this host"
"""The subject that counts failures of all scenes."""


def subjects_of(shard: ShardSpec) -> tuple[str, str]:
    """What a failure of ``shard`` counts against: its scene as this engine draws it, the host."""
    return f"scene {shard.scene} {shard.scene_version} {shard.engine_version}", HOST


@dataclass(frozen=True)
class Quarantine:
    """Counts of failures in a row, by subject (a scene and engine version, or the host).

    ``limits``: failures in a row until a subject is left alone, for ``seconds``.
    """

    folder: Path
    scene_limit: int = 3
    host_limit: int = 8
    seconds: float = 600.0
    clock: Callable[[], float] = time.time

    @classmethod
    def of_this_host(cls) -> Quarantine:
        """The one all workers of this user on this host share."""
        return cls(host_folder("quarantine"))

    def expect_free(self, *subjects: str) -> None:
        """Raise ``EngineLost`` if one of ``subjects`` is to be left alone for now."""
        if (complaint := self.complaint(*subjects)) is not None:
            raise EngineLost(complaint)

    def complaint(self, *subjects: str) -> str | None:
        """Why one of ``subjects`` is to be left alone for now; ``None`` if all are free."""
        for subject in subjects:
            record = self._read(subject)
            limit = self.host_limit if subject == HOST else self.scene_limit
            left = float(record.get("last", 0.0)) + self.seconds - self.clock()
            if int(record.get("failures", 0)) >= limit and left > 0:
                return (
                    f"{subject} is left alone for {left:.0f} s more after {record['failures']} "
                    f"failures in a row here, the last: {record['reason']}; to try sooner, "
                    f"delete {self._path(subject)}"
                )
        return None

    def failed(self, reason: str, *subjects: str) -> None:
        """Count one more failure of each of ``subjects``."""
        for subject in subjects:
            count = int(self._read(subject).get("failures", 0)) + 1
            record = {
                "subject": subject,
                "failures": count,
                "last": self.clock(),
                "reason": reason.splitlines()[0][:300] if reason else "",
            }
            write_whole(self._path(subject), json.dumps(record))

    def succeeded(self, *subjects: str) -> None:
        """Forget the failures of ``subjects``."""
        for subject in subjects:
            self._path(subject).unlink(missing_ok=True)

    def _path(self, subject: str) -> Path:
        return self.folder / f"{digest(subject)}.json"

    def _read(self, subject: str) -> dict[str, Any]:
        try:
            record = json.loads(self._path(subject).read_text())
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}
