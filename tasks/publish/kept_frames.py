"""The bundles of a data set that keeps its frames, checked, for what is published of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from manifests.checksums import check_stored
from manifests.claims import read_claims
from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.identity import render_id
from manifests.parquet import reading_parquet
from manifests.requests import read_plan
from manifests.shards import ShardSpec

_FRAMES_AT_ONCE = 64


def kept_frames(
    dataset: Dataset, plans: Sequence[str], columns: Sequence[str]
) -> Iterator[tuple[ShardSpec, dict[bytes, bytes], pa.Table]]:
    """Frames of the shards of the kept ``plans`` (digests), some at a time, with their shard, what
    their file says of itself, and ``columns``.

    ``CorruptData`` if a bundle is gone or damaged.
    """
    shards = {
        render_id(shard): shard for name in plans for shard in read_plan(dataset, name).shards
    }
    claims = read_claims(dataset, "frames", shards)
    if missing := sorted(shards.keys() - claims.keys()):
        raise CorruptData(
            f"{dataset.store.uri}: the frames of {len(missing)} shards of {dataset.name!r} are "
            f"gone; `unrealperson repair {dataset.name}` renders them again"
        )
    for identity, claim in claims.items():
        check_stored(dataset.store, claim)
        with reading_parquet(dataset.where(claim.key)):
            file = dataset.store.open_parquet(claim.key)
            told = dict(file.metadata.metadata or {})
            for batch in file.iter_batches(batch_size=_FRAMES_AT_ONCE, columns=list(columns)):
                yield shards[identity], told, pa.Table.from_batches([batch])
