"""The capture sequence published with UnrealPerson, spoken by the bare official client, and what
the worker's own contract makes of levels that do not keep to it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import unrealcv

from manifests.errors import BadScene, FrameRefused, ProtocolError
from synth_workers.contracts.unrealperson.level import CrowdLevel
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Session
from tests.synth_workers.engine.processes import EngineProcess, running
from tests.synth_workers.worker.scripted_server import ScriptedServer

VIEWS = [((-600, 0, 170), (-5, 0, 0)), ((0, -600, 170), (-5, 90, 0))]
FRAMES_PER_VIEW = 3


@pytest.fixture(scope="module", params=["unrealperson", "427"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, EngineProcess]]:
    """The patched plugin of the paper, and the stock one."""
    cache = tmp_path_factory.mktemp("cache")
    with running(["--dialect", request.param], UNREALPERSON_CACHE=str(cache)) as process:
        yield request.param, process


def colours_in(mask: bytes) -> set[tuple[int, ...]]:
    image = np.asarray(cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_COLOR))
    return {tuple(map(int, colour[::-1])) for colour in np.unique(image.reshape(-1, 3), axis=0)}


def colour_of(client: unrealcv.Client, name: str) -> tuple[int, ...]:
    words = client.request(f"vget /object/{name}/color").strip("()").split(",")
    return tuple(int(word.split("=")[1]) for word in words[:3])


@pytest.mark.integration
def test_the_sequence_of_the_paper_finds_people_in_masks(engine: tuple[str, EngineProcess]):
    dialect, process = engine
    client = process.client()
    for event in ("DelActor", "AddActor", "LCreset"):
        assert client.request(f"vrun ce {event}") == "ok"
    people = [name for name in client.request("vget /objects").split() if name.startswith("MH")]
    assert len(people) == len(set(people)) == 100
    if dialect == "427":  # the stock plugin does not paint people when it lists them
        for name, colour in zip(people, palette(len(people))):
            client.request("vset /object/{}/color {} {} {}".format(name, *colour))
    colours = {colour_of(client, name) for name in people}
    assert len(colours) == len(people)
    seen: set[tuple[int, ...]] = set()
    for location, rotation in VIEWS:
        client.request("vset /camera/0/location {} {} {}".format(*location))
        client.request("vset /camera/0/rotation {} {} {}".format(*rotation))
        for _ in range(FRAMES_PER_VIEW):
            assert client.request("vrun ce Pause") == "ok"
            lit = client.request("vget /camera/0/lit png")
            mask = client.request("vget /camera/0/object_mask png")
            assert client.request("vrun ce Resume") == "ok"
            assert lit[:4] == mask[:4] == b"\x89PNG"
            seen |= colours_in(mask)
    assert len(seen & colours) >= 10
    assert seen <= colours | {(0, 0, 0)}
    client.disconnect()


@pytest.mark.integration
def test_people_are_in_masks_of_the_stock_plugin_only_once_they_are_painted(
    engine: tuple[str, EngineProcess],
):
    dialect, process = engine
    client = process.client()
    for event in ("DelActor", "AddActor", "Pause"):
        client.request(f"vrun ce {event}")
    client.request("vset /camera/0/location -600 0 170")
    client.request("vset /camera/0/rotation -5 0 0")
    assert colours_in(client.request("vget /camera/0/object_mask png")) == {(0, 0, 0)}
    client.request("vget /objects")
    painted = colours_in(client.request("vget /camera/0/object_mask png"))
    assert (len(painted) > 1) is (dialect == "unrealperson")
    client.request("vrun ce Resume")
    client.disconnect()


class Level:
    """A level of three people who are where the test says."""

    def __init__(self) -> None:
        self.asked = 0
        self.walks = False
        self.place = "100.000 0.000 0.000"

    def __call__(self, command: str) -> str | bytes:
        if command.startswith("vget /unrealcv/echo "):
            return command.split()[2]
        if command == "vget /objects":
            return "Floor MH_C_10 MH_C_2 MH_C_1 Sky "
        if command.endswith("/location") and command.startswith("vget"):
            self.asked += 1
            return f"{self.asked}.000 0.000 0.000" if self.walks else self.place
        if command.endswith("/rotation"):
            return "0.000 90.000 0.000"
        return b"\x89PNG-image" if command.endswith("png") else "ok"


def loaded(level: Level, session: Session, people: int) -> CrowdLevel:
    crowd = CrowdLevel(session, 64, 48, sleep=lambda _: None)
    crowd.load(people, palette(people), light=1, settle=1.0)
    return crowd


def test_people_are_taken_in_the_order_of_their_numbers_and_the_rest_sent_away():
    with ScriptedServer(Level()) as server, Session.connect(server.endpoint) as session:
        crowd = loaded(Level(), session, people=2)
        assert crowd.actors.names == ("MH_C_1", "MH_C_2")
        raw, poses = crowd.capture()
        assert raw.lit_format == "png" and [pose.yaw for pose in poses] == [90.0, 90.0]
    assert "vset /object/MH_C_10/destroy" in server.commands
    assert "vset /object/Sky/color 0 0 0" in server.commands
    events = [command.split()[2] for command in server.commands if command.startswith("vrun ce")]
    assert events == ["DelActor", "AddActor", "LCreset", "LC", "Resume", "Pause", "Resume"]


def test_a_level_with_too_few_people_is_refused():
    with (
        ScriptedServer(Level()) as server,
        Session.connect(server.endpoint) as session,
        pytest.raises(BadScene, match="AddActor brought 3 people, the shard has 5"),
    ):
        loaded(Level(), session, people=5)


def test_a_level_that_walks_on_while_it_is_captured_is_not_believed():
    level = Level()
    with ScriptedServer(level) as server, Session.connect(server.endpoint) as session:
        crowd = loaded(level, session, people=3)
        level.walks = True
        with pytest.raises(FrameRefused, match="walked on") as refused:
            crowd.capture()
        assert refused.value.reason == "not-paused"


def test_places_that_are_no_numbers_are_a_broken_contract():
    level = Level()
    with ScriptedServer(level) as server, Session.connect(server.endpoint) as session:
        crowd = loaded(level, session, people=3)
        for level.place in ("nan 0.000 0.000", "1.0 2.0", "error Can not find object"):
            with pytest.raises(ProtocolError, match="must answer three numbers"):
                crowd.capture()
