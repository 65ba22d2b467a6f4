"""Which rows of a snapshot a part has: those of one role, so that libraries see splits.

Rows have one canonical order, that of the manifest and the content digest, whatever file each is
in: the digest does not depend on how data are divided into files. A part has consecutive rows of
its role; parts of schema versions 1 and 2 have consecutive rows of all roles.
"""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.errors import CorruptData
from manifests.layout import repairing
from manifests.schema import ROLES
from manifests.snapshots import PartInfo


@dataclass(frozen=True)
class PartRows:
    """A part, and the places of its rows in canonical order: int64, rising."""

    part: PartInfo
    rows: np.ndarray


def part_rows(parts: Sequence[PartInfo], roles: np.ndarray) -> list[PartRows]:
    """The rows of each of ``parts``, in their order. ``roles``: (n,) codes into ``ROLES`` of all
    rows in canonical order. ``CorruptData`` if there are fewer than the parts should have."""
    taken: dict[str, int] = {}
    found: list[PartRows] = []
    places = {"": np.arange(len(roles))}
    places |= {name: np.flatnonzero(roles == code) for code, name in enumerate(ROLES)}
    for part in parts:
        start = taken.get(part.role, 0)
        taken[part.role] = start + part.rows
        rows = places[part.role][start : start + part.rows]
        if len(rows) < part.rows:
            raise CorruptData(
                f"{part.key}: should have {part.rows} rows, but the manifest has only {len(rows)} "
                f"for it; {repairing(part.key)}"
            )
        found.append(PartRows(part, rows))
    return found


def role_codes(names: pa.ChunkedArray) -> np.ndarray:
    """(n,) int8: names of roles as codes into ``ROLES``; -1 for what is none."""
    found = pc.index_in(names, value_set=pa.array(ROLES, pa.string()))
    return pc.fill_null(found, -1).to_numpy().astype(np.int8)
