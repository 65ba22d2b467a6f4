"""Carries shards from plan to claim, as a process of its own.

``python -m tasks.render.process --job FILE`` renders, annotates, stores and claims the shard of
a ``tasks.render.jobs.ShardJob``; without ``--job`` those that stdin names. Terminated politely, it
ends its engine and leaves nothing in the store but what was complete.
"""

from __future__ import annotations

import datetime
import logging
import os
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pyarrow.parquet as pq

from manifests.checksums import check_stored
from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import CorruptData, EngineLost
from manifests.identity import crop_id, render_id, sha256_hex
from manifests.layout import ClaimKind
from manifests.stores import open_store
from synth_workers.processes.host import forget_peak, own_peak_bytes
from synth_workers.processes.quarantine import Quarantine, subjects_of
from synth_workers.processes.scratch import scratch_folder
from synth_workers.worker.runs import Run
from tasks.accounting import own_cpu_seconds
from tasks.annotate.rows import WHOLE_FRAME
from tasks.annotate.shard import AnnotatedShard, annotate_bundle
from tasks.annotate.statistics import refusals_by_person
from tasks.jobs import Events, serve
from tasks.render.engines import EngineShelf
from tasks.render.jobs import ShardDone, ShardJob
from tasks.render.mending import Standing, deliver, standing
from tasks.render.replay import leave_record
from tasks.render.shard import FrameBundle, render_shard, shard_specs
from tasks.render.versions import other_version

_log = logging.getLogger(__name__)
_SECONDS_BETWEEN_EVENTS = 0.5


@dataclass
class _Progress:
    """Tells how far a shard is, at most twice a second and at the end."""

    events: Events
    shard: str
    last: float = 0.0

    def __call__(self, run: Run) -> None:
        now = time.monotonic()
        if run.finished or now - self.last >= _SECONDS_BETWEEN_EVENTS:
            self.last = now
            self.events.say(
                "progress",
                shard=self.shard,
                frames=run.next_frame,
                frames_expected=run.frames_planned,
                crops=run.crops_expected,
            )


class ShardWorker:
    """Carries shards to their claims, one after the other; a context manager that ends the engine
    which they shared."""

    def __init__(self) -> None:
        self._shelf = EngineShelf()
        self._charged = 0.0

    def __enter__(self) -> ShardWorker:
        return self

    def __exit__(self, *error: object) -> None:
        self._shelf.clear()

    def __call__(self, job: ShardJob, events: Events) -> ShardDone:
        """Carry the job's shard to its claim, unless it has one."""
        # Spent since the last one, before the first on loading this program.
        start = own_cpu_seconds() - self._charged
        forget_peak(os.getpid())
        try:
            return run_job(job, events, self._shelf, start)
        finally:
            self._charged = own_cpu_seconds()


def run_job(
    job: ShardJob, events: Events, shelf: EngineShelf | None = None, start_cpu: float | None = None
) -> ShardDone:
    """Carry the job's shard to its claim, unless it has one.

    ``shelf``: of engines. ``start_cpu``: CPU-seconds that were spent before, by default all that
    this process has spent.
    """
    if start_cpu is None:
        start_cpu = own_cpu_seconds()
    cv2.setNumThreads(1)
    started = time.monotonic()
    dataset = Dataset(job.dataset, open_store(job.store))
    identity = render_id(job.shard)
    wanted = crop_id(identity, job.rules)
    crops = frames = None
    if job.repair:
        crops, frames = standing(dataset, "crops", wanted), standing(dataset, "frames", identity)
        frames_wanted = job.keep_frames or frames.document is not None
        done = crops.claim if crops.whole and (frames.whole or not frames_wanted) else None
    else:
        frames_wanted = job.keep_frames
        done = read_claims(dataset, "crops", [wanted]).get(wanted)
    if done is not None:
        return ShardDone(claim=done, won=False)
    with scratch_folder("shard", job.workdir) as scratch:
        usable = frames is None or frames.whole
        kept = _kept_bundle(job, dataset, identity, scratch) if usable else None
        bundle = kept or _rendered(job, identity, scratch, events, shelf)
        before = own_cpu_seconds()
        specs = shard_specs(job.shard, job.people)
        annotated = annotate_bundle(bundle.path, job.rules, job.shard, specs)
        crops_file = scratch / "crops.parquet"
        pq.write_table(annotated.crops, crops_file, compression="NONE", row_group_size=256)
        bundle.cpu_seconds["annotate"] = own_cpu_seconds() - before
        bundle.cpu_seconds["start"] = start_cpu
        wall = time.monotonic() - started
        if frames_wanted and kept is None:
            more = {"rows": bundle.frames}
            _claim(job, dataset, "frames", identity, bundle.path, bundle, wall, more, frames)
        if crops is not None and crops.whole and crops.claim is not None:
            return ShardDone(claim=crops.claim, won=False)
        more = {
            "rows": annotated.crops.num_rows,
            "people": _accepted(annotated),
            "rejected": annotated.statistics["refused"],
            "statistics": annotated.statistics,
            "rejected_of": refusals_by_person(annotated.refusals),
            "frames_left_out": _refused_frames(bundle, annotated),
        }
        winner = _claim(job, dataset, "crops", wanted, crops_file, bundle, wall, more, crops)
        return ShardDone(claim=winner, won=winner.attempt == job.attempt)


