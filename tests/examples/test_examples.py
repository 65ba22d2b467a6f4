"""The example scripts are short and use the front door; ``tests.integration`` runs them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path("examples").resolve()
SCRIPTS = sorted(FOLDER.glob("*.py"))
ROOMS = {"manifests", "synth_workers", "training", "tasks", "flows", "infra"}


def test_every_example_is_listed():
    assert len(SCRIPTS) >= 5
    page = (FOLDER / "README.md").read_text()
    assert [script.name for script in SCRIPTS if f"`{script.name}`" not in page] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_examples_are_short_and_use_the_front_door_alone(script: Path):
    text = script.read_text()
    assert len(text.splitlines()) < 40
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
        )
    }
    assert "unrealperson" in imported and not imported & ROOMS
