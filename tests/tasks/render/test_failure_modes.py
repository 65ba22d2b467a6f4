"""What goes wrong with render engines, row by row: the shard is as if nothing had happened, or
it fails with the right name, and in time.

Rows are numbered F1 to F23 as in the farm's table of failures. Those of processes (F4, F21,
F22, F23) are in ``tests.synth_workers.processes.test_launch`` and ``worker.test_session`` as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from manifests.errors import BadScene, EngineLost, ProtocolError
from synth_workers.planning.coverage import CapturePlan
from synth_workers.worker.dialects import QUESTIONS
from tests.synth_workers.worker.scripted_server import Fault, FaultKind
from tests.synth_workers.worker.toy_level import ToyLevel
from tests.tasks.render.toy_engines import PEOPLE, ToyEngine, drive, small_plan

# Who is not given up is waited for without end.
pytestmark = pytest.mark.timeout(120)

# The first captures are calibration; faults at later ones strike in the middle of the shard.
MIDDLE = 6


@pytest.fixture(scope="module")
def plan() -> CapturePlan:
    return small_plan()


@pytest.fixture(scope="module")
def undisturbed(plan: CapturePlan, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    outcome = drive(plan, [ToyEngine()], tmp_path_factory.mktemp("calm") / "frames.parquet")
    assert outcome.frames is not None and outcome.use.engines == 1
    return outcome.frames


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("stall", "F1 hang"),
        ("late", "F2 late reply, off by one for ever"),
        ("drop", "F3 connection gone"),
        ("truncate", "F6 truncated frame"),
        ("garbage", "F2 no frame at all"),
        ("wrong-id", "F2 reply to somebody else's question"),
        ("unsolicited", "F2 a frame nobody asked for"),
    ],
)
def test_a_disturbed_connection_is_made_anew(
    kind: FaultKind, why: str, plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path
):
    fault = Fault(kind, "object_mask", at=MIDDLE, seconds=3.0)
    outcome = drive(plan, [ToyEngine(faults=(fault,)), ToyEngine()], tmp_path / "f.parquet")
    assert outcome.error is None and outcome.frames is not None, why
    assert outcome.frames.equals(undisturbed)
    assert outcome.engines[0].ended


def test_f3_a_dead_engine_is_replaced(plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path):
    engines = [
        ToyEngine(faults=(Fault("drop", "object_mask", at=MIDDLE),), dies=True),
        ToyEngine(),
    ]
    outcome = drive(plan, engines, tmp_path / "f.parquet")
    assert outcome.frames is not None and outcome.frames.equals(undisturbed)
    assert outcome.use.engines == 2 and engines[0].server.connections == 1
    assert outcome.use.cpu_seconds == 0.5


def test_f3_engines_that_keep_dying_end_the_shard_by_name(plan: CapturePlan, tmp_path: Path):
    fault = ("drop", "object_mask", MIDDLE)
    engines = [ToyEngine(faults=(Fault(*fault),), dies=True) for _ in range(4)]  # type: ignore[arg-type]
    outcome = drive(plan, engines, tmp_path / "f.parquet")
    assert isinstance(outcome.error, EngineLost)
    assert "lost 3 times" in str(outcome.error) and "toy log" in str(outcome.error)
    assert [engine.ended for engine in engines] == [True, True, True, False]
    assert not list(tmp_path.iterdir())


def test_f4_an_engine_that_finds_its_port_in_use_is_replaced(
    plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path
):
    engines = [ToyEngine(starts=EngineLost("the engine found its port in use")), ToyEngine()]
    outcome = drive(plan, engines, tmp_path / "f.parquet")
    assert outcome.frames is not None and outcome.frames.equals(undisturbed)
    assert "port in use" in outcome.use.losses[0]


def test_f5_a_connection_that_somebody_else_holds_is_given_up(
    plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path
):
    held = ToyEngine(faults=(Fault("mute", times=2),))
    outcome = drive(plan, [held, ToyEngine()], tmp_path / "f.parquet")
    assert outcome.frames is not None and outcome.frames.equals(undisturbed)
    assert "no greeting" in outcome.use.losses[0]


def test_f5_a_plugin_that_left_tcp_is_found_at_its_unix_socket(
    plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path
):
    fault = Fault("drop", "object_mask", at=MIDDLE)
    engine = ToyEngine(faults=(fault,), leaves_tcp=True, socket_folder=tmp_path)
    outcome = drive(plan, [engine], tmp_path / "f.parquet")
    assert outcome.error is None
    assert outcome.frames is not None and outcome.frames.equals(undisturbed)
    assert outcome.use.engines == 1 and engine.server.connections == 2


def test_f7_a_setter_that_is_refused_is_an_error_not_a_wrong_label(
    plan: CapturePlan, tmp_path: Path
):
    toy = ToyLevel()

    def refuses(command: str) -> str | bytes:
        if "set_anim" in command and len(toy.people) == PEOPLE and toy.paused:
            return "error Argument Invalid"
        return toy(command)

    outcome = drive(plan, [ToyEngine(refuses)], tmp_path / "f.parquet")
    assert isinstance(outcome.error, ProtocolError) and "set_anim" in str(outcome.error)


class Lies:
    """A toy level that misbehaves in ``times`` captures after it is armed."""

    def __init__(self, times: int, lie: Callable[[ToyLevel, str], str | bytes | None]) -> None:
        self.toy, self.lie, self.left, self.armed = ToyLevel(), lie, times, False

    def __call__(self, command: str) -> str | bytes:
        if self.armed and self.left > 0:
            told = self.lie(self.toy, command)
            if told is not None:
                self.left -= 1
                return told
        return self.toy(command)

    def arm(self) -> None:
        self.armed = True


def _does_not_move(toy: ToyLevel, command: str) -> str | None:
    return "ok" if command.startswith("vset /object/Person") and "location" in command else None


def _runs_on(toy: ToyLevel, command: str) -> str | None:
    return "false" if command == "vget /action/game/is_paused" else None


@pytest.mark.parametrize(
    ("lie", "times", "why"),
    [
        (_does_not_move, PEOPLE, "F7 static mobility: ok, but not moved"),
        (_runs_on, 1, "F8 the level runs on while it is captured"),
    ],
)
def test_a_level_that_does_not_hold_still_is_captured_again(
    lie: Callable[[ToyLevel, str], str | None],
    times: int,
    why: str,
    plan: CapturePlan,
    undisturbed: pa.Table,
    tmp_path: Path,
):
    lies = Lies(times, lie)
    outcome = drive(plan, [ToyEngine(lies)], tmp_path / "f.parquet", after_load=lies.arm)
    assert lies.left == 0
    assert outcome.frames is not None and outcome.frames.equals(undisturbed), why


def test_f8_a_lit_image_of_an_earlier_frame_is_not_taken_for_a_new_one(
    plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path
):
    earlier: list[bytes] = []

    def stale(toy: ToyLevel, command: str) -> bytes | None:
        if "/lit" not in command:
            return None
        earlier.append(bytes(toy(command)))  # type: ignore[arg-type]
        return earlier[0] if len(earlier) == 3 else earlier[-1]

    lies = Lies(10**6, stale)
    outcome = drive(plan, [ToyEngine(lies)], tmp_path / "f.parquet", after_load=lies.arm)
    assert outcome.run.recaptures == 1
    assert outcome.frames is not None and outcome.frames.equals(undisturbed)


def test_f14_somebody_missing_after_a_jump_is_looked_for_again(plan: CapturePlan, tmp_path: Path):
    calm = drive(plan, [ToyEngine(ToyLevel(truth=False))], tmp_path / "calm.parquet")

    def nobody(toy: ToyLevel, command: str) -> str | bytes | None:
        if "object_mask" not in command:
            return None
        toy.spoil_mask = np.zeros_like
        try:
            return toy(command)
        finally:
            toy.spoil_mask = lambda mask: mask

    lies = Lies(1, nobody)
    lies.toy = ToyLevel(truth=False)
    outcome = drive(plan, [ToyEngine(lies)], tmp_path / "f.parquet", after_load=lies.arm)
    assert outcome.run.recaptures == 1
    assert outcome.frames is not None and outcome.frames.equals(calm.frames)


def test_f14_an_estimate_that_was_wrong_does_not_cost_the_frame(plan: CapturePlan, tmp_path: Path):
    """The same mask twice means that somebody is hidden, not forgotten."""
    toy = ToyLevel(truth=False)

    def hide_one() -> None:
        toy.people[next(iter(toy.people))].hidden = True

    outcome = drive(plan, [ToyEngine(toy)], tmp_path / "f.parquet", after_load=hide_one)
    assert outcome.frames is not None and outcome.frames.num_rows == plan.frames
    assert outcome.run.recaptures > 0 and not outcome.run.refused


def test_f10_f11_people_absent_from_or_unpainted_in_the_mask_refuse_the_level(
    plan: CapturePlan, tmp_path: Path
):
    def white(mask: np.ndarray) -> np.ndarray:
        return (mask > 0).any(2, keepdims=True) * np.full(3, 255, np.uint8)

    for spoil, said in ((np.zeros_like, "nobody"), (white, "only 0 apart")):
        outcome = drive(plan, [ToyEngine(ToyLevel(spoil_mask=spoil))], tmp_path / "f.parquet")
        assert isinstance(outcome.error, BadScene) and said in str(outcome.error)


def test_f13_everything_but_people_is_black_and_colours_are_the_workers(
    plan: CapturePlan, tmp_path: Path
):
    outcome = drive(plan, [engine := ToyEngine()], tmp_path / "f.parquet")
    assert outcome.error is None
    commands = engine.server.commands
    first_person = next(i for i, c in enumerate(commands) if "spawn BP_Person_C" in c)
    assert {"vset /object/Floor/color 0 0 0", "vset /object/Wall/color 0 0 0"} <= set(
        commands[:first_person]
    )


def test_f16_f17_f20_camera_0_and_the_view_mode_are_never_touched(
    plan: CapturePlan, tmp_path: Path
):
    outcome = drive(plan, [engine := ToyEngine()], tmp_path / "f.parquet")
    assert outcome.error is None
    used = [c for c in engine.server.commands if "/camera/0/" in c or "viewmode" in c]
    assert set(used) <= set(QUESTIONS)  # it is asked what it is, but neither moved nor captured


def test_f18_no_name_is_used_twice_in_an_engine(plan: CapturePlan, tmp_path: Path):
    engine = ToyEngine(faults=(Fault("drop", "object_mask", at=MIDDLE),))
    outcome = drive(plan, [engine], tmp_path / "f.parquet")
    assert outcome.error is None and engine.server.connections == 2
    spawned = [c.split()[3] for c in engine.server.commands if "spawn BP_Person_C" in c]
    assert len(spawned) == len(set(spawned)) == 2 * PEOPLE
    destroyed = [c for c in engine.server.commands if c.endswith("/destroy")]
    assert len(destroyed) == len(set(destroyed)) >= PEOPLE


def test_f19_a_class_that_is_not_loaded_is_named(plan: CapturePlan, tmp_path: Path):
    toy = ToyLevel()
    engine = ToyEngine(lambda command: toy(command.replace("BP_Person_C", "Absent_C")))
    outcome = drive(plan, [engine], tmp_path / "f.parquet")
    assert isinstance(outcome.error, BadScene) and "BP_Person_C" in str(outcome.error)


def test_f22_an_engine_that_grows_is_replaced_and_not_counted_as_lost(
    plan: CapturePlan, undisturbed: pa.Table, tmp_path: Path
):
    engines = [ToyEngine(outgrown_after=3), ToyEngine()]
    outcome = drive(plan, engines, tmp_path / "f.parquet")
    assert outcome.frames is not None and outcome.frames.equals(undisturbed)
    assert outcome.use.engines == 2 and not outcome.use.losses
    recycled = drive(
        plan, [ToyEngine() for _ in range(9)], tmp_path / "g.parquet", frames_per_engine=2
    )
    assert recycled.frames is not None and recycled.frames.equals(undisturbed)
    assert recycled.use.engines > 2


def test_f22_an_engine_that_is_too_large_from_the_start_ends_the_shard(
    plan: CapturePlan, tmp_path: Path
):
    engines = [ToyEngine(outgrown_after=0) for _ in range(9)]
    outcome = drive(plan, engines, tmp_path / "f.parquet")
    assert isinstance(outcome.error, EngineLost) and "memory" in str(outcome.error)


def test_f23_an_engine_with_somebody_elses_settings_is_refused(plan: CapturePlan, tmp_path: Path):
    toy = ToyLevel()

    def answers(command: str) -> str | bytes:
        return "Is Listening\nPort: 9000\n" if command == "vget /unrealcv/status" else toy(command)

    outcome = drive(plan, [ToyEngine(answers) for _ in range(3)], tmp_path / "f.parquet")
    assert isinstance(outcome.error, EngineLost) and "port 9000" in str(outcome.error)
