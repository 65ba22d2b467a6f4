"""Folders of exported people and their list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from synth_workers.people.export.exporter import ExportOptions
from synth_workers.people.export.people import export_people, parse_indices
from synth_workers.people.looks.sampling import sample_people
from tests.synth_workers.people.export.gltf_reader import read_gltf

SMALL = ExportOptions(level=3, texture_size=256)


def test_the_list_names_every_file_and_its_clips(tmp_path: Path) -> None:
    recipe, told = PeopleRecipe(count=8), []
    path = export_people(
        recipe, 3, [5, 2], tmp_path / "out", SMALL, lambda *progress: told.append(progress)
    )
    content = json.loads(path.read_text())
    assert told == [(1, 2), (2, 2)]
    assert [person["index"] for person in content["people"]] == [5, 2]
    for person, spec in zip(content["people"], sample_people(recipe, 3, [5, 2]), strict=True):
        file = read_gltf(path.parent / person["file"])
        assert person["spec"] == spec.digest()
        assert person["garments"] == [garment.name for garment in spec.garments]
        for clip in person["animations"]:
            assert file.clips[clip["name"]][0] == pytest.approx(clip["seconds"], abs=1e-5)
            assert (clip["metres_per_cycle"] > 0.5) == clip["name"].startswith("walk_")
        assert sorted(use for clip in person["animations"] for use in clip["own"]) == [
            "idle",
            "walk",
        ]
    assert {entry.name for entry in path.parent.iterdir()} == {
        "people.json",
        *(person["file"] for person in content["people"]),
    }


def test_makehuman_models_are_listed_too(tmp_path: Path) -> None:
    options = ExportOptions(format="mhm")
    path = export_people(PeopleRecipe(count=8), 3, [0], tmp_path / "out", options)
    (person,) = json.loads(path.read_text())["people"]
    assert (path.parent / person["file"]).read_text().startswith(f"# {person['person_id']}")


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(BadRecipe, match="not empty"):
        export_people(PeopleRecipe(count=8), 3, [0], tmp_path, SMALL)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"level": 4}, "--level"), ({"texture_size": 1000}, "--texture")],
)
def test_impossible_options_are_refused(options: dict, message: str) -> None:
    with pytest.raises(BadRecipe, match=message):
        ExportOptions(**options)


def test_indices_are_numbers_and_ranges() -> None:
    assert parse_indices("0,4, 10-12,4") == [0, 4, 10, 11, 12]


@pytest.mark.parametrize("text", ["", "a", "3-1", "1,,2", "-3", "1-2-3"])
def test_other_indices_are_refused(text: str) -> None:
    with pytest.raises(BadRecipe, match="--indices"):
        parse_indices(text)
