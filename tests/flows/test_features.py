"""Features of a folder, and who in it looks like somebody, as people type it and call it."""

from __future__ import annotations

from pathlib import Path

import pytest

import unrealperson as up
from manifests.errors import BadRecipe
from tests.flows.typed import run_cli
from tests.training.small_model import save_small_model
from tests.training.striped_people import StripedReader


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mine")
    reader = StripedReader(people=5, cameras=1, test_people=0)
    for number, data in enumerate(reader.images()):
        (folder / f"{number}.jpg").write_bytes(data)
    (folder / "bad.jpg").write_bytes(b"nothing")
    return folder


def test_a_folder_is_embedded_and_searched(folder: Path, model: Path, tmp_path: Path) -> None:
    features, page = tmp_path / "f.parquet", tmp_path / "page.html"
    query = folder / "3.jpg"

    typed = run_cli("embed", str(folder), "--model", str(model), "-o", str(features))
    found = run_cli("search", "-q", str(query), "--in", str(features), "-o", str(page))

    assert typed.returncode == 0, typed.stderr
    assert "10 of 1 cameras" in typed.stdout and "Skipped: 1 pictures" in typed.stdout
    assert "skipped: image bad.jpg" in typed.stderr
    listed = (tmp_path / "f.skipped.csv").read_text().splitlines()
    assert listed[0] == "key,reason" and listed[1].startswith("bad.jpg,")
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[:2] == [str(query), "  1.000  3.jpg"]
    assert page.read_text().count("data:image/jpeg;base64,") == 11


def test_unreadable_pictures_are_refused(folder: Path, model: Path, tmp_path: Path) -> None:
    words = ("embed", str(folder), "--model", str(model), "--unreadable", "refuse")
    typed = run_cli(*words, "-o", str(tmp_path / "f.parquet"))

    assert typed.returncode == 43
    assert "bad.jpg" in typed.stderr


def test_the_same_in_python(folder: Path, model: Path, tmp_path: Path) -> None:
    features = tmp_path / "f.parquet"

    done = up.embed(folder, up.Model.load(model), features)
    hits = up.search([folder / "3.jpg"], features, most=2, page=tmp_path / "page.html")

    assert (done.rows, list(done.skipped)) == (10, ["bad.jpg"])
    assert hits[0][0].key == "3.jpg" and len(hits[0]) == 2
    assert (tmp_path / "page.html").is_file()
    with pytest.raises(BadRecipe, match=r"search: queries: must be a list of picture files"):
        up.search(str(folder / "3.jpg"), features)
    with pytest.raises(BadRecipe, match='embed: unreadable: must be "skip" or "refuse"'):
        up.embed(folder, model, features, unreadable="mend")
