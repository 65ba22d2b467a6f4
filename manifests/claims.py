"""Claims: a shard is done when its claim is stored, and the first finished attempt wins.

The files of an attempt are stored before its claim. A claim is one conditional write, so
that of any number of attempts at the same work exactly one counts; files of the others are
orphans, for ``gc`` to remove.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pydantic import Field, ValidationError

from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.layout import ClaimKind, repairing
from manifests.replaced import replace_document
from manifests.sealed import Sealed

_READERS = 8


class Claim(Sealed):
    """What one finished attempt delivered, and at what cost.

    ``id``: render_id (kind `frames`) or crop_id (kind `crops`). ``people``: person index ->
    accepted crops. ``rejected``: reason -> people refused; reasons that start with ``frame:``
    count whole frames. ``rejected_of``: person index -> reason -> refusals of that person.
    ``frames_left_out``: reason -> numbers of the frames that were refused for it.
    ``statistics``: of the shard's crops, extras included (``tasks.annotate.statistics``).
    ``cpu_seconds``: by stage, user + system, worker and engine together. ``peak_bytes``: most
    memory the worker held meanwhile, plus the most an engine of it held; of processes that have
    carried out other shards before, all that they ever held where the system cannot count anew.
    """

    id: str
    render_id: str
    attempt: str
    key: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    frames: int = Field(default=0, ge=0)
    people: dict[int, int] = Field(default_factory=dict)
    rejected: dict[str, int] = Field(default_factory=dict)
    rejected_of: dict[int, dict[str, int]] = Field(default_factory=dict)
    frames_left_out: dict[str, list[int]] = Field(default_factory=dict)
    statistics: dict[str, Any] = Field(default_factory=dict)
    cpu_seconds: dict[str, float] = Field(default_factory=dict)
    wall_seconds: float = 0.0
    peak_bytes: int = Field(default=0, ge=0)
    host: str = ""
    renderer: str = ""
    engine_version: str = ""
    created: str = Field(default="", description="ISO 8601, UTC.")


def claim(dataset: Dataset, kind: ClaimKind, claim: Claim) -> Claim:
    """Claim ``claim.id`` for its attempt; the winner's claim, ours or an earlier one."""
    dataset.own(claim.key)
    sealed, document = claim.seal()
    if dataset.store.put_if_absent(dataset.claim_key(kind, claim.id), document):
        return sealed
    return read_claim(dataset, kind, claim.id)


def replace_claim(
    dataset: Dataset, kind: ClaimKind, was: bytes | None, ours: Claim, why: str
) -> Claim:
    """Claim ``ours.id`` anew where its claim ``was`` (the stored bytes) is damaged, gone, or claims
    a file that is and cannot be had again; the claim that counts now, ours or another repair's."""
    dataset.own(ours.key)
    key = dataset.claim_key(kind, ours.id)
    return claim_in(replace_document(dataset, key, was, ours.seal()[1], why), dataset, key)


def read_claims(dataset: Dataset, kind: ClaimKind, ids: Iterable[str]) -> dict[str, Claim]:
    """The claims of those ``ids`` that are done, in the order of ``ids``; others are absent."""

    def read_one(id: str) -> Claim | None:
        try:
            return read_claim(dataset, kind, id)
        except NotFound:
            return None

    wanted = list(dict.fromkeys(ids))
    with ThreadPoolExecutor(_READERS) as pool:
        found = zip(wanted, pool.map(read_one, wanted))
        return {id: claim for id, claim in found if claim is not None}


def claimed_ids(dataset: Dataset, kind: ClaimKind) -> list[str]:
    """The ids of everything of a kind that is claimed, sorted."""
    prefix = dataset.claims_prefix(kind)
    keys = (info.key for info in dataset.store.list(prefix))
    return [key.removeprefix(prefix).removesuffix(".json") for key in keys]


def read_claim(dataset: Dataset, kind: ClaimKind, id: str) -> Claim:
    """The claim of ``id``; ``NotFound`` if there is none, ``CorruptData`` if it is damaged."""
    key = dataset.claim_key(kind, id)
    return claim_in(dataset.store.get(key), dataset, key)


def claim_in(data: bytes, dataset: Dataset, key: str) -> Claim:
    """The claim that is stored as ``data`` under ``key``; ``CorruptData`` if it is none."""
    where, remedy = dataset.where(key), repairing(key)
    try:
        claim = Claim.unseal(data)
    except CorruptData as error:
        raise CorruptData(f"{where}: {error}; {remedy}") from None
    except ValidationError as error:
        raise CorruptData(
            f"{where}: not a valid claim ({error.error_count()} problems); {remedy}"
        ) from None
    if not key.endswith(f"/{claim.id}.json"):
        raise CorruptData(f"{where}: claims {claim.id!r}; {remedy}")
    dataset.own(claim.key)
    return claim
