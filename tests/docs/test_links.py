"""Links, files, variables and imports that the pages name exist, and no page is lost."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from manifests.environment import Environment, variable
from tests.docs.pages import PAGES, ROOT, fenced, prose, spans
from tests.docs.parsing import OUR_PACKAGES

INDEX = ROOT / "docs" / "README.md"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
WITHOUT_LINKS = {
    *("data.md", "full_build.md", "reference_commands.md", "training.md"),
    *("ue4_published_level.md", "workers.md"),
}
"""Pages that lead nowhere else: on all others, no link found means that the search is broken."""

_FILE = re.compile(rf"(?:{'|'.join((*OUR_PACKAGES, 'docs'))})/[\w./*-]+")
_VARIABLE = re.compile(r"UNREALPERSON_[A-Z_]+")

by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def local_links(page: Path) -> list[str]:
    links = _LINK.findall(prose(page.read_text(encoding="utf-8")))
    return [link for link in links if not link.startswith(("http:", "https:"))]


def anchors(page: Path) -> set[str]:
    """Headings as links name them."""
    headings = re.findall(r"^#+ (.*)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def variables() -> set[str]:
    """What the code and the files of a farm read from the environment."""
    return set(map(variable, Environment.model_fields)) | {
        name
        for folder in OUR_PACKAGES[:-1]
        for suffix in ("py", "env", "sh", "yaml", "service")
        for file in (ROOT / folder).rglob(f"*.{suffix}")
        for name in _VARIABLE.findall(file.read_text(encoding="utf-8"))
    }


@by_name
def test_links_lead_somewhere(page: Path) -> None:
    links, broken = local_links(page), []
    assert links or page.name in WITHOUT_LINKS
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@by_name
def test_files_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    said = [*spans(text), *(content for language, content in fenced(text) if language == "console")]
    named = {found.rstrip(".") for part in said for found in _FILE.findall(part)}
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []


@by_name
def test_variables_that_are_named_are_read(page: Path) -> None:
    assert set(_VARIABLE.findall(page.read_text(encoding="utf-8"))) - variables() == set()


def imported_names() -> Iterator[tuple[str, str, str]]:
    """Page, module and name (empty: the module itself) of every import in an example."""
    for page in PAGES:
        for language, content in fenced(page.read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse(content)) if language == "python" else ():
                if isinstance(node, ast.ImportFrom):
                    yield from ((page.name, node.module or "", each.name) for each in node.names)
                elif isinstance(node, ast.Import):
                    yield from ((page.name, each.name, "") for each in node.names)


@pytest.mark.parametrize(("page", "module", "name"), sorted(set(imported_names())))
def test_imports_of_examples_work(page: str, module: str, name: str) -> None:
    found = importlib.import_module(module)
    assert not name or hasattr(found, name), f"{page} imports {name} from {module}"


def test_the_index_lists_every_page() -> None:
    listed = {(INDEX.parent / link.partition("#")[0]).resolve() for link in local_links(INDEX)}
    lost = [page.name for page in sorted(set(PAGES[2:]) - listed - {INDEX})]
    assert lost == [], "say in docs/README.md what they are for"
