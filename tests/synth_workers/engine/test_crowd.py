"""Crowd files: what a process may be told about the people it can show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manifests.errors import BadRecipe, CorruptData, MissingRequirement, NotFound
from synth_workers.engine.crowd import Crowd, load_crowd
from synth_workers.people.cache import PeopleCache
from tests.synth_workers.engine.stand_ins import box_person

DIGEST = "0123456789abcdef" * 2


def write(path: Path, root: Path, **changes: object) -> Path:
    member = {"person_id": "1-000000", "digest": DIGEST}
    content = {"version": 1, "root": str(root), "people": [member], **changes}
    path.write_text(json.dumps(content))
    return path


def test_a_crowd_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(NotFound, match=r"nowhere\.json"):
        load_crowd(tmp_path / "nowhere.json")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\udcff"])
def test_a_crowd_file_that_is_not_one(tmp_path: Path, text: str):
    path = tmp_path / "crowd.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadRecipe, match=r"crowd\.json"):
        load_crowd(path)


def test_a_crowd_file_of_another_version(tmp_path: Path):
    with pytest.raises(BadRecipe, match="version 2"):
        load_crowd(write(tmp_path / "crowd.json", tmp_path, version=2))


def test_people_who_are_not_built_are_named(tmp_path: Path):
    with pytest.raises(MissingRequirement, match="1-000000"):
        load_crowd(write(tmp_path / "crowd.json", tmp_path))


def test_a_built_person_that_cannot_be_read_is_corrupt_data(tmp_path: Path):
    broken = PeopleCache(tmp_path).path(DIGEST)
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"not an archive")
    crowd = load_crowd(write(tmp_path / "crowd.json", tmp_path))
    with pytest.raises(CorruptData, match=DIGEST):
        crowd.appearance(0)


def test_appearances_are_loaded_once_and_numbers_are_checked():
    loads: list[str] = []

    def load(key: str):
        loads.append(key)
        return box_person(0)

    crowd = Crowd(["a", "b"], load)
    assert crowd.appearance(1).person is crowd.appearance(1).person
    assert loads == ["b"]
    for number in (-1, 2):
        with pytest.raises(NotFound, match="this crowd has 2"):
            crowd.appearance(number)
