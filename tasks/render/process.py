"""Carries one shard from plan to claim, as a process of its own.

``python -m tasks.render.process --job job.json`` renders, annotates, stores and claims the
shard that the job file names (see ``tasks.render.jobs``). It speaks JSON lines on stdout, each
with an ``event``: ``progress``, then ``result`` or ``error``; the exit code is the error's.
Terminated politely, it ends its engine and leaves nothing in the store but what was complete.
"""

from __future__ import annotations

import argparse
import datetime
import json
import logging
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import cv2
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from manifests.checksums import check_stored
from manifests.claims import Claim, claim, read_claims
from manifests.errors import EngineLost, FactoryError
from manifests.identity import crop_id, render_id, sha256_hex
from manifests.layout import DatasetLayout
from manifests.people import PeopleRecipe
from manifests.recipe import AnnotationRules
from manifests.shards import ShardSpec
from manifests.stores import Store, open_store
from synth_workers.worker.capture import Run
from synth_workers.worker.quarantine import Quarantine, subjects_of
from tasks.accounting import peak_bytes, process_cpu_seconds
from tasks.annotate.rows import WHOLE_FRAME
from tasks.annotate.shard import AnnotatedShard, annotate_bundle
from tasks.annotate.statistics import refusals_by_person
from tasks.render.replay import leave_record
from tasks.render.shard import FrameBundle, render_shard, shard_specs

_log = logging.getLogger(__name__)
_SECONDS_BETWEEN_EVENTS = 0.5
_TERMINATED = 143


class Job(BaseModel):
    """One job file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shard: ShardSpec
    rules: AnnotationRules
    people: PeopleRecipe
    dataset_seed: int
    store: str
    dataset: str
    attempt: str
    keep_frames: bool
    workdir: Path


@dataclass
class _Events:
    """The stream of JSON lines; progress is thinned out."""

    stream: TextIO
    shard: str
    last: float = 0.0

    def say(self, event: str, **values: Any) -> None:
        """Write one event at once."""
        self.stream.write(json.dumps({"event": event, **values}) + "\n")
        self.stream.flush()

    def progress(self, run: Run) -> None:
        """Tell how far the shard is, at most twice a second and at the end."""
        now = time.monotonic()
        if run.finished or now - self.last >= _SECONDS_BETWEEN_EVENTS:
            self.last = now
            self.say(
                "progress",
                shard=self.shard,
                frames=run.next_frame,
                frames_expected=run.frames_planned,
                crops=run.crops_expected,
            )


def run_job(job: Job, events: _Events, start_cpu: float = 0.0) -> tuple[Claim, bool]:
    """The winning claim of the job's shard, and whether it is this attempt's.

    ``start_cpu``: CPU-seconds that were spent until now, on loading this program above all.
    """
    started = time.monotonic()
    store, layout = open_store(job.store), DatasetLayout(job.dataset)
    identity = render_id(job.shard)
    wanted = crop_id(identity, job.rules)
    done = read_claims(store, layout, "crops", [wanted])
    if done:
        return done[wanted], False
    job.workdir.mkdir(parents=True, exist_ok=True)
    try:
        kept = _kept_bundle(job, store, layout, identity)
        bundle = kept or _rendered(job, identity, events)
        before = process_cpu_seconds()
        specs = shard_specs(job.shard, job.people)
        annotated = annotate_bundle(bundle.path, job.rules, job.shard, specs)
        crops_file = job.workdir / "crops.parquet"
        pq.write_table(annotated.crops, crops_file, compression="NONE", row_group_size=256)
        bundle.cpu_seconds["annotate"] = process_cpu_seconds() - before
        bundle.cpu_seconds["start"] = start_cpu
        wall = time.monotonic() - started
        if job.keep_frames and kept is None:
            _claim_frames(job, store, layout, identity, bundle, wall)
        key = layout.crops_key(wanted, job.attempt)
        store.put_file(key, crops_file)
        ours = _new_claim(job, wanted, identity, key, crops_file, bundle, wall).model_copy(
            update={
                "rows": annotated.crops.num_rows,
                "people": _accepted(annotated),
                "rejected": annotated.statistics["refused"],
                "statistics": annotated.statistics,
                "rejected_of": refusals_by_person(annotated.refusals),
                "frames_left_out": _left_out(bundle, annotated),
            }
        )
        winner = claim(store, layout, "crops", ours)
        return winner, winner.attempt == job.attempt
    finally:
        shutil.rmtree(job.workdir, ignore_errors=True)


def _rendered(job: Job, identity: str, events: _Events) -> FrameBundle:
    """Render the shard, unless its scene or this host is to be left alone for now."""
    shard, quarantine = job.shard, Quarantine.of_this_host()
    subjects = subjects_of(shard)
    quarantine.expect_free(*subjects)
    try:
        bundle = render_shard(shard, job.people, job.workdir, events.progress)
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
    job: Job, store: Store, layout: DatasetLayout, identity: str
) -> FrameBundle | None:
    """The shard's frames if an earlier attempt kept them: re-annotation never re-renders."""
    claims = read_claims(store, layout, "frames", [identity])
    if not claims:
        return None
    kept = claims[identity]
    key = layout.claim_key("frames", identity)
    check_stored(store, kept, f"delete {key} and build again to render its shard anew")
    path = job.workdir / "frames.parquet"
    path.write_bytes(store.get(kept.key))
    return FrameBundle(
        path=path,
        frames=kept.frames,
        provenance={"renderer": kept.renderer, "engine_version": kept.engine_version},
        cpu_seconds={"engine": 0.0, "worker": 0.0},
        refused=(),
    )


