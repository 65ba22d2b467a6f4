"""What stands of a shard whose claim or claimed file is damaged, and what takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from manifests.checksums import is_whole
from manifests.claims import Claim, claim, claim_in, replace_claim
from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.layout import ClaimKind
from synth_workers.processes.host import clock_that_never_stops

PROMPT_SECONDS = 60.0
"""What is claimed so soon after it was begun to be stored is younger than any lease of `gc`."""


@dataclass(frozen=True)
class Standing:
    """A claim as it is stored. ``document``: its bytes, ``None`` if there is none; ``claim``: what
    they say, ``None`` if they are damaged; ``whole``: whether the claimed file is."""

    document: bytes | None = None
    claim: Claim | None = None
    whole: bool = False

    @property
    def fault(self) -> str:
        """What is wrong, in words; empty if nothing is."""
        if self.document is None:
            return "its claim is gone"
        if self.claim is None:
            return "its claim is damaged"
        return "" if self.whole else "its file is gone or damaged"


def standing(dataset: Dataset, kind: ClaimKind, id: str) -> Standing:
    """What is stored of the claim on ``id``; its file is read from the first byte to the last."""
    key = dataset.claim_key(kind, id)
    try:
        document = dataset.store.get(key)
    except NotFound:
        return Standing()
    try:
        found = claim_in(document, dataset, key)
    except CorruptData:
        return Standing(document)
    return Standing(document, found, is_whole(dataset.store, found))


def deliver(
    dataset: Dataset, kind: ClaimKind, ours: Claim, path: Path, before: Standing | None
) -> Claim:
    """Store a finished file and claim it; the claim that counts.

    ``before``: in a repair, what stood before. A file that came out as it was claimed goes back to
    where it was, and its claim stays; anything else is a claim in the place of the old one.
    """
    store, stood = dataset.store, None if before is None else before.claim
    if stood is not None and stood.sha256 == ours.sha256:
        store.put_file(stood.key, path)
        return stood
    began = clock_that_never_stops()
    store.put_file(ours.key, path)
    if before is None:
        winner = claim(dataset, kind, ours)
        if winner.key == ours.key and clock_that_never_stops() - began > PROMPT_SECONDS:
            # A host that slept in between may have found its file older than the lease of `gc`,
            # and unnamed: now that it is named, nobody removes it any more.
            store.put_file(ours.key, path)
        return winner
    now = standing(dataset, kind, ours.id)
    if now.claim is not None and now.whole:  # another repair has been faster
        return now.claim
    decided = replace_claim(dataset, kind, before.document, ours, before.fault)
    if decided.key != ours.key and decided.sha256 == ours.sha256:
        # Decided by a repair of long ago, whose file may be gone by now.
        store.put_file(decided.key, path)
    return decided
