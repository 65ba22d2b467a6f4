"""What an attempt stores and claims is there, however long its host slept in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests import claims
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.identity import sha256_hex
from manifests.layout import ClaimKind
from manifests.stores import open_store
from tasks.publish.garbage import collect_garbage
from tasks.render import mending
from tasks.render.mending import PROMPT_SECONDS, deliver


def test_a_file_that_was_swept_while_its_host_slept_is_stored_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset("tiny", open_store(tmp_path / "store"))
    data, path = b"crops", tmp_path / "crops.parquet"
    path.write_bytes(data)
    identity = "0" * 32
    ours = Claim(
        id=identity,
        render_id="1" * 32,
        attempt="a",
        key=dataset.crops_key(identity, "a"),
        sha256=sha256_hex(data),
        rows=0,
        bytes=len(data),
    )
    removed: list[str] = []

    def claim_after_a_sleep(dataset: Dataset, kind: ClaimKind, ours: Claim) -> Claim:
        # Longer than the lease of those who sweep meanwhile.
        garbage = collect_garbage(dataset, lease_seconds=-60.0, delete=True)
        removed.extend(orphan.key for orphan in garbage.orphans)
        return claims.claim(dataset, kind, ours)

    times = iter([0.0, 2 * PROMPT_SECONDS])
    monkeypatch.setattr(mending, "clock_that_never_stops", lambda: next(times))
    monkeypatch.setattr(mending, "claim", claim_after_a_sleep)

    winner = deliver(dataset, "crops", ours, path, None)

    assert removed == [ours.key]
    assert dataset.store.get(winner.key) == data
