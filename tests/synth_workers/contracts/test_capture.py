"""A planned shard is captured from a level on a real socket, faults and all."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from manifests.capture_rules import CaptureRules
from manifests.errors import BadScene, EngineLost, FrameRefused, ProtocolError
from manifests.schema import FRAMES
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.capture import CaptureRun
from synth_workers.contracts.person.level import PersonLevel
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.worker.bundles import BundleWriter
from synth_workers.worker.frames import RawFrame
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Deadlines, Session
from tests.synth_workers.planning.small_world import CAMERAS, motions, scene
from tests.synth_workers.worker.scripted_server import Fault, ScriptedServer
from tests.synth_workers.worker.toy_level import ToyLevel

PEOPLE, WIDTH, HEIGHT = 8, 320, 180
PATIENT = Deadlines(connect=60, status=60, setting=60, capture=60, level=60)


@pytest.fixture(scope="module")
def plan() -> CapturePlan:
    return plan_capture(
        scene(),
        CAMERAS,
        motions(PEOPLE),
        np.full((PEOPLE, len(CAMERAS)), 2),
        CaptureRules(min_person_height=32),
        width=WIDTH,
        height=HEIGHT,
        max_frames=12,
        seed=np.random.SeedSequence(8),
    )


def new_run(plan: CapturePlan, writer: BundleWriter) -> CaptureRun:
    identities = [(100 + number, f"7-{100 + number:06d}") for number in range(PEOPLE)]
    return CaptureRun(
        plan=plan, identities=identities, light="day", size=(WIDTH, HEIGHT), writer=writer
    )


def loaded(session: Session) -> PersonLevel:
    level = PersonLevel(session, WIDTH, HEIGHT, jpeg_quality=90, seed=5)
    level.load(range(PEOPLE), palette(PEOPLE), CAMERAS, "day")
    calibrate(level, WIDTH, HEIGHT)
    return level


def capture(
    toy: Callable[[str], str | bytes],
    plan: CapturePlan,
    path: Path,
    after_load: Callable[[], None] = lambda: None,
) -> CaptureRun:
    with (
        ScriptedServer(toy) as server,
        Session.connect(server.endpoint, PATIENT) as session,
        BundleWriter(path) as writer,
    ):
        level = loaded(session)
        after_load()
        run = new_run(plan, writer)
        run.go_on(level, lambda: True, lambda _: None)
        writer.finish(run.joint_names, {"renderer": "toy"})
    return run


def test_two_cameras_on_one_mast_are_told_apart() -> None:
    first, toy = CAMERAS[0], ToyLevel()
    behind = replace(first, name="behind", rotation=(first.rotation[0], 180.0, 0.0))
    with ScriptedServer(toy) as server, Session.connect(server.endpoint, PATIENT) as session:
        level = PersonLevel(session, WIDTH, HEIGHT, jpeg_quality=90, seed=5)
        level.load(range(2), palette(2), (first, behind), "day")

    for camera in (first, behind):
        found = list(toy.cameras.values())[level.cameras[camera.name].number - 1]
        assert found.location == pytest.approx(camera.location, abs=0.01)
        assert found.rotation == pytest.approx(camera.rotation, abs=0.01)


def test_a_bundle_holds_every_planned_frame_with_its_ground_truth(
    plan: CapturePlan, tmp_path: Path
):
    toy = ToyLevel()
    run = capture(toy, plan, tmp_path / "frames.parquet")
    assert not run.refused and run.finished
    assert toy.captured_running <= 2  # only the negotiation before the first pause
    file = pq.ParquetFile(tmp_path / "frames.parquet")
    table = file.read()
    assert table.schema.equals(FRAMES)
    assert table.num_rows == plan.frames >= 6
    assert json.loads(file.metadata.metadata[b"joint_names"]) == ["head", "foot"]
    planned = [
        (instant.number, instant.time, frame.camera.name)
        for instant in plan.instants
        for frame in instant.frames
    ]
    rows = table.to_pylist()
    assert [(row["instant"], row["time"], row["camera"]) for row in rows] == planned
    for row in rows:
        mask = np.asarray(Image.open(io.BytesIO(row["mask"])).convert("RGB"))
        assert mask.shape == (HEIGHT, WIDTH, 3)
        codes = mask.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        seen = set(np.unique(codes).tolist()) - {0}
        assert seen and seen <= {person["colour"] for person in row["people"]}
        for person in row["people"]:
            assert person["exact"] and person["full_pixels"] > 0 and len(person["joints"]) == 6


def test_an_engine_that_knows_moments_says_which_instant_its_frames_show(
    plan: CapturePlan, tmp_path: Path
):
    together, apart = tmp_path / "together.parquet", tmp_path / "apart.parquet"
    assert not capture(ToyLevel(moments=True), plan, together).refused
    assert not capture(ToyLevel(), plan, apart).refused
    found, same = pq.read_table(together), pq.read_table(apart)
    assert found.drop(["moment"]).equals(same.drop(["moment"]))
    assert same["moment"].null_count == same.num_rows
    assert len(set(found["moment"].to_pylist())) == len(plan.instants)


@pytest.mark.parametrize("changes", [0, 1])
def test_cameras_that_show_two_instants_are_refused(plan: CapturePlan, changes: int):
    toy = ToyLevel(moments=True, changes_between_cameras=changes)
    poses, names = plan.instants[0].poses[:2], [camera.name for camera in CAMERAS[:2]]
    with ScriptedServer(toy) as server, Session.connect(server.endpoint, PATIENT) as session:
        level = PersonLevel(session, WIDTH, HEIGHT, jpeg_quality=90, seed=5)
        level.load(range(2), palette(2), CAMERAS, "day")
        if changes:
            with pytest.raises(FrameRefused, match="changed 1 times while its cameras were drawn"):
                level.capture(poses, names, 0)
        else:
            first, second = level.capture(poses, names, 0)
            assert first.moment == second.moment and first.lit != second.lit
            later = plan.instants[1].poses[:2]
            assert level.capture(later, names, 2)[0].moment != first.moment


def captured(toy: Callable[[str], str | bytes], plan: CapturePlan) -> list[RawFrame]:
    """All cameras at one instant."""
    with ScriptedServer(toy) as server, Session.connect(server.endpoint, PATIENT) as session:
        level = PersonLevel(session, WIDTH, HEIGHT, jpeg_quality=90, seed=5)
        level.load(range(2), palette(2), CAMERAS, "day")
        return level.capture(plan.instants[0].poses[:2], [each.name for each in CAMERAS], 0)


SPOILT_MOMENTS = {
    "an error": (lambda reply: "error Internal error", "must answer an image, got 'error Int"),
    "cut off": (lambda reply: reply[:-1], "answered no moment: the parts of a moment are"),
    "another camera": (
        lambda reply: reply.replace(b'"camera":2', b'"camera":3'),
        "answered other cameras or images",
    ),
}


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has room for one camera."""
    monkeypatch.setattr("synth_workers.contracts.person.level._TOGETHER", 1)


