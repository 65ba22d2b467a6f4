"""Tokens and forbidden commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import BadRecipe
from synth_workers.engine.access import Access, read_token

TOKEN = "a-token-of-some-length"


def test_nothing_is_answered_before_the_token_and_not_to_the_next_client():
    access = Access(TOKEN)
    answer = access.guard(lambda command: f"did {command}")
    assert str(answer("vget /objects")).startswith("error Not authenticated")
    assert answer("vset /unrealcv/auth guess") == "error Wrong token"
    assert answer(f"vset /unrealcv/auth {TOKEN}") == "ok"
    assert answer("vget /objects") == "did vget /objects"
    access.forget()
    assert str(answer("vget /objects")).startswith("error Not authenticated")


def test_forbidden_commands_are_refused_wherever_they_start():
    answer = Access(denied=["vrun", "/action/game/level"]).guard(lambda command: "done")
    assert answer("vget /objects") == "done"
    for command in ("vrun ce Pause", "xx vrun ce Pause", "vset /action/game/level plaza"):
        assert answer(command) == "error Command is not allowed by this server's policy"


@pytest.mark.parametrize("content", ["", "short", "with blanks in the middle of it"])
def test_weak_tokens_are_refused(tmp_path: Path, content: str):
    path = tmp_path / "token"
    path.write_text(content)
    with pytest.raises(BadRecipe, match="16 ASCII"):
        read_token(path)
    path.write_text(TOKEN + "\n")
    assert read_token(path) == TOKEN
    with pytest.raises(BadRecipe, match="cannot be read"):
        read_token(tmp_path / "nothing")
