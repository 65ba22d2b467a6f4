"""Every command that a page tells people to type exists and takes the words it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, Command, commands
from tests.docs.parsing import complaint


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_can_be_typed(page: Path) -> None:
    complaints = {str(command): complaint(command) for command in commands(page)}
    assert {command: why for command, why in complaints.items() if why} == {}


@pytest.mark.parametrize(
    "words",
    [
        ("unrealperson", "bild"),
        ("unrealperson", "build", "--receipt", "demo"),
        ("unrealperson", "diff", "demo", "one", "two"),
        ("python", "-m", "benchmarks.nobody"),
        ("python", "-m", "benchmarks.people", "--peopel", "3"),
        ("python", "docs/make_nothing.py"),
        ("make", "coffee"),
        ("unrealpersn", "demo"),
        ("unrealperson", "build", "--recipe", "street"),
        ("unrealperson", "build", "--variant", "fog"),
        ("unrealperson", "build", "--set", "people.cuont=3"),
        ("unrealperson", "plan", "--recipe", "examples/nothing.yaml"),
        ("unrealperson", "train", "demo", "--training", "swift"),
        ("unrealperson", "adapt", "nobodys", "--to", "market1501", "--root", "."),
        ("unrealperson", "adapt", "demo", "--to", "market1051", "--root", "."),
        ("unrealperson", "transfer", "market1051:.", "--target", "lab.csv"),
        ("unrealperson", "evaluate", "--model", "m", "--target", "nobodys.csv", "--root", "."),
        ("unrealperson", "reproduce", "table9"),
        ("unrealperson", "scene", "show", "market"),
        ("unrealperson", "scene", "sample", "campsite"),
        ("unrealperson", "verify", "nobodys"),
        ("unrealperson", "export", "demo", "--format", "voc", "--output", "x"),
        ("python", "-m", "tasks.train", "--training", "swift", "--folder", "x"),
    ],
    ids=" ".join,
)
def test_what_does_not_exist_is_noticed(words: tuple[str, ...]) -> None:
    assert complaint(Command("README.md", words, whole=True))
