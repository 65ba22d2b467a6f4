"""Camera poses and places of a running game, taken into a level's manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manifests.errors import BadScene, ProtocolError
from synth_workers.unreal.record import (
    ManifestDraft,
    PawnView,
    actor_places,
    map_name,
    pawn_picture,
    pawn_view,
)
from synth_workers.worker.session import Session
from tests.synth_workers.worker.scripted_server import ScriptedServer

VIEW = PawnView((1.0, 2.5, 300.0), (-15.0, 90.0, 0.0), 70.0)
ANSWERS: dict[str, str | bytes] = {
    "vget /camera/0/location": "1.000 2.500 300.000",
    "vget /camera/0/rotation": "-15.000 90.000 0.000",
    "vget /camera/0/fov": "70.000000",
    "vget /camera/0/lit png": b"\x89PNG...",
    "vget /level/name": "TownMap",
    "vget /objects": "Floor TargetPoint_10 TargetPoint TargetPoint_2 Wall ",
    "vget /object/TargetPoint/location": "0.000 0.000 5.000",
    "vget /object/TargetPoint_2/location": "100.000 0.000 5.000",
    "vget /object/TargetPoint_10/location": "100.000 200.000 5.000",
}


def game(**changes: str):
    """A running game; keyword ``fov`` changes the answer to that question, and so on."""
    answers = ANSWERS | {f"vget /camera/0/{what}": value for what, value in changes.items()}

    def answer(command: str) -> str | bytes:
        if command.startswith("vget /unrealcv/echo "):
            return command.split()[-1]
        return answers.get(command, f"error Can not find a handler for URI '{command}'")

    return ScriptedServer(answer)


def test_the_players_view_becomes_a_camera():
    with game() as server, Session.connect(server.endpoint) as session:
        assert pawn_view(session) == VIEW
        assert pawn_picture(session) == b"\x89PNG..."
        assert map_name(session) == "TownMap"


def view_of(server: ScriptedServer) -> PawnView:
    with server, Session.connect(server.endpoint) as session:
        return pawn_view(session)


def test_plugins_that_do_not_tell_the_field_of_view_have_the_usual_one():
    assert view_of(game(fov="error Argument Invalid")).fov == 90.0
    with pytest.raises(ProtocolError, match="must answer degrees"):
        view_of(game(fov="wide"))
    with pytest.raises(ProtocolError, match="three numbers"):
        view_of(game(location="nowhere"))


def test_places_of_actors_come_in_the_order_of_their_numbers():
    with game() as server, Session.connect(server.endpoint) as session:
        places = actor_places(session, "TargetPoint")
        assert list(places) == ["TargetPoint", "TargetPoint_2", "TargetPoint_10"]
        with pytest.raises(BadScene, match="no actor whose name begins with Spot"):
            actor_places(session, "Spot")


def test_a_draft_grows_by_cameras_and_places_and_keeps_everything_else(tmp_path: Path):
    path = tmp_path / "town.json"
    draft = ManifestDraft(path)
    assert [draft.add_camera(VIEW), draft.add_camera(VIEW)] == ["town_c01", "town_c02"]
    assert draft.remove_last_camera() == "town_c02"
    draft.content["lights"] = ["day"]
    draft.add_points({"a": (0, 0, 0), "b": (1, 0, 0), "c": (2, 0, 0)}, 150.0)
    draft.save()
    again = ManifestDraft(path, "town")
    again.add_points({"b": (1, 5, 0), "c": (2, 0, 0), "d": (3, 0, 0)}, 150.0)
    assert again.add_camera(VIEW) == "town_c02"
    again.save()
    content = json.loads(path.read_text())
    assert content["lights"] == ["day"] and content["cameras"][0]["location"] == [1.0, 2.5, 300.0]
    assert content["walk"]["nodes"]["b"] == [1, 5, 0] and len(content["target_points"]) == 4
    pairs = [(edge["from"], edge["to"]) for edge in content["walk"]["edges"]]
    assert pairs == [("a", "b"), ("b", "c"), ("c", "d")]
    assert [entry.name for entry in tmp_path.iterdir()] == ["town.json"]


def test_drafts_of_something_else_are_not_touched(tmp_path: Path):
    path = tmp_path / "town.json"
    path.write_text('{"name": "city"}')
    with pytest.raises(BadScene, match="is of level 'city', not 'town'"):
        ManifestDraft(path, "town")
    with pytest.raises(BadScene, match="has a camera mine already"):
        draft = ManifestDraft(path)
        draft.add_camera(VIEW, "mine")
        draft.add_camera(VIEW, "mine")
    path.write_text("[]")
    with pytest.raises(BadScene, match="must be a JSON object"):
        ManifestDraft(path)
    path.write_text("{")
    with pytest.raises(BadScene, match="cannot be added to"):
        ManifestDraft(path)
