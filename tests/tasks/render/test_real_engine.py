"""The real engine with its own faults and dialects: same frames, or the right named error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli.datasets import replay as replay_command
from manifests.errors import BadScene, FactoryError
from manifests.identity import render_id
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec
from synth_workers.processes.launch import Engine, EngineCommand, EngineProcess
from synth_workers.worker.session import Deadlines
from tasks.annotate.shard import annotate_bundle
from tasks.plan.planner import plan_build
from tasks.render import replay
from tasks.render.shard import FrameBundle, render_shard, shard_specs

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(400)]

RECIPE = load_recipe(
    "demo",
    overrides={
        "people": {"count": 3},
        "scenes": [{"name": "street", "cameras": "demo"}],
        "images_per_person": 3,
        "image": {"width": 480, "height": 270, "supersampling": 1.0},
        "capture": {"min_person_height": 45},
        "shards": {"people_per_shard": 3, "frames_per_shard": 4},
    },
)
PATIENT = Deadlines(connect=60, status=60, setting=60, capture=60, level=120)
QUICK = Deadlines(connect=8, status=8, setting=8, capture=8, level=30)
"""For faults that nothing but a deadline ends."""


@pytest.fixture(scope="module")
def shard() -> ShardSpec:
    return plan_build(RECIPE).shards[0]


def engines(*first: Sequence[str], always: Sequence[str] = ()) -> Callable[[EngineCommand], Engine]:
    """Engines of which the n-th one gets the n-th extra arguments."""
    extra = list(first)

    def new_engine(command: EngineCommand) -> Engine:
        more = extra.pop(0) if extra else always
        return EngineProcess(replace(command, arguments=(*command.arguments, *more)))

    return new_engine


def render(shard: ShardSpec, folder: Path, **options: Any) -> tuple[FrameBundle, pa.Table]:
    bundle = render_shard(shard, RECIPE.people, folder, **{"deadlines": PATIENT, **options})
    return bundle, pq.read_table(bundle.path)


def deadlines_for(fault: str) -> Deadlines:
    return QUICK if fault.startswith(("stall", "mute", "no-greeting")) else PATIENT


@pytest.fixture(scope="module")
def undisturbed(shard: ShardSpec, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    bundle, frames = render(shard, tmp_path_factory.mktemp("calm"))
    assert bundle.frames >= 3 and not bundle.refused
    return frames


@pytest.mark.parametrize(
    ("fault", "losses"),
    [
        ("crash@120", 1),
        ("stall@120", 1),
        ("mute@120", 0),
        ("no-greeting@1", 0),
        ("black-frame@9", 0),
        ("stale-frame@9", 0),
        ("mask-size@8", 0),
        ("mask-colours@8", 0),
    ],
)
def test_a_fault_changes_nothing(
    fault: str, losses: int, shard: ShardSpec, undisturbed: pa.Table, tmp_path: Path
):
    bundle, frames = render(
        shard,
        tmp_path,
        new_engine=engines(["--fault", fault]),
        deadlines=deadlines_for(fault),
    )
    assert frames.equals(undisturbed)
    assert len(bundle.provenance["engine_losses"]) == losses
    assert not bundle.refused


DIALECTS = ("427", "427s", "52")


@pytest.fixture(scope="module")
def undisturbed_in(
    shard: ShardSpec, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[FrameBundle, pa.Table]]:
    """The shard as plugins of each dialect draw it when nothing goes wrong."""
    return {
        dialect: render(
            shard,
            tmp_path_factory.mktemp(dialect),
            new_engine=engines(always=["--dialect", dialect]),
        )
        for dialect in DIALECTS
    }


@pytest.mark.parametrize(
    ("dialect", "fault", "losses"),
    [
        ("427", "crash@140", 1),
        ("427", "stall@140", 1),
        ("427", "mask-size@8", 0),
        ("427s", "drop@140", 0),
        ("427s", "mute@140", 0),
        ("52", "drop@140", 0),
        ("52", "black-frame@9", 0),
    ],
)
def test_a_fault_changes_nothing_in_any_dialect(
    dialect: str,
    fault: str,
    losses: int,
    shard: ShardSpec,
    undisturbed_in: dict[str, tuple[FrameBundle, pa.Table]],
    tmp_path: Path,
):
    """The last two dialects go on at their unix socket, which they move to after the loss."""
    always = ["--dialect", dialect]
    bundle, frames = render(
        shard,
        tmp_path,
        new_engine=engines([*always, "--fault", fault], always=always),
        deadlines=deadlines_for(fault),
    )
    assert frames.equals(undisturbed_in[dialect][1])
    assert len(bundle.provenance["engine_losses"]) == losses
    assert bundle.provenance["dialect"] == dialect and not bundle.refused


@pytest.mark.parametrize("dialect", DIALECTS)
def test_people_are_captured_with_every_dialect_that_can_spawn_them(
    dialect: str,
    undisturbed_in: dict[str, tuple[FrameBundle, pa.Table]],
    undisturbed: pa.Table,
):
    bundle, frames = undisturbed_in[dialect]
    assert not bundle.refused and frames.num_rows == undisturbed.num_rows
    assert frames["time"].equals(undisturbed["time"])
    assert set(frames["lit_format"].to_pylist()) == {"png"}
    # Only the embedded engine says what it drew, and several cameras of an instant show the same.
    assert frames["moment"].null_count == frames.num_rows
    shown = set(zip(undisturbed["instant"].to_pylist(), undisturbed["moment"].to_pylist()))
    assert len(shown) == len({instant for instant, _ in shown}) == len({m for _, m in shown})
    # Unreal's cameras have ideal lenses, and the bundle says what was drawn.
    assert any(k1 for k1, _ in undisturbed["camera_distortion"].to_pylist())
    assert not any(k1 for k1, _ in frames["camera_distortion"].to_pylist())
    for people, exact in zip(frames["people"].to_pylist(), undisturbed["people"].to_pylist()):
        colours = {person["colour"] for person in people}
        assert colours >= {person["colour"] for person in exact if person["full_pixels"]}


def test_a_plugin_too_old_to_spawn_people_is_named(shard: ShardSpec, tmp_path: Path):
    with pytest.raises(BadScene, match=r"dialect 0310.* lacks: masks of people.*UE 4\.22"):
        render(shard, tmp_path, new_engine=engines(always=["--dialect", "0310"]))


@pytest.mark.parametrize("dialect", ["superset", "427", "unrealperson"])
def test_the_papers_own_capture_sequence_runs_to_its_end(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Contract ``unrealperson``: the level walks its people, camera 0 goes round the views."""
    monkeypatch.setattr("synth_workers.contracts.unrealperson.preparing.SETTLE_SECONDS", 0.3)
    planned = plan_build(RECIPE).shards[0]
    engine = planned.engine.model_copy(update={"contract": "unrealperson"})
    shard = planned.model_copy(update={"engine": engine, "max_frames": 6})
    bundle, frames = render(shard, tmp_path, new_engine=engines(always=["--dialect", dialect]))
    assert not bundle.refused and bundle.provenance["contract"] == "unrealperson"
    assert frames["camera"].to_pylist() == [name for name in shard.cameras for _ in range(2)]
    assert frames["time"].to_pylist() == sorted(set(frames["time"].to_pylist()))
    known = {person.index for person in shard.people}
    people = [person for row in frames["people"].to_pylist() for person in row]
    assert {person["person_index"] for person in people} <= known
    assert not any(person["exact"] for person in people)
    again = annotate_bundle(
        bundle.path, RECIPE.annotation, shard, shard_specs(shard, RECIPE.people)
    )
    assert not [row for row in again.refusals.to_pylist() if row["person_index"] < 0]


def test_a_frame_can_be_replayed_from_the_record_its_worker_left(
    shard: ShardSpec,
    undisturbed: pa.Table,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(replay, "cache_root", lambda: tmp_path)
    replay.leave_record(shard, RECIPE.people)
    replay_command(render_id(shard), 2, None, None, tmp_path / "out")
    lit, mask, verdict = capsys.readouterr().out.splitlines()
    row = undisturbed.to_pylist()[2]
    assert verdict == "passes every check"
    assert Path(lit).read_bytes() == row["lit"]
    assert Path(mask).read_bytes() == row["mask"]
    record = replay.find_record(render_id(shard))
    with pytest.raises(FactoryError, match="there is no frame 999"):
        replay.replay_frame(record, 999, tmp_path / "out")
    with pytest.raises(FactoryError, match="give the store"):
        replay.find_record("0" * 32)
