"""Whether what a snapshot names and is made from is there, found out without reading any data."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pydantic import ValidationError

from manifests.claims import claim_in, read_claim
from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError
from manifests.layout import ClaimKind, repairing
from manifests.snapshots import Snapshot
from tasks.publish.origins import read_origins
from tasks.publish.wording import some

_NAMED = 5
_READERS = 8


def require_present(dataset: Dataset, snapshot: Snapshot) -> None:
    """Raise ``CorruptData`` that names what is gone or has another size than it was stored with.

    Looks at published files, claims, and the crops and kept frames that they claim. A flipped bit
    is seen by who reads the files alone (``verify``).
    """
    wrong = missing_of(dataset, snapshot)
    if wrong:
        raise CorruptData(
            f"{dataset.store.uri}: snapshot {snapshot.number} of {dataset.name!r} is published, "
            f"but gone or of another size are {some(wrong, _NAMED)}; {repairing(wrong[0])}"
        )


def missing_of(dataset: Dataset, snapshot: Snapshot) -> list[str]:
    """Keys of what ``snapshot`` names or is made from that is gone or has another size."""
    stored = _sizes(dataset, f"{dataset.name}/published/{snapshot.publish_id}/")
    wrong = [file.key for file in snapshot.named_files() if stored.get(file.key) != file.bytes]
    if wrong:
        return wrong
    try:
        chain = read_origins(dataset, snapshot)
    except (FactoryError, ValidationError):  # of version 0.1, or damaged, as `verify` says
        return []
    claims, crops = (_sizes(dataset, f"{dataset.name}/{room}/") for room in ("claims", "crops"))
    for id, document in chain.documents.items():
        key = dataset.claim_key("crops", id)
        claim = claim_in(document.encode(), dataset, key)
        if key not in claims:
            wrong.append(key)
        elif crops.get(claim.key) != claim.bytes:
            wrong += _wrong_now(dataset, "crops", crops, id)
    frames = _sizes(dataset, f"{dataset.name}/frames/") if chain.frames else {}
    with ThreadPoolExecutor(_READERS) as pool:
        for found in pool.map(partial(_wrong_now, dataset, "frames", frames), chain.frames):
            wrong += found
    return wrong


def _wrong_now(dataset: Dataset, kind: ClaimKind, files: Mapping[str, int], id: str) -> list[str]:
    """What is wrong with the claim on ``id`` as it is now: a repair may have claimed anew."""
    try:
        now = read_claim(dataset, kind, id)
    except FactoryError:
        return [dataset.claim_key(kind, id)]
    return [] if files.get(now.key) == now.bytes else [now.key]


def _sizes(dataset: Dataset, prefix: str) -> dict[str, int]:
    return {info.key: info.size for info in dataset.store.list(prefix)}
