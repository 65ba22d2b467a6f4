"""Every contract that recipes and manifests may name has an object, which fits engine and scene."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import get_args

import pytest

from manifests.engine_request import EngineRequest
from manifests.errors import BadScene
from synth_workers.contracts.registry import CONTRACTS, contract_of
from synth_workers.scenes.description import GameLevel
from synth_workers.scenes.level_manifest import LevelManifest
from tests.synth_workers.planning.small_world import scene

EMBEDDED = EngineRequest(contract="unrealperson")
GAME = EngineRequest(kind="unreal", game="town", build="1", contract="unrealperson")


@pytest.mark.parametrize("model", [EngineRequest, LevelManifest])
def test_every_name_has_its_object(model: type[EngineRequest] | type[LevelManifest]):
    names = get_args(model.model_fields["contract"].annotation)
    assert tuple(CONTRACTS) == names
    assert [contract.name for contract in CONTRACTS.values()] == list(names)


def test_only_a_game_whose_level_walks_people_owns_them():
    assert CONTRACTS["unrealperson"].level_owns_people(GAME)
    assert not CONTRACTS["unrealperson"].level_owns_people(EMBEDDED)
    assert not CONTRACTS["person"].level_owns_people(GAME)


def test_engine_and_scene_must_fit():
    ours = scene()
    level = replace(ours, game=GameLevel("Town", "unrealperson", ("BP_Person_C",)))
    assert contract_of(EMBEDDED, ours).name == contract_of(GAME, level).name == "unrealperson"
    with pytest.raises(BadScene, match=r"is a level of a game; set engine\.kind: unreal"):
        contract_of(EMBEDDED, level)
    with pytest.raises(BadScene, match="is drawn by the embedded engine, not by a game"):
        contract_of(GAME, ours)
    with pytest.raises(BadScene, match=r"says contract unrealperson, engine\.contract is person"):
        contract_of(GAME.model_copy(update={"contract": "person"}), level)


def test_asking_a_contract_loads_nothing_that_talks_to_engines():
    code = (
        "import sys, synth_workers.contracts.registry; "
        "print(sorted({'unrealcv', 'moderngl', 'torch', 'prefect'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
