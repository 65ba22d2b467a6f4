"""Proves that a stored file is the one that a claim or a snapshot names."""

from __future__ import annotations

import hashlib

from manifests.claims import Claim
from manifests.errors import CorruptData, NotFound
from manifests.layout import repairing
from manifests.snapshots import PartInfo
from manifests.stores import Store

_CHUNK = 16 << 20


def is_whole(store: Store, file: Claim | PartInfo) -> bool:
    """Whether ``file`` is there with its size and SHA-256; other faults of the store are raised."""
    try:
        check_stored(store, file)
    except (CorruptData, NotFound):
        return False
    return True


def check_stored(store: Store, file: Claim | PartInfo) -> None:
    """Read all of ``file`` in bounded memory; ``CorruptData`` unless size and SHA-256 agree."""
    digest, position = hashlib.sha256(), 0
    size = store.size(file.key)
    while size == file.bytes and position < size:
        chunk = store.get_range(file.key, position, _CHUNK)
        if not chunk:
            break
        digest.update(chunk)
        position += len(chunk)
    if position != file.bytes or digest.hexdigest() != file.sha256:
        raise CorruptData(
            f"{store.uri}/{file.key}: damaged (its SHA-256 is not the one it was stored with); "
            f"{repairing(file.key)}"
        )
