"""UnrealCV's commands, one file per family; each has ``register(engine)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synth_workers.engine.commands import blueprint, camera, capture, game, objects, unrealcv

if TYPE_CHECKING:
    from synth_workers.engine.engine import Engine


def register_all(engine: Engine) -> None:
    """Fill the engine's dispatcher."""
    for family in (unrealcv, objects, capture, camera, game, blueprint):
        family.register(engine)
