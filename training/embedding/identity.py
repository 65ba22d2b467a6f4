"""Which model features are of, as it is remembered beside them; no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from manifests.errors import NotFound
from manifests.model import Stored


class ModelIdentity(Stored):
    """``file``: where the model lay; ``sha256``: of that file; ``kind``: torch or onnx; ``run``: of
    the training; ``statistics``: where normalisation takes its statistics from, in words."""

    file: str
    sha256: str
    kind: str
    network: str
    height: int = Field(ge=1, le=4096)
    width: int = Field(ge=1, le=4096)
    dimension: int = Field(ge=1, le=1 << 16)
    run: str
    statistics: str
    lineage: dict[str, Any]

    def differences(self, other: ModelIdentity) -> list[str]:
        """What is not the same of another model, in words; nothing for the same file, wherever."""
        if self.sha256 == other.sha256:
            return []
        fields = ("kind", "network", "height", "width", "dimension", "run", "statistics", "lineage")
        return [*self._differing(other, fields), f"sha256 {self.sha256[:12]} | {other.sha256[:12]}"]

    def _differing(self, other: ModelIdentity, fields: tuple[str, ...]) -> Iterator[str]:
        for name in fields:
            one, another = getattr(self, name), getattr(other, name)
            if one != another:
                yield f"{name} {one} | {another}"


def sha256_of(path: Path) -> str:
    """Of a file; ``NotFound`` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}") from None
