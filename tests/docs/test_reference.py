"""The reference pages say what the code does now, of every field and every command."""

from __future__ import annotations

import pytest

from manifests.recipe import Recipe
from tests.docs.pages import ROOT
from tests.docs.parsing import load_script
from training.adaptation.config import AdaptationConfig
from training.config import TrainingConfig

REFERENCE = load_script(ROOT / "docs" / "make_reference.py")


@pytest.mark.parametrize("name", REFERENCE.PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    written = (REFERENCE.FOLDER / name).read_text(encoding="utf-8")
    assert written == REFERENCE.PAGES[name](), "run python -m docs.make_reference and commit"


@pytest.mark.parametrize("root", [Recipe, TrainingConfig, AdaptationConfig])
def test_every_field_is_explained(root: type) -> None:
    unexplained = [
        f"{model.__name__}.{name}"
        for model in REFERENCE.models(root)
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert unexplained == []