@pytest.mark.usefixtures("one_by_one")
def test_more_cameras_than_one_request_has_are_of_one_instant_or_none(plan: CapturePlan):
    together, apart = captured(ToyLevel(moments=True), plan), captured(ToyLevel(), plan)
    for one, other in zip(together, apart, strict=True):
        assert (one.lit, one.mask) == (other.lit, other.mask)
        assert one.truth and other.truth
        assert [*one.truth.values()] == [*other.truth.values()]
    assert len({frame.moment for frame in together}) == 1
    with pytest.raises(FrameRefused, match="changed 2 times while its cameras were drawn"):
        captured(ToyLevel(moments=True, changes_between_cameras=1), plan)


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("spoilt", SPOILT_MOMENTS)
def test_a_reply_that_is_spoilt_among_several_is_named(spoilt: str, plan: CapturePlan):
    spoil, complaint = SPOILT_MOMENTS[spoilt]
    toy = ToyLevel(moments=True)

    def the_second_is_spoilt(command: str) -> str | bytes:
        reply = toy(command)
        return spoil(reply) if command.startswith("vget /moment 2 lit") else reply

    with pytest.raises(ProtocolError, match=complaint):
        captured(the_second_is_spoilt, plan)


def test_levels_with_stock_commands_alone_are_estimated(plan: CapturePlan, tmp_path: Path):
    toy = ToyLevel(truth=False, jpg=False, look=False, palette_png=False)
    run = capture(toy, plan, tmp_path / "frames.parquet")
    assert not run.refused
    rows = pq.read_table(tmp_path / "frames.parquet").to_pylist()
    assert {row["lit_format"] for row in rows} == {"png"}
    assert all(Image.open(io.BytesIO(row["mask"])).mode == "P" for row in rows)
    people = [person for row in rows for person in row["people"]]
    assert people and not any(person["exact"] for person in people)
    assert all(person["full_pixels"] is None for person in people)


