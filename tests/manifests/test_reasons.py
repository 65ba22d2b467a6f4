"""Reasons of refusals: one word per fault, old stores stay readable, every word is explained."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from manifests.reasons import OF_FRAME, Refusal, counts_today, reason_today

ROOT = Path(__file__).parents[2]
PRODUCT = ("manifests", "synth_workers", "training", "tasks", "flows")


@pytest.mark.parametrize(
    ("stored", "today"),
    [
        ("corrupt", "undecodable"),
        ("frame:corrupt", "frame:undecodable"),
        ("size", "size-mismatch"),
        ("frame:size-mismatch", "frame:size-mismatch"),
        ("few-pixels", "few-pixels"),
        ("a word of another version", "a word of another version"),
    ],
)
def test_stored_reasons_are_read_in_todays_words(stored, today):
    assert reason_today(stored) == today


def test_counts_of_words_that_became_one_are_summed():
    stored = {"frame:corrupt": 2, "frame:undecodable": 1, "small": 4}
    assert counts_today(stored) == {"frame:undecodable": 3, "small": 4}


def refused_in(path: Path) -> list[ast.expr]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", "") == "FrameRefused"]
    return [word.value for call in named for word in call.keywords if word.arg == "reason"]


def test_every_frame_is_refused_in_a_word_of_the_vocabulary():
    paths = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    words = [word for path in paths for word in refused_in(path)]
    assert len(words) > 10
    assert not [word.value for word in words if isinstance(word, ast.Constant)]


def test_the_pages_explain_every_reason():
    pages = "".join((ROOT / "docs" / name).read_text() for name in ("workers.md", "annotation.md"))
    assert [word for word in Refusal if f"`{word}`" not in pages] == []
    assert f"`{OF_FRAME}`" in pages
