"""A data set at a glance, and one crop traced back to everything that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from manifests.claims import Claim, claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.identity import render_id
from manifests.reader import SnapshotReader
from manifests.reasons import counts_today
from manifests.requests import read_plan
from manifests.shards import ShardSpec
from manifests.snapshots import Snapshot, find_snapshot, read_snapshots, snapshot_numbers
from manifests.withdrawals import Withdrawal, read_withdrawal

_OF_LINEAGE = ("code", "engines", "renderers", "hosts", "run", "shards", "frames", "cpu_seconds")


@dataclass(frozen=True)
class Inspection:
    """All snapshots of a data set, oldest first; the last one that stands in full.

    ``withdrawn``: number -> since when and why.
    """

    uri: str
    snapshots: tuple[Snapshot, ...]
    withdrawn: Mapping[int, Withdrawal]

    def __str__(self) -> str:
        standing = [s for s in self.snapshots if s.number not in self.withdrawn]
        newest = max(standing or self.snapshots, key=lambda s: (s.place, s.number))
        stored = sum(part.bytes for part in newest.parts)
        lines = [f"{newest.dataset} in {self.uri}"]
        lines += [
            f"  snapshot {s.number}  {s.created}  {s.people:,} people  {s.crops:,} crops  "
            f"content {s.content_digest[:16]}  recipe {s.recipe_digest[:8]}"
            + (f"  {self.withdrawn[s.number]}" if s.number in self.withdrawn else "")
            for s in self.snapshots
        ]
        lines.append(f"newest: {len(newest.parts)} parts, {stored:,} bytes; {newest.licence}")
        for split, roles in newest.counts.items():
            counts = ", ".join(f"{role} {count:,}" for role, count in roles.items()) or "empty"
            lines.append(f"  {split:<6} {newest.people_by_split[split]:>7,} people  {counts}")
        for name in ("camera", "light"):
            by = newest.statistics.get("crops_by", {}).get(name, {})
            if by:
                lines.append(f"  {name}s  " + ", ".join(f"{k} {v:,}" for k, v in by.items()))
        for name in _OF_LINEAGE:
            if newest.lineage.get(name):
                lines.append(f"  {name}  {_plain(newest.lineage[name])}")
        lines += [f"  warning: {warning}" for warning in newest.lineage.get("warnings", [])]
        return "\n".join(lines)


def inspect(dataset: Dataset) -> Inspection:
    """Everything the snapshots of ``dataset`` say, without reading data."""
    snapshots = tuple(read_snapshots(dataset, snapshot_numbers(dataset)))
    if not snapshots:
        find_snapshot(dataset)  # says that nothing is published, and how to publish
    found = ((s.number, read_withdrawal(dataset, s.number)) for s in snapshots)
    withdrawn = {number: why for number, why in found if why is not None}
    return Inspection(dataset.store.uri, snapshots, withdrawn)


def shard_table(reader: SnapshotReader) -> str:
    """One line per claim on a shard of a snapshot: what it delivered, whom it refused, and why."""
    lines = [f"{'shard':<10}{'round':>6}{'frames':>8}{'crops':>8}  scene, light: refused"]
    for shard, claim in claimed_shards(reader):
        counts = counts_today(claim.rejected).items()
        refused = ", ".join(f"{reason} {count}" for reason, count in counts)
        lines.append(
            f"{claim.render_id[:8]:<10}{shard.round:>6}{claim.frames:>8}{claim.rows:>8}  "
            f"{shard.scene}, {shard.light}: {refused or 'nobody'}"
        )
    return "\n".join(lines)


def claimed_shards(reader: SnapshotReader) -> list[tuple[ShardSpec, Claim]]:
    """Every shard of a snapshot's plans with its claims, one for each set of rules it has been
    annotated with."""
    shards, dataset = _shards(reader), reader.dataset
    claims = read_claims(dataset, "crops", claimed_ids(dataset, "crops")).values()
    return [(shards[claim.render_id], claim) for claim in claims if claim.render_id in shards]


@dataclass(frozen=True)
class Trace:
    """One published crop and the shard that made it; enough to render its frame again."""

    row: dict[str, Any]
    shard: ShardSpec | None
    snapshot: Snapshot

    def __str__(self) -> str:
        row, shard = self.row, self.shard
        lines = [
            f"{row['crop_key']}",
            f"  person {row['person_id']} in {row['camera']} ({row['light']}), "
            f"frame {row['frame']}, {row['time']:.2f} s; {row['split']}/{row['role']}",
            f"  recipe {self.snapshot.recipe_digest}, seed {self.snapshot.lineage.get('seed')}",
        ]
        if shard is None:
            lines.append("  its shard is in none of the plans of this snapshot")
        else:
            lines.append(
                f"  shard {row['render_id']}: {shard.scene}, {len(shard.people)} people, window "
                f"{shard.window}, round {shard.round}, engine {shard.engine_version}"
            )
        return "\n".join(lines)


def trace(reader: SnapshotReader, crop_key: str) -> Trace:
    """Where the crop ``crop_key`` of a snapshot came from."""
    rows = reader.table(filter=pc.field("crop_key") == crop_key).to_pylist()
    if not rows:
        raise NotFound(
            f"{reader.dataset.store.uri}: no crop {crop_key!r} in snapshot "
            f"{reader.snapshot.number} of {reader.dataset.name!r}"
        )
    return Trace(rows[0], _shards(reader).get(rows[0]["render_id"]), reader.snapshot)


def _shards(reader: SnapshotReader) -> dict[str, ShardSpec]:
    """Every shard of a snapshot's plans by its render_id."""
    plans = [read_plan(reader.dataset, name) for name in reader.snapshot.lineage.get("plans", [])]
    return {render_id(shard): shard for plan in plans for shard in plan.shards}


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {amount}" for key, amount in value.items())
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
