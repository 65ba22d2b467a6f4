"""The page of third-party notices names every package that we ask for."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs.make_notices import EXTRAS, PAGE, licence
from tests.docs.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED = [
    *PROJECT["dependencies"],
    *(text for extra in EXTRAS for text in PROJECT["optional-dependencies"][extra]),
]
LISTED = {
    str(canonicalize_name(name)): words
    for name, words in re.findall(r"^\| \[(.+?)\].*? \| (.+) \| .+ \|$", PAGE.read_text(), re.M)
}


@pytest.mark.parametrize(
    "name", sorted({str(canonicalize_name(Requirement(a).name)) for a in ASKED})
)
def test_what_we_ask_for_is_listed_with_its_licence(name: str) -> None:
    assert LISTED.get(name) == licence(distribution(name))


def test_no_licence_is_unknown() -> None:
    assert "see the package" not in LISTED.values()
    assert len(LISTED) > 100