def test_joints_behind_the_camera_and_numbers_that_are_none(plan: CapturePlan, tmp_path: Path):
    """Somebody who reaches behind the camera costs nothing, ground truth of NaN a capture."""
    toy, spoilt = ToyLevel(), ["NaN", "Infinity"]
    armed: list[bool] = []

    def answers(command: str) -> str | bytes:
        reply = toy(command)
        if not command.endswith("/people") or not isinstance(reply, str) or "error" in reply:
            return reply
        truth = json.loads(reply)
        for person in truth["people"][:1]:
            person |= {"exact": False, "joints": [None, None]}
        text = json.dumps(truth)
        return (
            text.replace('"full": ', f'"full": {spoilt.pop()}, "was": ', 1)
            if armed and spoilt
            else text
        )

    path = tmp_path / "frames.parquet"
    run = capture(answers, plan, path, lambda: armed.append(True))
    assert not spoilt and run.recaptures == 1 and not run.refused
    people = [person for row in pq.read_table(path)["people"].to_pylist() for person in row]
    assert {person["exact"] for person in people} == {True, False}
    assert all(person["joints"] is None for person in people if not person["exact"])


class Once:
    """Spoils an image the first ``times`` times after it is armed."""

    def __init__(self, spoil: Callable[[np.ndarray], np.ndarray], times: int) -> None:
        self.spoil, self.left, self.armed = spoil, times, False

    def __call__(self, image: np.ndarray) -> np.ndarray:
        if not self.armed or self.left <= 0:
            return image
        self.left -= 1
        return self.spoil(image)

    def arm(self) -> None:
        self.armed = True


def _stranger(mask: np.ndarray) -> np.ndarray:
    spoiled = mask.copy()
    spoiled[:3, :3] = (1, 2, 3)
    return spoiled


SPOILS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "black": ("spoil_lit", np.zeros_like),
    "flat": ("spoil_lit", lambda image: np.full_like(image, 90)),
    "size-mismatch": ("spoil_mask", lambda mask: mask[::2, ::2]),
    "unknown-colour": ("spoil_mask", _stranger),
    "out-of-step": ("spoil_mask", np.zeros_like),
}


@pytest.mark.parametrize("reason", SPOILS)
def test_a_spoilt_frame_is_captured_again(reason: str, plan: CapturePlan, tmp_path: Path):
    hook, spoil = SPOILS[reason]
    once = Once(spoil, times=2)
    toy = ToyLevel()
    setattr(toy, hook, once)
    spoilt = capture(toy, plan, tmp_path / "spoilt.parquet", once.arm)
    assert spoilt.recaptures == 2 and not spoilt.refused
    capture(ToyLevel(), plan, tmp_path / "clean.parquet")
    assert pq.read_table(tmp_path / "spoilt.parquet").equals(
        pq.read_table(tmp_path / "clean.parquet")
    )


