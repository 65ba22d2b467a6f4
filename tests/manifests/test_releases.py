"""What earlier releases stored is still what their recipes ask for: nothing is rendered again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests import identity
from manifests.claims import claimed_ids
from manifests.dataset import Dataset
from manifests.identity import crop_id, render_id
from manifests.reader import open_snapshot
from manifests.recipes_io import load_recipe
from manifests.snapshots import Snapshot, find_snapshot
from manifests.stores import open_store
from synth_workers.scenes.library import SCENES_PATH_VARIABLE
from tasks.plan import planner
from tasks.publish import published
from tasks.publish.verify import verify

RELEASES = sorted((Path(__file__).parent / "releases").iterdir())


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def release(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> Path:
    """A copy of what a release was asked for and stored, in a scene of its own.

    Pixels and crops that later code makes otherwise are another matter: the versions of that code
    are those of the release here.
    """
    folder = shutil.copytree(request.param, tmp_path / "release")
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(folder / "scenes"))
    made = stored(folder).versions
    monkeypatch.setattr(planner, "ENGINE_VERSION", made["engine"])
    monkeypatch.setattr(published, "ENGINE_VERSION", made["engine"])
    for module, name, kind in (
        (planner, "DATA_VERSION", "data"),
        (published, "DATA_VERSION", "data"),
        (published, "ANNOTATION_VERSION", "annotation"),
        (identity, "ANNOTATION_VERSION", "annotation"),
    ):
        monkeypatch.setattr(module, name, int(made[kind]))
    return folder


def dataset_of(release: Path) -> Dataset:
    return Dataset("stored", open_store(release / "store"))


def stored(release: Path) -> Snapshot:
    return find_snapshot(dataset_of(release))


def test_building_it_again_has_nothing_to_do(release: Path) -> None:
    words = ["build", "--recipe", str(release / "recipe.yaml"), "--store", str(release / "store")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "Nothing to do" in done.output
    assert stored(release).content_digest in done.output


def test_growing_it_renders_only_the_new_people(release: Path) -> None:
    grown = load_recipe(release / "recipe.yaml", overrides={"people.count": 4})
    claimed = set(claimed_ids(dataset_of(release), "crops"))

    ids = {crop_id(render_id(s), grown.annotation): s for s in planner.plan_build(grown).shards}

    assert claimed and claimed < ids.keys()
    for identity_, shard in ids.items():
        group = {0, 1} if identity_ in claimed else {2, 3}
        assert {person.index for person in shard.people} == group


def test_it_verifies(release: Path) -> None:
    verify(open_snapshot(dataset_of(release))).raise_if_broken()
