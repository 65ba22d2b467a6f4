"""What a data set has cost, summed from the claims of its shards and its expenses, and what more
of the same would cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from manifests.claims import Claim
from manifests.expenses import read_expenses
from manifests.reader import SnapshotReader
from manifests.shards import ShardSpec
from tasks.plan.farm_simulation import FarmForecast, ShardWork, simulate_farm
from tasks.publish.inspection import claimed_shards
from tasks.publish.lineage import cpu_seconds
from tasks.report.markdown import plain_table

_HOUR = 3600.0
_SETTLE_SECONDS = 10 / 30
"""Of the server, for one shard: about ten state changes, of which it carries thirty a second."""


@dataclass(frozen=True)
class DatasetCost:
    """``cpu_seconds``: by stage. ``shard_seconds``: (wall seconds, people) of every shard; wall
    seconds are of a worker that had the other workers of its machine beside it. ``peak_bytes``:
    of the largest shard, worker and engine."""

    dataset: str
    snapshot: int
    people: int
    crops: int
    accepted: int
    frames: int
    cpu_seconds: dict[str, float]
    stored_bytes: int
    published_bytes: int
    peak_bytes: int
    shard_seconds: tuple[tuple[float, int], ...]

    @property
    def total_cpu_seconds(self) -> float:
        """All stages together."""
        return sum(self.cpu_seconds.values())

    @property
    def people_seconds(self) -> float:
        """CPU-seconds that building one person took; 0 if that was not noted."""
        return self.cpu_seconds.get("people", 0.0) / self.people

    def for_people(self, people: int) -> dict[str, float]:
        """CPU-hours by stage of a data set like this one with so many people."""
        factor = people / self.people / _HOUR
        return {stage: seconds * factor for stage, seconds in self.cpu_seconds.items()}

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the sums."""
        values = asdict(self)
        seconds = [wall for wall, _ in values.pop("shard_seconds")]
        return {
            **values,
            "shards": len(seconds),
            "shard_seconds_median": round(float(np.median(seconds)), 2) if seconds else 0.0,
            "shard_seconds_longest": round(max(seconds, default=0.0), 2),
            "cpu_seconds_total": round(self.total_cpu_seconds, 1),
            "cpu_ms_per_crop": round(1000 * self.total_cpu_seconds / self.crops, 2),
        }


def dataset_cost(
    reader: SnapshotReader, shards: Sequence[tuple[ShardSpec, Claim]] | None = None
) -> DatasetCost:
    """Sum what the claims and the expenses of a snapshot's data set say.

    ``shards``: with their claims, where these have been read already.
    """
    snapshot, pairs = reader.snapshot, claimed_shards(reader) if shards is None else shards
    total = cpu_seconds(claim for _, claim in pairs)
    for expense in read_expenses(reader.dataset):
        total[expense.stage] += expense.cpu_seconds
    return DatasetCost(
        dataset=snapshot.dataset,
        snapshot=snapshot.number,
        people=snapshot.people,
        crops=snapshot.crops,
        accepted=sum(claim.rows for _, claim in pairs),
        frames=sum(claim.frames for _, claim in pairs),
        cpu_seconds={stage: round(seconds, 2) for stage, seconds in sorted(total.items())},
        stored_bytes=sum(claim.bytes for _, claim in pairs),
        published_bytes=sum(file.bytes for file in snapshot.named_files()),
        peak_bytes=max((claim.peak_bytes for _, claim in pairs), default=0),
        shard_seconds=tuple((claim.wall_seconds, len(shard.people)) for shard, claim in pairs),
    )


def cost_markdown(cost: DatasetCost) -> str:
    """A table of the stages with their sums, and what was stored."""
    spent = {**cost.cpu_seconds, "all": cost.total_cpu_seconds}
    rows = [
        (stage, f"{seconds:,.1f}", f"{1000 * seconds / cost.crops:,.2f}")
        for stage, seconds in spent.items()
    ]
    megabytes = (cost.stored_bytes / 1e6, cost.published_bytes / 1e6, cost.peak_bytes / 1e6)
    return (
        f"{plain_table(('stage', 'CPU-s', 'CPU-ms per crop'), rows, numbers=(1, 2))}\n\n"
        f"{cost.people:,} people, {cost.crops:,} crops of {cost.accepted:,} accepted ones, "
        f"{cost.frames:,} frames. Stored: {megabytes[0]:,.0f} MB, published: {megabytes[1]:,.0f} "
        f"MB; the largest shard took {megabytes[2]:,.0f} MB of memory. What Prefect took is not "
        "in it: after a build on one machine `unrealperson cost` says it.\n"
    )


def farm_forecast(
    cost: DatasetCost,
    people: int,
    workers: int,
    *,
    slots_per_host: int = 8,
    orchestration_seconds: float = 0.0,
    settle_seconds: float = _SETTLE_SECONDS,
    seed: int = 0,
) -> FarmForecast:
    """A farm that makes ``people`` like these: shards last as long as these did, drawn at random.

    ``orchestration_seconds``: of a worker, for each shard beside its work. ``settle_seconds``: of
    the server, which settles one shard after the other. Publishing takes one process as long as it
    took here, in proportion to the crops.
    """
    if not cost.shard_seconds:
        raise ValueError("no shard to learn from")
    rng = np.random.default_rng(seed)
    factor = people / cost.people
    count = max(1, math.ceil(len(cost.shard_seconds) * factor))
    drawn = rng.integers(len(cost.shard_seconds), size=count)
    group_of = max(1, round(len(cost.shard_seconds) * cost.shard_seconds[0][1] / cost.people))
    shards = [
        ShardWork(
            group=number // group_of,
            people_seconds=cost.people_seconds * cost.shard_seconds[which][1],
            render_seconds=cost.shard_seconds[which][0] + orchestration_seconds,
        )
        for number, which in enumerate(drawn)
    ]
    return simulate_farm(
        shards,
        workers,
        slots_per_host=slots_per_host,
        settle_seconds=settle_seconds,
        publish_seconds=cost.cpu_seconds.get("publish", 0.0) * factor,
    )
