"""What changed between snapshots, what is in one, and where a crop came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.identity import digest, render_id
from manifests.reader import open_snapshot
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot, commit_snapshot
from tasks.publish.compare import diff_snapshots
from tasks.publish.inspection import inspect, trace
from tasks.publish.publish import publish_dataset
from tests.manifests.claimed_shards import claim_rows, claim_shards, crop_row, recipe
from tests.manifests.test_identity import SHARD


def test_the_same_data_is_the_same(toy: Dataset, published: Snapshot) -> None:
    diff = diff_snapshots(toy, 1, 1)
    assert diff.same and "the same data" in str(diff)


def test_more_people_and_images_are_counted(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    claims = claim_shards(toy, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    claims |= claim_shards(toy, tmp_path, people=range(20, 24))
    publish_dataset(recipe(people=24, images=8), toy, [], claims)
    diff = diff_snapshots(toy, 1, 2)
    assert diff.added_people == (20, 21, 22, 23) and diff.removed_people == ()
    assert (diff.kept_crops, diff.added_crops, diff.removed_crops) == (120, 24 * 8 - 120, 0)
    assert "-  count: 20" in diff.recipe and "+  count: 24" in diff.recipe
    assert "added: 4 (20, 21, 22, 23)" in str(diff)
    back = diff_snapshots(toy, 2, 1)
    assert (back.removed_crops, back.removed_people) == (diff.added_crops, diff.added_people)


def test_another_split_moves_people(toy: Dataset, published: Snapshot, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    wanted = recipe(splits={"test_share": 0.5})
    second = publish_dataset(wanted, toy, [], claims)
    diff = diff_snapshots(toy, 1, 2)
    assert diff.kept_crops == 120 and diff.added_crops == 0
    assert len(diff.moved) == second.people_by_split["test"] - 5
    assert diff.changed_roles == len(diff.moved) * 6


def test_an_inspection_shows_all_snapshots_and_the_newest_in_full(
    toy: Dataset, published: Snapshot
) -> None:
    commit_snapshot(toy, published.model_copy(update={"content_digest": "f" * 64}))
    text = str(inspect(toy))
    for words in ("snapshot 1", "snapshot 2", "20 people", "120 crops", "llvmpipe", "street_c01"):
        assert words in text
    with pytest.raises(NotFound, match="no published data set"):
        inspect(Dataset("other", toy.store))


def test_a_crop_is_traced_to_the_shard_that_made_it(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    row = crop_row(0, "street", "street_c01", 99, render_id=render_id(SHARD))
    made = claim_rows(toy, "traced", [row], tmp_path)
    plan = BuildPlan(recipe_digest=digest("x"), round=0, shards=(SHARD,))
    wanted = recipe(images=13, on_shortfall="drop_person")
    publish_dataset(wanted, toy, [plan], {**claims, made.id: made})
    found = trace(open_snapshot(toy), row["crop_key"])
    assert found.shard == SHARD
    assert "seed 5" in str(found) and "street_c01" in str(found)
    other = next(
        key
        for key in open_snapshot(toy).table(["crop_key"])["crop_key"].to_pylist()
        if key != row["crop_key"]
    )
    assert trace(open_snapshot(toy), other).shard is None
    with pytest.raises(NotFound, match="no crop"):
        trace(open_snapshot(toy), "nonsense")
