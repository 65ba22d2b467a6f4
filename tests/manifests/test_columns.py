"""Every published column is explained."""

from __future__ import annotations

from manifests.schema import DESCRIPTIONS, MANIFEST, TRACKLET_DESCRIPTIONS, TRACKLETS


def test_every_column_has_a_meaning_in_the_order_of_the_schema() -> None:
    assert list(DESCRIPTIONS) == MANIFEST.names


def test_every_column_of_tracklets_has_a_meaning_in_the_order_of_the_schema() -> None:
    assert list(TRACKLET_DESCRIPTIONS) == TRACKLETS.names
