"""A tiny set in worlds, from the recipe to what is published: two of four worlds held out."""

from __future__ import annotations

from pathlib import Path

from flows.executors.processes import LocalProcesses
from manifests.dataset import Dataset
from manifests.places import Places
from manifests.reader import open_snapshot
from manifests.recipes_io import load_recipe
from manifests.stores import open_store
from tasks.plan.planner import plan_build
from tasks.publish.publish import publish_dataset
from tasks.render.jobs import BuildPlace, run_people, run_shard

RECIPE = load_recipe(
    "tiny",
    {
        "people": {"count": 4, "look_alikes": 0.0},
        "shards.people_per_shard": 2,
        "images_per_person": 2,
        "scenes": [
            {"of": ["plaza", "corridor"], "worlds": 4, "worlds_per_group": 1,
             "cameras_per_world": 3}
        ],
        "splits": {"worlds": 0.5, "test_share": 0.5},
        "image": {"width": 640, "height": 360},
        "capture": {"min_person_height": 60, "oversample": 2.0},
        "annotation": {"min_height": 48, "min_visible_pixels": 300},
        "on_shortfall": "drop_person",
    },
)  # fmt: skip


def test_people_are_tested_in_worlds_that_nobody_else_has_been_in(tmp_path: Path) -> None:
    dataset = Dataset(RECIPE.name, open_store(tmp_path / "store"))
    place = BuildPlace(dataset, tmp_path / "work")
    plan = plan_build(RECIPE)
    with LocalProcesses() as processes:
        run_people([0, 1, 2, 3], RECIPE, place, processes, lambda _: None)
        made = [run_shard(s, RECIPE, place, processes, lambda _: None) for s in plan.shards]
    snapshot = publish_dataset(RECIPE, dataset, [plan], {claim.id: claim for claim in made})
    rows = open_snapshot(dataset).table(["split", "scene", "person_id"]).to_pylist()
    assert {row["split"] for row in rows} == {"train", "test"}
    for row in rows:
        assert (row["scene"] in Places(RECIPE).held_out) == (row["split"] == "test")
    assert {f"scene {row['scene']}" for row in rows} <= snapshot.versions.keys()