def _rendered(
    job: ShardJob, identity: str, scratch: Path, events: Events, shelf: EngineShelf | None
) -> FrameBundle:
    """Render the shard, unless its scene or this host is to be left alone for now."""
    shard, quarantine = job.shard, Quarantine.of_this_host()
    if version := other_version(shard):
        raise CorruptData(f"the shard was planned for {version}; plan the build anew")
    subjects = subjects_of(shard)
    quarantine.expect_free(*subjects)
    try:
        bundle = render_shard(shard, job.people, scratch, _Progress(events, identity), shelf=shelf)
    except EngineLost as error:
        quarantine.failed(str(error), *subjects)
        raise
    quarantine.succeeded(*subjects)
    if bundle.refused:
        leave_record(shard, job.people)
    for refused in bundle.refused:
        _log.warning(
            "frame %d of camera %s refused (%s): %s; see it with: unrealperson replay %s %d",
            *(refused.frame, refused.camera, refused.reason, refused.message),
            *(identity, refused.frame),
        )
    return bundle


def _kept_bundle(
    job: ShardJob, dataset: Dataset, identity: str, scratch: Path
) -> FrameBundle | None:
    """The shard's frames if an earlier attempt kept them: re-annotation never re-renders."""
    claims = read_claims(dataset, "frames", [identity])
    if not claims:
        return None
    kept = claims[identity]
    check_stored(dataset.store, kept)
    path = scratch / "frames.parquet"
    path.write_bytes(dataset.store.get(kept.key))
    return FrameBundle(
        path=path,
        frames=kept.frames,
        provenance={"renderer": kept.renderer, "engine_version": kept.engine_version},
        cpu_seconds={"engine": 0.0, "worker": 0.0},
        refused=(),
    )


def _claim(
    job: ShardJob,
    dataset: Dataset,
    kind: ClaimKind,
    id: str,
    path: Path,
    bundle: FrameBundle,
    wall: float,
    more: dict[str, Any],
    before: Standing | None,
) -> Claim:
    """Store a file of this attempt and claim it; the winning claim. ``more``: other fields;
    ``before``: see ``deliver``."""
    key = (dataset.frames_key if kind == "frames" else dataset.crops_key)(id, job.attempt)
    data = path.read_bytes()
    ours = Claim(
        id=id,
        render_id=render_id(job.shard),
        attempt=job.attempt,
        key=key,
        sha256=sha256_hex(data),
        bytes=len(data),
        frames=bundle.frames,
        cpu_seconds={stage: round(value, 3) for stage, value in bundle.cpu_seconds.items()},
        wall_seconds=round(wall, 3),
        peak_bytes=own_peak_bytes() + bundle.engine_bytes,
        host=socket.gethostname(),
        renderer=str(bundle.provenance.get("renderer", "")),
        engine_version=str(bundle.provenance.get("engine_version", "")),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        **more,
    )
    return deliver(dataset, kind, ours, path, before)


def _accepted(annotated: AnnotatedShard) -> dict[int, int]:
    counts = annotated.crops.column("person_index").value_counts().to_pylist()
    return {int(entry["values"]): int(entry["counts"]) for entry in counts}


def _refused_frames(bundle: FrameBundle, annotated: AnnotatedShard) -> dict[str, list[int]]:
    """Numbers of the frames that were not captured or not annotated, by reason."""
    found = [(refused.reason, refused.frame) for refused in bundle.refused]
    found += [
        (row["reason"], row["frame"])
        for row in annotated.refusals.select(["person_index", "reason", "frame"]).to_pylist()
        if row["person_index"] == WHOLE_FRAME
    ]
    numbers: dict[str, list[int]] = {}
    for reason, frame in sorted(found):
        numbers.setdefault(reason, []).append(frame)
    return numbers


if __name__ == "__main__":
    with ShardWorker() as shards:
        sys.exit(serve(ShardJob, shards, "Render, annotate, store and claim shards."))
