"""What may be matched: crops of upright people, by several cameras, of whom nobody is tested."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from manifests.errors import BadRecipe, CorruptData, NotFound
from tasks.match.photographs import open_photographs
from tasks.match.plausible import why_no_person
from tasks.match.tested import refuse_tested
from tests.tasks.match.pictures import LOOKS, person, write_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("crops") / "mine")


def write_list(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, [*rows[0]])
        out.writeheader()
        out.writerows(rows)
    return path


def rows_of(folder: Path, **more: str) -> list[dict[str, str]]:
    paths = sorted(folder.rglob("*.png"))
    return [
        {"path": str(path.relative_to(folder)), "camera": path.parent.name, **more}
        for path in paths
    ]


def test_cameras_are_sub_folders_or_a_column(folder: Path, tmp_path: Path):
    found = open_photographs(folder)
    assert found.cameras == [*LOOKS] and len(found.side.camera) == 60 and not found.left_out
    listed = open_photographs(write_list(tmp_path / "mine.csv", rows_of(folder)), folder)
    assert listed.digest() == found.digest()
    renamed = [{**row, "camera": "x" + row["camera"]} for row in rows_of(folder)]
    other = open_photographs(write_list(tmp_path / "other.csv", renamed), folder)
    assert other.digest() != found.digest()


def test_a_few_bad_pictures_are_left_out_and_named(folder: Path, tmp_path: Path):
    mine = write_folder(tmp_path / "mine")
    (mine / "gate" / "000.png").write_bytes(b"no picture")
    cv2.imwrite(str(mine / "hall" / "000.png"), person(1, 40, 60))
    found = open_photographs(mine)
    assert found.left_out == {"cannot be read": 1, "not upright": 1}
    assert len(found.side.camera) == 58


def test_pictures_that_are_no_people_are_known_by_size_shape_and_plainness():
    screen = np.full((300, 150, 3), 240, np.uint8)
    screen[::40, ::7] = 30
    assert why_no_person(person(1)) is None
    assert why_no_person(person(1, 24, 12)) == "smaller than 12x32 pixels"
    assert why_no_person(person(1, 60, 80)) == "not upright"
    assert why_no_person(person(1, 140, 16)) == "narrower than people are"
    assert why_no_person(np.full((128, 64, 3), 90, np.uint8)) == "of one colour"
    assert why_no_person(screen) == "drawn or a screenshot"


def test_what_cannot_be_matched_is_refused_in_words(folder: Path, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NotFound, match="no pictures below it"):
        open_photographs(empty)
    with pytest.raises(NotFound, match="no such folder"):
        open_photographs(tmp_path / "nowhere")
    with pytest.raises(BadRecipe, match="all 30 pictures are of the camera 'gate'"):
        open_photographs(folder / "gate")
    few = write_folder(tmp_path / "few", each=12)
    with pytest.raises(BadRecipe, match="too few usable crops"):
        open_photographs(few)
    lying = write_folder(tmp_path / "lying", each=30)
    for path in sorted(lying.rglob("*.png"))[::2]:
        cv2.imwrite(str(path), person(1, 50, 120))
    told = r"30 of 60 pictures are no crops .* \(30 not upright\), e\.g\. gate/"
    with pytest.raises(BadRecipe, match=told):
        open_photographs(lying)
    with pytest.raises(CorruptData, match="has no column camera"):
        open_photographs(write_list(tmp_path / "bare.csv", [{"path": "a.png"}]))
    with pytest.raises(CorruptData, match="there is no file"):
        rows = [{"path": "gone.png", "camera": "gate"}]
        open_photographs(write_list(tmp_path / "gone.csv", rows))


def test_people_who_are_tested_are_refused_by_role_and_by_content(folder: Path, tmp_path: Path):
    tested = [
        {**row, "person": str(number // 2), "role": "query" if number % 2 else "gallery"}
        for number, row in enumerate(rows_of(folder)[:20])
    ]
    with pytest.raises(BadRecipe, match=r"20 of its 20 pictures are there to be tested on"):
        open_photographs(write_list(tmp_path / "tested.csv", tested), folder)

    # Under other names, in another place.
    target = tmp_path / "target"
    target.mkdir()
    for number, row in enumerate(tested):
        row["path"], source = f"{number}.png", folder / row["path"]
        (target / row["path"]).write_bytes(source.read_bytes())
    listed = write_list(target / "test.csv", tested)
    found = open_photographs(folder)
    with pytest.raises(BadRecipe, match=r"20 of its 60 pictures are test pictures of test"):
        refuse_tested(found, [listed])
    declared = tmp_path / "targets.yaml"
    declared.write_text(f"mall: {{list: {listed}}}\n")
    with pytest.raises(BadRecipe, match="test pictures of mall"):
        refuse_tested(found, [declared])
    refuse_tested(open_photographs(write_folder(tmp_path / "others", each=25)), [])
    with pytest.raises(NotFound, match="--not-test"):
        refuse_tested(found, [tmp_path / "gone.csv"])
