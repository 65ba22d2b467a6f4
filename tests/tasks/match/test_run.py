"""A whole match: photographs in, an ordinary recipe and a report out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import BadRecipe, EngineLost
from manifests.identity import render_id
from manifests.people import PeopleRecipe
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec
from tasks.match import bases, probe, run
from tasks.match.asked import Asked, name_for
from tasks.match.bases import check_base
from tasks.match.photographs import open_photographs
from tasks.match.run import ALL_CROPS, FIGURES, OUR_CROPS, PAGE, WEB_PAGE, match
from tasks.plan.planner import plan_build
from tasks.render.shard import FrameBundle, render_shard
from tests.tasks.match.pictures import write_folder

pytestmark = [pytest.mark.integration, pytest.mark.slow]

BASE = load_recipe(
    "demo",
    overrides={
        "people": {"count": 3},
        "scenes": [{"name": "street", "cameras": "demo"}],
        "images_per_person": 4,
        "image": {"width": 480, "height": 270, "supersampling": 1.0},
        "capture": {"min_person_height": 45},
        "annotation": {"min_height": 40, "min_visible_pixels": 200},
        "shards": {"people_per_shard": 3, "frames_per_shard": 8},
    },
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = tmp_path_factory.mktemp("match")
    seen = open_photographs(write_folder(folder / "mall"))
    return Asked(seen, BASE, folder / "My mall.yaml", folder / "report")


def never(*_: object) -> None:
    raise EngineLost("killed here")


@pytest.fixture(scope="module")
def text(asked: Asked) -> str:
    """The recipe, written by a second run after one that was killed behind its first probe."""
    rendered: list[str] = []

    def noted(shard: ShardSpec, people: PeopleRecipe, folder: Path) -> FrameBundle:
        rendered.append(render_id(shard))
        return render_shard(shard, people, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bases, "IMAGES_PER_PERSON", 4)
        patch.setattr(run, "DRAWN", 15)
        patch.setattr(probe, "render_shard", noted)
        with pytest.MonkeyPatch.context() as killing:
            killing.setattr(run, "fit_looks", never)
            with pytest.raises(EngineLost):
                match(asked)
        assert not asked.output.exists() and not asked.is_done()
        match(asked)
    assert len(rendered) == len(set(rendered)) >= 1
    return asked.output.read_text()


def test_the_recipe_is_an_ordinary_one_with_reasons(asked: Asked, text: str):
    recipe = load_recipe(asked.output)
    assert recipe.name == "my-mall" and recipe.people.count == 3
    assert len(recipe.annotation.looks) == 2
    assert plan_build(recipe).shards
    assert "# gate: luminance" in text and "# was none, is 2 of them" in text


def test_the_report_shows_before_photographs_and_after(asked: Asked, text: str):
    figures = json.loads((asked.folder / FIGURES).read_text())
    assert figures["distance"]["after"] < figures["distance"]["before"]
    assert figures["cpu_seconds"]["before"] > 0
    assert sorted(figures["cameras"]["photographs"]) == ["gate", "hall"]
    page, web = ((asked.folder / name).read_text() for name in (PAGE, WEB_PAGE))
    assert "| annotation.looks | was none, is 2 of them |" in page
    assert "<td>annotation.looks</td>" in web
    # People who are not ours stay in a file of this machine.
    assert (asked.folder / ALL_CROPS).is_file()
    assert OUR_CROPS in page and ALL_CROPS not in page + web
    assert str(asked.folder) not in page + web + text


def test_what_is_done_is_not_done_again_and_nobodys_file_is_overwritten(asked: Asked, text: str):
    assert asked.is_done()
    assert not replace(asked, seed=1).is_done()
    asked.output.write_text(text + "# mine\n")
    with pytest.raises(BadRecipe, match=r"exists, and is not what was written here last"):
        asked.is_done()
    asked.output.write_text(text)


def test_recipes_that_cannot_be_matched_are_refused(asked: Asked, text: str):
    with pytest.raises(BadRecipe, match="rendered by a game"):
        check_base(load_recipe("published-level"))
    with pytest.raises(BadRecipe, match="has looks already"):
        check_base(load_recipe(asked.output))
    with pytest.raises(BadRecipe, match="which have no looks"):
        check_base(load_recipe("unreal", {"annotation": {"rules": "unrealperson"}}))


def test_files_that_nobody_would_build_from_are_refused(tmp_path: Path):
    (tmp_path / "folder.yaml").mkdir()
    for name in ("mine.txt", "mine", "folder.yaml"):
        with pytest.raises(BadRecipe, match=r"ending in \.yaml"):
            name_for(tmp_path / name)
    assert name_for(tmp_path / "My crops.yml") == "my-crops"