def _claim_frames(
    job: Job, store: Store, layout: DatasetLayout, identity: str, bundle: FrameBundle, wall: float
) -> None:
    key = layout.frames_key(identity, job.attempt)
    store.put_file(key, bundle.path)
    claim(
        store,
        layout,
        "frames",
        _new_claim(job, identity, identity, key, bundle.path, bundle, wall).model_copy(
            update={"rows": bundle.frames}
        ),
    )


def _new_claim(
    job: Job,
    id: str,
    identity: str,
    key: str,
    path: Path,
    bundle: FrameBundle,
    wall: float,
) -> Claim:
    data = path.read_bytes()
    return Claim(
        id=id,
        render_id=identity,
        attempt=job.attempt,
        key=key,
        sha256=sha256_hex(data),
        rows=0,
        bytes=len(data),
        frames=bundle.frames,
        cpu_seconds={stage: round(value, 3) for stage, value in bundle.cpu_seconds.items()},
        wall_seconds=round(wall, 3),
        peak_bytes=peak_bytes(),
        host=socket.gethostname(),
        renderer=str(bundle.provenance.get("renderer", "")),
        engine_version=str(bundle.provenance.get("engine_version", "")),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def _accepted(annotated: AnnotatedShard) -> dict[int, int]:
    counts = annotated.crops.column("person_index").value_counts().to_pylist()
    return {int(entry["values"]): int(entry["counts"]) for entry in counts}


def _left_out(bundle: FrameBundle, annotated: AnnotatedShard) -> dict[str, list[int]]:
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


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description="Render, annotate, store and claim one shard.")
    parser.add_argument("--job", type=Path, required=True)
    arguments = parser.parse_args()
    events = _Events(_own_stdout(), "")
    signal.signal(signal.SIGTERM, _terminate)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    cv2.setNumThreads(1)
    try:
        job = Job.model_validate(json.loads(arguments.job.read_text()))
        events.shard = render_id(job.shard)
        winner, won = run_job(job, events, process_cpu_seconds())
    except FactoryError as error:
        events.say("error", error=type(error).__name__, message=str(error))
        return error.exit_code
    events.say("result", claim=winner.model_dump(mode="json"), won=won)
    return 0


def _own_stdout() -> TextIO:
    """The real stdout; whatever else prints in this process goes to stderr from now on."""
    real = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return real


def _terminate(signum: int, _: Any) -> None:
    raise SystemExit(_TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
