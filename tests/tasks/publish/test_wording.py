"""Words of others do nothing in our pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from manifests.dataset import Dataset
from tasks.publish.publish import publish_dataset
from tasks.publish.wording import as_text, fence
from tests.manifests.claimed_shards import claim_shards, recipe

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1)) ![x](data:text/html,1) <https://a.example>",
    "first\n\n# A heading\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "- a list",
    "1. a list",
    "name\n===",
    "*strong* __words__ `code` ~~gone~~ &lt;b&gt; \\",
    "```\nthe end of a fence",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_shown_as_they_are_and_do_nothing(words: str) -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).render(as_text(words))
    assert re.sub(r"<(?!/?p>)[^>]*>", "", page) == page, page
    shown = page.removeprefix("<p>").removesuffix("</p>\n")
    for name, sign in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("amp", "&")):
        shown = shown.replace(f"&{name};", sign)
    assert shown == " ".join(words.split())


def test_a_fence_is_longer_than_any_within() -> None:
    assert fence("plain") == "```" and fence("a ``` b") == "````" and fence("`````") == "``````"


def test_a_hostile_description_does_nothing_in_the_card(toy: Dataset, tmp_path: Path) -> None:
    asked = recipe(description=" ".join(HOSTILE))
    snapshot = publish_dataset(asked, toy, [], claim_shards(toy, tmp_path))
    card = toy.store.get(snapshot.files[0].key).decode()
    page = MarkdownIt("gfm-like", {"linkify": False}).render(card.split("---", 2)[2])
    assert "<script>" not in page and "javascript:" not in re.findall(
        r'(?:href|src)="([^"]*)', page
    )
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert links == ["examples.jpg"]
