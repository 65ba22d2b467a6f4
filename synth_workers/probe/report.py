"""What a probe finds: one line per question, and what follows from all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from manifests.errors import BadScene, EngineLost


class Mark(StrEnum):
    """``optional``: missing, and not needed. ``missing``: needed by the contract.
    ``skipped``: could not be asked any more, or needs something that is missing."""

    ok = "ok"
    optional = "optional"
    missing = "missing"
    skipped = "skipped"


@dataclass(frozen=True)
class Finding:
    """One line. ``remedy``: how to get what is not there."""

    area: str
    what: str
    mark: Mark
    found: str = ""
    remedy: str = ""


@dataclass
class ProbeReport:
    """Everything found. ``answered``: whether an UnrealCV server greeted us at all.

    ``speed``: milliseconds by what was measured. ``picture``: a PNG, lit beside mask, or none.
    """

    endpoint: str
    contract: str
    answered: bool = False
    dialect: str = ""
    version: str = ""
    findings: list[Finding] = field(default_factory=list)
    speed: dict[str, float] = field(default_factory=dict)
    picture: bytes | None = None

    @property
    def usable(self) -> bool:
        """Whether the factory can drive this engine by the contract."""
        return self.answered and all(
            finding.mark not in (Mark.missing, Mark.skipped) for finding in self.findings
        )

    @property
    def exit_code(self) -> int:
        """0 usable, 11 it answers but lacks something, 20 no UnrealCV server answers."""
        if not self.answered:
            return EngineLost.exit_code
        return 0 if self.usable else BadScene.exit_code

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "endpoint": self.endpoint,
            "contract": self.contract,
            "usable": self.usable,
            "answered": self.answered,
            "dialect": self.dialect,
            "version": self.version,
            "findings": [asdict(finding) for finding in self.findings],
            "speed_ms": self.speed,
        }
