"""Documents that are written once, claims and snapshots, and what takes the place of damaged ones.

What replaces which bytes is decided by one conditional write, so that of any number of repairs one
decides, and the others put the very same bytes in place. Nothing is deleted for it: at no moment
does a shard look as if nobody had claimed it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import Field, ValidationError

from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.identity import digest
from manifests.sealed import Sealed


class Replacement(Sealed):
    """One document that was replaced. ``was``: its bytes in base64, empty if it was gone;
    ``now``: what took its place; ``why``: what was wrong, in words."""

    key: str
    was: str
    now: str
    why: str
    created: str = Field(default="", description="ISO 8601, UTC.")

    @property
    def old(self) -> bytes:
        """The bytes that were replaced."""
        return base64.b64decode(self.was)


def replace_document(dataset: Dataset, key: str, was: bytes | None, now: bytes, why: str) -> bytes:
    """Put ``now`` in the place of exactly the bytes ``was`` (``None``: of nothing).

    What lies there then: another repair's document if that one had decided before.
    """
    old = base64.b64encode(was or b"").decode()
    name = dataset.replaced_key(digest([key, old]))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    ours = Replacement(key=key, was=old, now=now.decode(), why=why, created=created)
    if not dataset.store.put_if_absent(name, ours.seal()[1]):
        ours = replacement_in(dataset.store.get(name), dataset, name)
    if was is None:
        dataset.store.put_if_absent(key, ours.now.encode())
    elif dataset.store.get(key) == was:
        dataset.store.put(key, ours.now.encode())
    return dataset.store.get(key)


def replacements(dataset: Dataset) -> Iterator[Replacement]:
    """Every replacement that was decided in a data set."""
    for info in dataset.store.list(dataset.replaced_prefix):
        yield replacement_in(dataset.store.get(info.key), dataset, info.key)


def replacement_in(data: bytes, dataset: Dataset, key: str) -> Replacement:
    """The replacement that is stored as ``data`` under ``key``; ``CorruptData`` if it is none."""
    try:
        return Replacement.unseal(data)
    except (ValidationError, CorruptData) as error:
        raise CorruptData(
            f"{dataset.where(key)}: not a valid record of a repair ({type(error).__name__}); "
            f"delete it and run `unrealperson repair {dataset.name}` again"
        ) from None
