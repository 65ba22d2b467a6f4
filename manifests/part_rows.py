"""Which rows of a snapshot a part has: those of one role, so that libraries see splits.

Rows have one canonical order, that of the manifest and the content digest, whatever file each is
in: the digest does not depend on how data are divided into files. A part has consecutive rows of
its role; parts of schema versions 1 and 2 have consecutive rows of all roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manifests.schema import ROLES
from manifests.snapshots import PartInfo


@dataclass(frozen=True)
class PartRows:
    """A part, and the places of its rows in canonical order: int64, rising."""

    part: PartInfo
    rows: np.ndarray


def part_rows(parts: Sequence[PartInfo], roles: np.ndarray) -> list[PartRows]:
    """The rows of each of ``parts``, in their order. ``roles``: (n,) codes into ``ROLES`` of all
    rows in canonical order."""
    taken: dict[str, int] = {}
    found: list[PartRows] = []
    places = {"": np.arange(len(roles))}
    places |= {name: np.flatnonzero(roles == code) for code, name in enumerate(ROLES)}
    for part in parts:
        start = taken.get(part.role, 0)
        taken[part.role] = start + part.rows
        found.append(PartRows(part, places[part.role][start : start + part.rows]))
    return found


def role_codes(names: Sequence[str]) -> np.ndarray:
    """(n,) int8: names of roles as codes into ``ROLES``."""
    codes = {name: code for code, name in enumerate(ROLES)}
    return np.fromiter((codes[name] for name in names), dtype=np.int8, count=len(names))
