"""``kill -9`` of engine, worker and both while a build runs: nothing is lost, nothing doubled.

A few kills only; ``python -m benchmarks.kills`` does as many as it is asked for.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.tasks.render.killing import VICTIMS, Killer, build, small_recipe

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1200)]


def test_kills_at_random_moments_change_no_crop_and_leave_no_process(tmp_path: Path):
    recipe = small_recipe(people={"count": 6})
    calm = build(recipe, tmp_path / "calm", Killer(lambda: 0.0))
    rng = random.Random(20210621)
    killer = Killer(lambda: rng.uniform(0.2, 0.3 * calm.seconds), VICTIMS)
    struck = build(recipe, tmp_path / "struck", killer)
    assert struck.kills > 0
    assert struck.content_digest == calm.content_digest
    assert struck.crop_keys == calm.crop_keys and len(set(calm.crop_keys)) == 18
    assert struck.claims == calm.claims
    assert not struck.survivors and not calm.survivors
