"""A build whose processes are killed ends with the data set that an undisturbed one makes.

The short form of ``python -m benchmarks.chaos``, on the same real servers.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.farms.chaos import Chaos, run_chaos
from tests.farms.kills import Victim
from tests.servers import postgres, radosgw

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1800)]

KINDS = (Victim.build_flow, Victim.shard_flow, Victim.engine, Victim.gateway, Victim.server)


@pytest.fixture(autouse=True)
def servers() -> None:
    """Real servers; with ``REQUIRE_RADOSGW=1`` their absence is a failure, not a skip."""
    present = radosgw.installed() and postgres.installed()
    if not present and not os.environ.get("REQUIRE_RADOSGW"):
        pytest.skip("needs radosgw and PostgreSQL: tests/servers/install.sh")


def test_a_build_under_fire_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chaos = Chaos(
        overrides={"people.count": 4, "shards.people_per_shard": 2, "image.supersampling": 1.0},
        kinds=KINDS,
        kills=len(KINDS),
        seed=1,
        pause=(1.0, 2.5),
        patience_seconds=1200.0,
    )

    verdict = run_chaos(chaos, tmp_path)

    assert sum(verdict.kills.values()) == len(KINDS)
    assert (verdict.shards, verdict.lost, verdict.doubled) == (4, 0, 0)
    assert verdict.digest_equal
    assert verdict.orphans == []
    assert verdict.resumed >= 1
