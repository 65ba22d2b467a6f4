"""Figures that were measured stand in a section that names the command which prints them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES

_MEASURED = re.compile(
    r"\d\s?(?:CPU-s\b|CPU-seconds|CPU-hours|ms of CPU|µs|us\b|MB extra|(?:images|/)/?CPU-s)"
    r"|rank-1[^.\n]*\d\.\d|\bmAP[^.\n]*0\.\d"
)
_COMMAND = re.compile(
    r"python\s+-m\s+benchmarks\.\w+|python\s+-m\s+(?:tests\.)?docs\.\w+"
    r"|unrealperson (?:plan|cost|reproduce|transfer|demo)|make demo"
)


def sections(page: Path) -> dict[str, str]:
    """The second-level sections of a page by their headings."""
    parts = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.partition("\n")[0]: part for part in parts}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_section_with_figures_names_their_command(page: Path) -> None:
    unnamed = {
        heading: found[0]
        for heading, text in sections(page).items()
        if (found := _MEASURED.search(text)) and not _COMMAND.search(text)
    }
    assert unnamed == {}
