"""Recipes and scenes that pages show are accepted as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from manifests.people import PeopleRecipe
from manifests.recipes_io import parse_recipe
from synth_workers.scenes.library import load_scene
from tests.docs.pages import PAGES, fenced


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_a_page_are_good_ones(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREALPERSON_SCENES", str(tmp_path))
    for language, content in fenced(page.read_text(encoding="utf-8")):
        shown = yaml.safe_load(content) if language == "yaml" else {}
        if "pieces" in shown:
            (tmp_path / f"{shown['name']}.yaml").write_text(content)
            load_scene(shown["name"])
        elif {"name", "people", "scenes"} <= set(shown):
            parse_recipe(content)
        elif "people" in shown:
            PeopleRecipe.model_validate(shown["people"])
