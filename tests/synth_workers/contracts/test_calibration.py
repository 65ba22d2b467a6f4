"""Calibration proves every mask colour, with scenery before the cameras too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import pytest

from manifests.errors import BadScene
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.level import PersonLevel
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Deadlines, Session
from tests.synth_workers.planning.small_world import CAMERAS
from tests.synth_workers.worker.scripted_server import ScriptedServer
from tests.synth_workers.worker.toy_level import ToyLevel

PEOPLE, WIDTH, HEIGHT = 8, 320, 180
PATIENT = Deadlines(connect=60, status=60, setting=60, capture=60, level=60)


def wall(share: float) -> Callable[[np.ndarray], np.ndarray]:
    """Scenery before the left ``share`` of every picture."""

    def hide(image: np.ndarray) -> np.ndarray:
        hidden = image.copy()
        hidden[:, : round(image.shape[1] * share)] = 0
        return hidden

    return hide


@pytest.mark.parametrize(
    ("share", "outcome"),
    [
        (0.0, nullcontext()),
        (0.5, nullcontext()),  # nobody is in sight in all pictures, everybody in some
        (0.95, pytest.raises(BadScene, match=r"people are hidden or absent from the mask: P")),
    ],
)
def test_people_whom_scenery_hides_take_another_place(
    share: float, outcome: AbstractContextManager[object]
) -> None:
    toy = ToyLevel(spoil_lit=wall(share), spoil_mask=wall(share))
    with ScriptedServer(toy) as server, Session.connect(server.endpoint, PATIENT) as session:
        level = PersonLevel(session, WIDTH, HEIGHT, jpeg_quality=90, seed=5)
        level.load(range(PEOPLE), palette(PEOPLE), CAMERAS, "day")
        with outcome:
            calibrate(level, WIDTH, HEIGHT)


def test_shadows_of_people_whom_scenery_hides_do_not_count_as_another_view() -> None:
    """Before the first distance stands a wall, which gets bright where people hang behind it."""
    pictures = iter(["before the wall"] * 3)
    hide = wall(0.6)

    def lit(image: np.ndarray) -> np.ndarray:
        if next(pictures, None) is None:
            return image
        people = image.max(axis=2) != image.min(axis=2)
        changed = hide(image)
        changed[len(image) // 2 :] = 60  # of people who are seen, fog leaves the upper half
        if people.any():
            changed[:, : round(image.shape[1] * 0.6)] = 255
        return changed

    masks = iter(["before the wall"] * 2)
    toy = ToyLevel(spoil_lit=lit, spoil_mask=lambda mask: hide(mask) if next(masks, None) else mask)
    with ScriptedServer(toy) as server, Session.connect(server.endpoint, PATIENT) as session:
        level = PersonLevel(session, WIDTH, HEIGHT, jpeg_quality=90, seed=5)
        level.load(range(PEOPLE), palette(PEOPLE), CAMERAS, "day")
        calibrate(level, WIDTH, HEIGHT)
    assert next(pictures, None) is None and next(masks, None) is None
