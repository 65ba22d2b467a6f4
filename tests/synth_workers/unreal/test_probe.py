"""``probe`` against the real engine in every dialect, and against servers that are none."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from manifests.recipes_io import load_recipe
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from synth_workers.probe.report import Mark, ProbeReport
from synth_workers.probe.run import probe_engine
from synth_workers.processes.launch import EngineProcess, embedded_engine
from synth_workers.scenes.library import load_scene
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.session import Deadlines
from tests.servers.endpoint import deaf_port
from tests.synth_workers.worker.scripted_server import Answer, Fault, ScriptedServer
from tests.synth_workers.worker.toy_level import ToyLevel

QUICK = Deadlines(connect=2, status=2, setting=2, capture=6, level=8)
PATIENT = Deadlines(connect=60, status=60, setting=60, capture=60, level=60)
RECIPE = load_recipe("tiny", {"image": {"width": 640, "height": 360, "supersampling": 1.0}})
NewEngine = Callable[[str], Endpoint]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    specs = sample_people(RECIPE.people, RECIPE.seed, range(3))
    cache, file = PeopleCache(), tmp_path_factory.mktemp("crowd") / "crowd.json"
    cache.ensure(specs)
    cache.write_crowd(specs, file)
    return file


@pytest.fixture(scope="module")
def engine(crowd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewEngine]:
    """Where the embedded engine listens in a dialect; whoever asks again is served by the same."""
    # Paths of sockets have to be short.
    folder, started = tmp_path_factory.mktemp("e"), dict[str, Endpoint]()
    with contextlib.ExitStack() as stack:

        def start(dialect: str) -> Endpoint:
            if dialect not in started:
                extra = ("--dialect", dialect, "--socket-folder", str(folder))
                command = embedded_engine("street", crowd, RECIPE.image, extra=extra)
                process = stack.enter_context(EngineProcess(command, pid_folder=folder))
                started[dialect] = Endpoint(process.start().port, socket_folder=folder)
            return started[dialect]

        yield start


def patiently(*asked: Any) -> ProbeReport:
    """What a probe reports that has as long as it takes."""
    return probe_engine(*asked, deadlines=PATIENT, most_seconds=600)


def marks(report: ProbeReport) -> dict[str, Mark]:
    return {finding.what: finding.mark for finding in report.findings}


def lacking(report: ProbeReport) -> list[str]:
    return [f.what for f in report.findings if f.mark in (Mark.missing, Mark.skipped)]


@pytest.mark.integration
@pytest.mark.parametrize("dialect", ["superset", "427", "427s", "52", "110"])
def test_dialects_that_can_serve_are_usable_and_measured(dialect: str, engine: NewEngine):
    endpoint = engine(dialect)
    report = patiently(endpoint)
    assert lacking(report) == [] and report.exit_code == 0
    assert report.dialect == dialect
    assert marks(report)["mask colours, sizes and alignment"] is Mark.ok
    extras = {finding.what for finding in report.findings if finding.mark is Mark.optional}
    assert ("people are measured by the engine" in extras) == (dialect != "superset")
    assert set(report.speed) == {"text command", "lit and mask at 640x360"}
    assert report.picture is not None
    with Image.open(io.BytesIO(report.picture)) as picture:
        assert picture.size == (1280, 360)
    # What was spawned is gone, and another client may come, wherever the plugin is by now.
    again = patiently(endpoint)
    assert again.exit_code == 0


@pytest.mark.integration
def test_a_plugin_that_is_too_old_says_what_to_install(engine: NewEngine):
    report = patiently(engine("0310"))
    assert report.dialect == "0310" and report.exit_code == 11
    missing = {f.what: f for f in report.findings if f.mark is Mark.missing}
    assert "4.22 or later" in missing["people of class BP_Person_C are spawned under a name"].remedy
    assert marks(report)["mask colours, sizes and alignment"] is Mark.skipped


@pytest.mark.integration
@pytest.mark.parametrize("dialect", ["superset", "unrealperson", "427"])
def test_the_papers_events_are_checked_by_what_they_do(dialect: str, engine: NewEngine):
    report = patiently(engine(dialect), "unrealperson", load_scene("street"))
    assert lacking(report) == [] and report.exit_code == 0
    found = marks(report)
    assert found["people walk by themselves"] is found["and stand while paused"] is Mark.ok
    assert found["LC changes the light"] is Mark.ok
    assert report.picture is not None


def toy(change: Callable[[str], str | bytes | None] = lambda _: None) -> Answer:
    """A toy level that answers otherwise where ``change`` says so."""
    level = ToyLevel()

    def answer(command: str) -> str | bytes:
        if command == "vget /camera/0/rotation":
            return "-12.000 0.000 0.000"
        if command == "vget /camera/0/location":
            return "0.000 0.000 400.000"
        changed = change(command)
        return level(command) if changed is None else changed

    return answer


def test_a_level_that_keeps_the_contract_by_its_bare_minimum_is_usable():
    with ScriptedServer(toy()) as server:
        report = patiently(server.endpoint)
    assert lacking(report) == [] and report.exit_code == 0


@pytest.mark.parametrize(
    ("lacks", "what", "remedy"),
    [
        ("spawn BP_Person_C", "people of class BP_Person_C are spawned under a name", "hidden"),
        ("set_anim", "set_anim walk <phase>", "Blueprint functions"),
        ("set_app", "set_app <n> gives them an appearance", "Blueprint functions"),
        ("object_mask", "masks as PNG", "UnrealCV branch"),
        ("vset /cameras/spawn", "cameras are spawned", "UnrealCV branch"),
    ],
)
def test_half_a_contract_is_a_table_of_what_to_add(lacks: str, what: str, remedy: str):
    words = (
        "error Can not find a class with name" if "spawn BP" in lacks else "error Argument Invalid"
    )
    with ScriptedServer(toy(lambda c: words if lacks in c else None)) as server:
        report = patiently(server.endpoint)
    assert report.exit_code == 11
    finding = next(f for f in report.findings if f.what == what)
    assert finding.mark is Mark.missing and remedy in finding.remedy
    assert marks(report)["mask colours, sizes and alignment"] is Mark.skipped


def test_masks_that_cannot_be_trusted_fail_the_calibration():
    def blurred(mask):
        mixed = mask.copy()
        mixed[:, 1:] = mask[:, 1:] // 2 + mask[:, :-1] // 2
        return mixed

    level = ToyLevel(spoil_mask=blurred)
    answers = toy()

    def answer(command: str) -> str | bytes:
        return answers(command) if command.startswith("vget /camera/0") else level(command)

    with ScriptedServer(answer) as server:
        report = patiently(server.endpoint)
    finding = next(f for f in report.findings if f.area == "calibration")
    assert finding.mark is Mark.missing and "mask colours" in finding.found
    assert report.exit_code == 11


@pytest.mark.parametrize(
    ("kind", "text"),
    [("stall", "set_anim"), ("drop", "lit png"), ("garbage", "set_app"), ("wrong-id", "/color")],
)
def test_an_engine_that_breaks_down_in_the_middle_is_a_line_of_the_table(kind, text: str):
    with ScriptedServer(toy(), (Fault(kind, text),)) as server:
        report = probe_engine(server.endpoint, deadlines=QUICK)
    assert report.exit_code == 11
    assert "its own log says why" in report.findings[-1].remedy


@pytest.mark.parametrize(
    "answer",
    ["", "ok", "error", "(R=1)", "NaN NaN NaN", "\u00e4\u00f6", b"\x89PNG garbage", "x" * 100_000],
)
def test_a_server_that_answers_everything_alike_is_reported_not_believed(answer: str | bytes):
    def echo(command: str) -> str | bytes:
        return command.split()[-1] if "/echo" in command else answer

    for contract in ("person", "unrealperson"):
        with ScriptedServer(echo) as server:
            report = patiently(server.endpoint, contract)
        assert report.exit_code == 11 and lacking(report)


@contextlib.contextmanager
def listening(talk: Callable[[socket.socket], object]) -> Generator[Endpoint]:
    """A server that does ``talk`` with each connection."""
    held: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                talk(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        try:
            yield Endpoint(listener.getsockname()[1])
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (lambda c: None, "takes connections and says nothing"),
        (lambda c: c.close(), "closes them at once"),
        (lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "'SSH-2.0-OpenSSH_9.2"),
        (lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "another protocol"),
        (lambda c: c.sendall(b"\xc1\x83\x2b\x9e\x05\x00\x00\x00hello"), "does not greet"),
        (lambda c: c.sendall(b"\xc1\x83\x2b\x9e\xff\xff\xff\x7f"), "does not greet"),
    ],
)
def test_what_is_no_unrealcv_server_is_named(talk: Callable[[socket.socket], object], said: str):
    with listening(talk) as endpoint:  # for as long as it takes
        report = probe_engine(endpoint, deadlines=QUICK)
    assert not report.answered and report.exit_code == 20
    assert said in report.findings[-1].found and report.findings[-1].remedy


def test_nothing_at_all_is_named():
    with deaf_port() as port:
        report = probe_engine(Endpoint(port), deadlines=QUICK)
    assert report.exit_code == 20 and "nothing listens" in report.findings[-1].found


def test_a_server_that_answers_just_in_time_every_time_is_cut_off():
    def slow(command: str) -> str | bytes:
        time.sleep(0.3)
        return "x" if "/echo" not in command else command.split()[-1]

    with ScriptedServer(slow) as server:
        report = probe_engine(server.endpoint, deadlines=QUICK, most_seconds=1.5)
    assert len(server.commands) < 10
    assert report.exit_code == 11
    assert any("cut off" in finding.found for finding in report.findings)
