"""One engine draws one level after the other and keeps nothing of those before."""

from __future__ import annotations

import gc
import weakref

from synth_workers.engine.commands import register_all
from synth_workers.engine.dialects import SUPERSET
from synth_workers.engine.engine import Engine, EngineSettings
from tests.synth_workers.engine.stand_ins import box_crowd, box_level


def test_a_level_that_was_left_is_gone_and_the_next_is_drawn() -> None:
    settings = EngineSettings(64, 48, device="cpu")
    engine = Engine(box_level, "yard", box_crowd(1), settings, SUPERSET)
    register_all(engine)
    try:
        pictures = []
        for name in ("court", "yard"):
            scenery = weakref.ref(engine.renderer._scenery)  # pyright: ignore[reportPrivateUsage]
            geometry = weakref.ref(engine.level.geometry)
            engine.execute("vget /camera/0/lit png")
            assert engine.execute(f"vset /action/game/level {name}") == "ok"
            gc.collect()
            assert scenery() is None and geometry() is None
            pictures.append(engine.execute("vget /camera/0/lit png"))
        assert pictures[0] == pictures[1]
    finally:
        engine.close()
