"""Renders one frame of a shard again, to see what was wrong with it.

A worker that refuses frames leaves a record of the shard in this user's cache; ``unrealperson
replay RENDER_ID FRAME`` then writes what the engine sends for that frame, ``lit``, ``mask`` and
``verdict.txt``, and says whether it passes the checks. Where no record is, the shard is looked
up among the plans of a data set.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from manifests.dataset import Dataset
from manifests.errors import CorruptData, FrameRefused, NotFound
from manifests.identity import render_id
from manifests.people import PeopleRecipe
from manifests.requests import kept_plans, read_recipe
from manifests.shards import ShardSpec
from manifests.whole_files import write_whole
from synth_workers.cache_folder import cache_root, mere_saving
from synth_workers.contracts.registry import CONTRACTS
from synth_workers.planning.coverage import CapturePlan, Instant
from synth_workers.worker.frames import check_frame
from synth_workers.worker.session import Session
from tasks.render.shard import engine_of, prepare_shard


class ReplayRecord(BaseModel):
    """All that is needed to render any frame of a shard again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shard: ShardSpec
    people: PeopleRecipe


@dataclass(frozen=True)
class Replayed:
    """One frame as the engine sent it, and what the checks say: empty if it passes."""

    lit: Path
    mask: Path
    complaint: str


def leave_record(shard: ShardSpec, people: PeopleRecipe) -> Path:
    """Keep a shard for replays on this host."""
    path = _record_path(render_id(shard))
    with mere_saving():
        write_whole(path, ReplayRecord(shard=shard, people=people).model_dump_json())
    return path


def find_record(identity: str, dataset: Dataset | None = None) -> ReplayRecord:
    """The shard with this render id, from this host's records or from a data set's plans.

    Raises ``NotFound``, or ``CorruptData`` for a record that cannot be read.
    """
    path = _record_path(identity)
    if path.is_file():
        try:
            return ReplayRecord.model_validate_json(path.read_bytes())
        except ValueError as error:
            raise CorruptData(f"{path} is no replay record ({error}); delete it") from None
    if dataset is not None:
        for plan in kept_plans(dataset):
            for shard in plan.shards:
                if render_id(shard) == identity:
                    people = read_recipe(dataset, plan.recipe_digest).people
                    return ReplayRecord(shard=shard, people=people)
    raise NotFound(
        f"no shard {identity} among the replay records of this host"
        + (f" or the plans of {dataset.name} in {dataset.store.uri}" if dataset else "")
        + "; give the store and data set it belongs to"
    )


def replay_frame(record: ReplayRecord, frame: int, out: Path) -> Replayed:
    """Render frame number ``frame`` of a shard and check it; images and verdict go to ``out``."""
    if reason := CONTRACTS[record.shard.engine.contract].no_replay:
        raise NotFound(reason)
    out.mkdir(parents=True, exist_ok=True)
    prepared = prepare_shard(record.shard, record.people, out)
    instant, first = _instant_of(prepared.plan, frame)
    engine = engine_of(record.shard, prepared)
    with ExitStack() as stack:
        stack.callback(engine.end)
        session = stack.enter_context(Session.connect(engine.start()))
        level: Any = prepared.new_level(session)
        prepared.load(level, ())
        names = [planned.camera.name for planned in instant.frames]
        raw = level.capture(instant.poses, names, first, following=instant.following)[frame - first]
        planned = instant.frames[frame - first]
        complaint = ""
        try:
            check_frame(raw, planned, level.actors, *record.shard.image.size)
        except FrameRefused as error:
            complaint = f"{error.reason}: {error}"
    lit, mask = out / f"lit.{raw.lit_format}", out / "mask.png"
    write_whole(lit, raw.lit)
    write_whole(mask, raw.mask)
    write_whole(out / "verdict.txt", (complaint or "passes every check") + "\n")
    return Replayed(lit, mask, complaint)


def _instant_of(plan: CapturePlan, frame: int) -> tuple[Instant, int]:
    """The instant that holds a frame number, and the number of its first frame."""
    first = plan.first_frame
    for instant in plan.instants:
        if first <= frame < first + len(instant.frames):
            return instant, first
        first += len(instant.frames)
    raise NotFound(
        f"the shard has frames {plan.first_frame} to {first - 1}, there is no frame {frame}"
    )


def _record_path(identity: str) -> Path:
    if not identity.isalnum():
        raise NotFound(f"{identity!r} is not a render id")
    return cache_root() / "replays" / f"{identity}.json"
