"""Two sets compared from their names to the page, the figures and the pictures."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import flows.stages
from flows.compare import look_at_both
from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.stores import Store, open_store
from tasks.compare.__main__ import main
from tasks.compare.comparison import Compared
from tasks.compare.look import look_at
from tasks.compare.run import compare_looks
from tasks.compare.sources import open_side
from tests.tasks.report.publishing import publish_small
from tests.training.looks.pictures import dressed
from tests.training.targets.trees import write_images


def write_photographs(folder: Path, count: int = 12) -> None:
    """Pictures of two cameras, one of them bluish, and a file that is none."""
    rng = np.random.default_rng(0)
    for number in range(count):
        for camera, blue in (("door", 0), ("yard", 60)):
            picture = dressed((30, 30, 30), (190, 30, 40)).astype(np.int16)
            picture += rng.integers(-20, 20, picture.shape)
            picture[..., 2] += blue
            path = folder / camera / f"{number:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            rgb = np.clip(picture, 0, 255).astype(np.uint8)
            assert cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    (folder / "yard" / "notes.jpg").write_bytes(b"not a picture")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("store"))
    publish_small(store, people=8)
    return store


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    write_photographs(folder)
    return folder


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever weights this machine has: ``test_network`` is about them."""
    monkeypatch.setattr("training.looks.network.TRIED", ())


@pytest.fixture(scope="module")
def folder(store: Store, photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a comparison left."""
    folder = tmp_path_factory.mktemp("looks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.looks.network.TRIED", ())
        compare_looks(open_side("small", store), open_side(str(photographs), store), folder)
    return folder


def test_the_figures_say_what_was_looked_at_and_how_it_differs(folder: Path) -> None:
    figures = json.loads((folder / "looks.json").read_text())

    ours, others = figures["sides"]
    assert (ours["name"], ours["ours"], ours["snapshot"]) == ("small", True, 1)
    assert (others["ours"], others["crops"], others["looked_at"]) == (False, 25, 24)
    assert others["unreadable"] == ["notes.jpg"]
    measures = {one["measure"]: one for one in figures["measures"]}
    assert measures["lower red"]["second"]["cameras"] == {"door": 1.0, "yard": 0.0}
    assert measures["aspect"]["second"]["deviation"] == 0.0
    blue = measures["cast blue to yellow"]["second"]["cameras"]
    assert blue["yard"] < blue["door"] - 8
    assert measures["other people"]["first"]["mean"] is not None
    assert measures["other people"]["second"] == {
        "known": 0,
        "mean": None,
        "deviation": None,
        "spread_over_cameras": None,
        "cameras": {},
    }
    d = [abs(one["d"]) for one in figures["measures"] if one["d"] is not None]
    assert d == sorted(d, reverse=True)


def test_the_page_holds_numbers_and_no_photographs(folder: Path) -> None:
    text = (folder / "looks.md").read_text()

    assert "| small |" in text
    assert "1 (notes.jpg)" in text
    assert "no ImageNet weights are at hand" in text
    assert "| lower red |" in text
    assert "histograms.png" in text
    assert "sheet" not in text
    assert "data:" not in text


def test_the_sheet_is_a_local_file_of_both_sides(folder: Path, photographs: Path) -> None:
    sheet = cv2.imread(str(folder / "sheet.png"))
    histograms = cv2.imread(str(folder / "histograms.png"))

    assert sheet is not None
    assert histograms is not None
    # Eight crops of 64 pixels beside eight others; 24 photographs are three rows.
    assert sheet.shape[1] > 16 * 64
    right = sheet[60:120, sheet.shape[1] // 2 + 40 :]
    assert (np.abs(right.astype(int) - 150) < 45).mean() > 0.2, "the wall"


def test_photographs_are_shown_when_somebody_says_so_and_ours_always(
    store: Store, photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []
    monkeypatch.setattr(
        flows.stages, "create_markdown_artifact", lambda text, **_: pages.append(text)
    )
    ours, others = open_side("small", store), open_side(str(photographs), store)
    for include in (False, True):
        look_at_both.fn(ours, others, tmp_path, 6, 0, None, include)
        linked = "sheet.png" in (tmp_path / "looks.md").read_text()
        assert linked == ("data:image/png" in pages[-1]) == include
    twice = look_at(ours, 6, 0), look_at(ours, 6, 1)
    both_ours = Compared(*twice, found=[], network=None, distances=None, seed=0)
    assert both_ours.may_show(photographs=False)
    assert both_ours.names == ("small (1)", "small (2)")


def test_a_list_is_a_side_without_its_junk(store: Store, photographs: Path) -> None:
    lines = ["path,person,camera,role"]
    lines += [f"door/{n:03d}.png,p{n},front,{'junk' if n == 0 else 'train'}" for n in range(4)]
    (photographs / "lab.csv").write_text("\n".join(lines) + "\n")

    for side in (
        open_side("lab.csv", store, photographs),
        open_side(str(photographs / "lab.csv"), store),
    ):
        assert (side.name, side.camera.tolist()) == ("lab", ["front"] * 3)


def test_a_snapshot_and_a_data_set_of_others_are_sides(store: Store, tmp_path: Path) -> None:
    ours, newest = open_side("small@1", store), open_side("small", store)
    assert (ours.name, newest.name) == ("small@1", "small")
    assert ours.lineage == newest.lineage
    write_images(tmp_path, ["bounding_box_train/0002_c1s1_000451_03.jpg"])
    others = open_side(f"market1501:{tmp_path}", store, partial=True)
    assert (others.name, others.ours, others.camera.tolist()) == ("market1501", False, ["1"])


@pytest.mark.parametrize(
    ("word", "error", "words"),
    [
        ("smal", NotFound, "'smal' is neither a data set published in .* nor a folder of pictures"),
        ("", NotFound, "'' is neither"),
        (300 * "x", NotFound, "'x+' is neither"),
        ("market1501", BadRecipe, "say where it is unpacked, market1501:FOLDER or with --root"),
        ("market1501:nowhere", NotFound, "nowhere"),
        ("small@2", NotFound, "2"),
        ("small@new", BadRecipe, "after @ comes the number of a snapshot"),
        ("nowhere.csv", NotFound, "no such file"),
    ],
)
def test_what_is_no_set_is_refused(
    store: Store, word: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        open_side(word, store)


def test_folders_without_a_picture_that_can_be_read_are_refused(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="no pictures below it"):
        open_side(str(tmp_path), store)
    (tmp_path / "a.jpg").write_bytes(b"")
    side = open_side(str(tmp_path), store)
    with pytest.raises(CorruptData, match=r"none of its 1 pictures can be read, first a\.jpg"):
        compare_looks(side, side, tmp_path / "out")


def test_the_module_runs_without_prefect(
    store: Store, photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = ["--first", "small", "--second", str(photographs), "--crops", "5"]
    where = ["--store", str(store.address), "--folder", str(tmp_path)]

    assert main([*sets, *where]) == 0
    assert f"Page: {tmp_path / 'looks.md'}" in capsys.readouterr().out
    assert main(["--first", "nobody", *sets[2:], *where]) == NotFound.exit_code
    assert "neither a data set" in capsys.readouterr().err
