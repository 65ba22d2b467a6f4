"""Every published column is explained."""

from __future__ import annotations

from manifests.columns import DESCRIPTIONS
from manifests.schema import MANIFEST


def test_every_column_has_a_meaning_in_the_order_of_the_schema() -> None:
    assert list(DESCRIPTIONS) == MANIFEST.names
