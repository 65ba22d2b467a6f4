"""The scene contracts there are, and which one drives a scene."""

from __future__ import annotations

from manifests.engine_request import EngineRequest
from manifests.errors import BadScene
from synth_workers.contracts.base import SceneContract
from synth_workers.scenes.description import SceneDescription

# The worker places everybody, at every instant: people have the only colours of a mask, and every
# frame is planned.
_PERSON = SceneContract("person", foreign_colours="refuse")
# The level walks its people, the worker looks at them: every actor has a mask colour.
_UNREALPERSON = SceneContract(
    "unrealperson",
    foreign_colours="background",
    games_own_people=True,
    no_replay="frames of the contract unrealperson cannot be rendered again: the level moves its "
    "people by itself, no two captures of it are the same",
)
CONTRACTS = {contract.name: contract for contract in (_PERSON, _UNREALPERSON)}
"""By the name that recipes and level manifests call it."""


def contract_of(engine: EngineRequest, scene: SceneDescription) -> SceneContract:
    """The contract by which ``engine`` drives ``scene``; ``BadScene`` if the two do not fit."""
    level = scene.game
    if engine.game is None and level is not None:
        raise BadScene(
            f"scenes.{scene.name}: is a level of a game; set engine.kind: unreal with the game's "
            "name and build"
        )
    if engine.game is not None and level is None:
        raise BadScene(
            f"scenes.{scene.name}: is drawn by the embedded engine, not by a game; name a scene "
            "that has a level manifest, or set engine.kind: embedded"
        )
    if level is not None and level.contract != engine.contract:
        raise BadScene(
            f"scenes.{scene.name}: its manifest says contract {level.contract}, engine.contract "
            f"is {engine.contract}; they must agree"
        )
    return CONTRACTS[engine.contract]