@pytest.mark.parametrize("reason", SPOILS)
def test_a_frame_that_stays_spoilt_is_refused_with_its_reason(
    reason: str, plan: CapturePlan, tmp_path: Path
):
    hook, spoil = SPOILS[reason]
    once = Once(spoil, times=3)
    toy = ToyLevel()
    setattr(toy, hook, once)
    run = capture(toy, plan, tmp_path / "frames.parquet", once.arm)
    assert [refused.reason for refused in run.refused] == [reason]
    assert pq.read_table(tmp_path / "frames.parquet").num_rows == plan.frames - 1


def test_a_lost_engine_leaves_nothing_half_written_and_the_run_goes_on(
    plan: CapturePlan, tmp_path: Path
):
    path = tmp_path / "frames.parquet"
    fault = Fault("drop", "set_anim", at=PEOPLE * 6)
    with BundleWriter(path) as writer:
        run = new_run(plan, writer)
        with (
            ScriptedServer(ToyLevel(), (fault,)) as server,
            Session.connect(server.endpoint, PATIENT) as session,
            pytest.raises(EngineLost),
        ):
            run.go_on(loaded(session), lambda: True, lambda _: None)
        assert not path.exists() and 0 < run.next_frame < plan.frames
        with (
            ScriptedServer(ToyLevel()) as server,
            Session.connect(server.endpoint, PATIENT) as session,
        ):
            run.go_on(loaded(session), lambda: True, lambda _: None)
        writer.finish(run.joint_names, {"renderer": "toy"})
    capture(ToyLevel(), plan, tmp_path / "undisturbed.parquet")
    assert pq.read_table(path).equals(pq.read_table(tmp_path / "undisturbed.parquet"))


def _darker(mask: np.ndarray) -> np.ndarray:
    return (mask * 0.9).astype(np.uint8)


def test_altered_mask_colours_are_learnt_and_stored_as_they_should_be(
    plan: CapturePlan, tmp_path: Path
):
    run = capture(ToyLevel(spoil_mask=_darker), plan, tmp_path / "altered.parquet")
    assert not run.refused and not run.recaptures
    capture(ToyLevel(), plan, tmp_path / "exact.parquet")
    masks = [
        [np.asarray(Image.open(io.BytesIO(mask.as_py())).convert("RGB")) for mask in column]
        for column in (
            pq.read_table(tmp_path / f"{name}.parquet").column("mask")
            for name in ("altered", "exact")
        )
    ]
    assert all(np.array_equal(a, b) for a, b in zip(*masks))


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda mask: mask // 64, "only 1 apart"),
        (lambda mask: cv2.GaussianBlur(mask, (5, 5), 2.0), "cannot be learnt"),
        (lambda mask: np.roll(mask, 5, axis=1), "different views"),
        (lambda mask: mask[::2, ::2], "instead of 320x180"),
        (np.zeros_like, "nobody is in the mask"),
    ],
)
def test_levels_whose_masks_lie_are_refused(
    spoil: Callable[[np.ndarray], np.ndarray], complaint: str, plan: CapturePlan, tmp_path: Path
):
    with pytest.raises(BadScene, match=complaint):
        capture(ToyLevel(spoil_mask=spoil), plan, tmp_path / "frames.parquet")


def test_a_level_without_the_person_class_is_refused(plan: CapturePlan, tmp_path: Path):
    toy = ToyLevel()

    def without_class(command: str) -> str | bytes:
        return toy(command.replace("BP_Person_C", "Nothing_C"))

    with pytest.raises(BadScene, match="no person class BP_Person_C"):
        capture(without_class, plan, tmp_path / "frames.parquet")
