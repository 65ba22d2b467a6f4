"""The levels published with the paper and their traps, as a scripted level that has them all.

People come 101 at a time and are counted for ever, the light's steps are not bounded, locations
are of capsules, and nobody is in a mask who was not painted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import BadScene, EngineLost
from manifests.recipes_io import load_recipe
from synth_workers.contracts.unrealperson.level import CrowdLevel
from synth_workers.scenes.library import SCENES_PATH_VARIABLE
from synth_workers.unreal.record import ManifestDraft, PawnView
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Session
from tasks.plan.planner import plan_build
from tasks.render.shard import prepare_shard
from tests.synth_workers.worker.scripted_server import ScriptedServer

BATCH = 101
DRAFT = Path(__file__).parents[3] / "infra" / "levels" / "scene002.json"


@dataclass
class PublishedLevel:
    """Answers as the level does. ``most``: meshes it has, after which nobody comes."""

    most: int = 3000
    counted: int = 0
    lights: Sequence[str] = tuple(f"lc{step:02d}" for step in range(1, 13))
    step: int = 0
    light: str = "as the level was saved"
    people: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def __call__(self, command: str) -> str | bytes:
        verb, *words = command.split()
        if command.startswith("vget /unrealcv/echo"):
            return words[1]
        if command.startswith("vrun ce "):
            self._event(words[1])
            return "ok"
        if command == "vget /objects":
            return " ".join(["Floor_1", "Landscape_0", *self.people, ""])
        if command == "vget /cameras":
            return "PawnSensor "
        if not words[0].startswith(("/object/", "/camera/")):
            return f"error Can not find a handler for URI '{command}'"
        _, _, name, what = words[0].split("/")
        if what == "destroy":
            del self.people[name]
        elif what == "color" and name in self.people:
            self.people[name] = (int(words[1]), int(words[2]), int(words[3]))
        return "ok" if verb == "vset" else "100.000 7000.000 129.000"

    def _event(self, event: str) -> None:
        if event == "AddActor":
            for number in range(self.counted, min(self.counted + BATCH, self.most)):
                self.people[f"MHMainClass_C_{number}"] = (0, 0, 0)
            self.counted = min(self.counted + BATCH, self.most)
        elif event == "DelActor":
            self.people.clear()
        elif event == "LCreset":
            self.step = 0  # and the light stays as it is
        elif event == "LC":
            self.light = self.lights[self.step] if self.step < len(self.lights) else "dark"
            self.step += 1


FEW = {"people.count": 3, "shards.people_per_shard": 3, "images_per_person": 12}


def load(level: PublishedLevel, numbers: Sequence[int]) -> CrowdLevel:
    with ScriptedServer(level) as server, Session.connect(server.endpoint) as session:
        crowd = CrowdLevel(session, 640, 480, sleep=lambda _: None, blocked=("Landscape_*",))
        crowd.load(len(numbers), palette(len(numbers)), 0, 0.0, numbers)
        assert not [command for command in server.commands if "Landscape" in command]
    return crowd


@pytest.mark.parametrize("numbers", [range(100), range(100, 200), range(495, 510), [7, 250]])
def test_person_n_is_the_nth_mesh_whichever_batch_it_comes_in(numbers: Sequence[int]):
    level = PublishedLevel()
    crowd = load(level, list(numbers))
    assert crowd.actors.names == tuple(f"MHMainClass_C_{number}" for number in numbers)
    assert set(level.people) == set(crowd.actors.names)
    assert [level.people[name] for name in crowd.actors.names] == list(palette(len(numbers)))


def test_people_whose_number_has_passed_come_again_only_in_a_new_engine():
    level = PublishedLevel(counted=BATCH)
    with pytest.raises(EngineLost, match="no longer brings person 5: it has counted up to 201"):
        load(level, range(5, 10))


def test_more_people_than_the_level_has_meshes_are_refused():
    with pytest.raises(BadScene, match="nobody beyond person 149, the recipe asks for 160"):
        load(PublishedLevel(most=150), [140, 160])


@pytest.fixture
def scene002(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ManifestDraft:
    """The draft that is shipped, with two cameras recorded into it and no minute to wait."""
    draft = ManifestDraft(tmp_path / "scene002.json")
    draft.content = json.loads(DRAFT.read_text())
    draft.content["people"]["settle_seconds"] = 0.0
    draft.add_camera(PawnView((-250.0, 5200.0, 420.0), (-18.0, 90.0, 0.0), 90.0))
    draft.add_camera(PawnView((-1500.0, 8000.0, 420.0), (-18.0, 0.0, 0.0), 60.0))
    draft.save()
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
    return draft


def test_the_shipped_recipe_drives_the_shipped_draft_once_it_has_cameras(
    scene002: ManifestDraft, tmp_path: Path
):
    recipe = load_recipe("published-level", overrides=FEW)
    shards = plan_build(recipe).shards
    assert {shard.engine_version for shard in shards} == {"scene002 published"}
    third = next(shard for shard in shards if shard.light == "lc03")
    prepared = prepare_shard(third, recipe.people, tmp_path / "work")
    level = PublishedLevel()
    with ScriptedServer(level) as server, Session.connect(server.endpoint) as session:
        crowd: Any = prepared.new_level(session)
        prepared.load(crowd, ())
    # LCreset touches no light: the first LC brings the first one, and none is one too many.
    assert level.light == "lc03"
    assert crowd.actors.names == ("MHMainClass_C_0", "MHMainClass_C_1", "MHMainClass_C_2")


def test_a_level_of_one_light_is_not_changed(scene002: ManifestDraft, tmp_path: Path):
    scene002.content["lights"] = ["lc01"]
    scene002.save()
    overrides = {
        "people.count": 2,
        "images_per_person": 4,
        "scenes": [{"name": "scene002", "lights": ["lc01"]}],
        "shards.people_per_shard": 2,
    }
    recipe = load_recipe("published-level", overrides=overrides)
    prepared = prepare_shard(plan_build(recipe).shards[0], recipe.people, tmp_path / "work")
    level = PublishedLevel(lights=())
    with ScriptedServer(level) as server, Session.connect(server.endpoint) as session:
        prepared.load(prepared.new_level(session), ())
    assert level.light == "as the level was saved"


def test_locations_of_capsules_are_brought_down_to_the_feet():
    def answer(command: str) -> str | bytes:
        if "/lit" in command or "/object_mask" in command:
            return b"\x89PNG"
        return PublishedLevel(people={"MHMainClass_C_0": (0, 0, 0)})(command)

    with ScriptedServer(answer) as server, Session.connect(server.endpoint) as session:
        crowd = CrowdLevel(session, 640, 480, root_height=88.0)
        crowd._paint(["MHMainClass_C_0"], palette(1))  # pyright: ignore[reportPrivateUsage]
        _, poses = crowd.capture()
    assert poses[0].position == (100.0, 7000.0, 41.0)
