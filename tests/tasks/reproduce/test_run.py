"""A reproduction goes on where it was: what is measured is never measured or trained again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from flows import reproduce as flow
from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.stores import open_store
from tasks.bench.making import Places, make_all, waves
from tasks.bench.results import Results
from tasks.reproduce.__main__ import main, parse_target_folders
from tasks.reproduce.budgets import BUDGETS, BudgetName
from tasks.reproduce.experiments import EXPERIMENTS
from tasks.reproduce.questions import Asked, Questions, Setting, needed_worlds
from tasks.reproduce.tables import filled, markdown, plain
from tasks.reproduce.terms import Claim, TableName
from tasks.transfer.targets import TargetChoice, target_file
from tests.tasks.reproduce.toy_worlds import TOY, publish_world
from tests.training.targets.trees import write_images

TABLES = (TableName.table3,)


@pytest.fixture(scope="module", autouse=True)
def toy_size() -> Iterator[None]:
    """Two rows of Table 3 on one target, with little networks."""
    full = EXPERIMENTS[TableName.table3]
    rows = tuple(full.row(key) for key in ("Market", "Unreal"))
    table = replace(full, rows=rows, targets=("duke",), claims=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BUDGETS, BudgetName.smoke, TOY)
        patch.setitem(EXPERIMENTS, TableName.table3, table)
        yield


@pytest.fixture(scope="module")
def asked(toy_size: None, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    tmp = tmp_path_factory.mktemp("reproduce")
    for world in needed_worlds([TableName.table4]):
        publish_world(open_store(tmp / "store"), world, tmp)
    return Asked(TABLES, BudgetName.smoke, open_store(tmp / "store"), {})


@pytest.fixture(scope="module")
def places(asked: Asked) -> Places:
    """A folder with everything made."""
    places = Places(Path(asked.store.uri).parent / "made")
    assert make_all(asked, places) == 2
    return places


def test_nothing_is_made_twice(asked: Asked, places: Places) -> None:
    assert make_all(asked, places) == 0
    assert waves(asked, places.results) == []


def test_a_lost_cell_is_measured_again_with_the_model_that_is_there(
    asked: Asked, places: Places
) -> None:
    models = {path: path.stat().st_mtime_ns for path in places.folder.glob("models/*/model.pt")}
    lost = sorted(places.results.folder.glob("*.json"))[0]
    before = lost.read_bytes()
    lost.unlink()

    assert make_all(asked, places) == 1

    assert models == {path: path.stat().st_mtime_ns for path in models}
    again = Results(lost.parent).find(lost.stem)
    lost.write_bytes(before)
    assert again is not None
    kept = places.results.find(lost.stem)
    assert kept is not None
    assert again.mean("map") == pytest.approx(kept.mean("map"))


def test_results_of_another_machine_are_taken_over(
    asked: Asked, places: Places, tmp_path: Path
) -> None:
    elsewhere = Places(tmp_path)
    elsewhere.results.folder.mkdir(parents=True)
    for path in places.results.folder.glob("*.json"):
        (elsewhere.results.folder / path.name).write_bytes(path.read_bytes())

    assert make_all(asked, elsewhere) == 0


def test_the_command_prints_the_tables(
    asked: Asked, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["table3", "--store", asked.store.address, "--folder", str(places.folder)])

    printed = capsys.readouterr().out
    assert code == 0
    assert "0 models" in printed
    assert "Table 3" in printed
    assert (places.folder / "table3-smoke.md").read_text() in printed
    assert (places.folder / "table3-smoke.json").is_file()


def test_cells_depend_on_settings_seed_and_data(asked: Asked) -> None:
    bench = Questions(asked)
    table = EXPERIMENTS[TableName.table3]
    ids = list(bench.all_cells())
    models = [row.models["duke"] for row in table.rows]
    runs = [bench.run(model, Setting.stand_in, seed) for model in models for seed in (0, 1)]

    assert len(set(ids)) == len(ids) == 2
    assert len({run.digest for run in runs if run is not None}) == 4
    assert list(Questions(asked).all_cells()) == ids


def test_only_what_claims_compare_is_measured_if_that_is_asked(asked: Asked) -> None:
    four = replace(asked, tables=(TableName.table4,))
    table = EXPERIMENTS[TableName.table4]
    compared = {
        cell.id
        for claim in table.claims
        for key in (claim.better, claim.worse)
        for target in claim.targets
        for cell in Questions(four).cells(table.row(key), target, Setting.stand_in)
    }

    found = set(Questions(replace(four, claims_only=True)).all_cells())

    assert found == compared
    assert found < set(Questions(four).all_cells())


def test_a_longer_run_has_models_and_tables_of_its_own(
    asked: Asked, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--store", asked.store.address, "--folder", str(places.folder)]

    assert main(["table3", "--longer", "2", *where]) == 0

    assert "2 models" in capsys.readouterr().out
    table = places.folder / "table3-smoke-2-times-as-long.md"
    assert "learning 2 times as long" in table.read_text()
    assert make_all(asked, places) == 0


def test_a_length_that_cannot_be_is_refused(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["table3", "--longer", "0", "--store", asked.store.address, "--folder", str(tmp_path)]
    )

    assert code == BadRecipe.exit_code
    assert "--longer" in capsys.readouterr().err


def test_models_that_others_start_from_come_first(tmp_path: Path, asked: Asked) -> None:
    tuned = replace(asked, tables=(TableName.table4,))

    first, second = waves(tuned, Results(tmp_path))

    assert all(job.run.initial is None for job in first)
    starts = {job.run.initial.digest for job in second if job.run.initial}
    assert starts <= {job.run.digest for job in first}
    assert any(not job.cells for job in first)


def test_a_damaged_cell_is_named(tmp_path: Path) -> None:
    (tmp_path / "abc.json").write_text("{}")

    with pytest.raises(CorruptData, match=r"abc\.json"):
        Results(tmp_path).find("abc")


def test_target_folders_are_checked() -> None:
    assert parse_target_folders(["market=/data"]) == {"market": Path("/data")}
    with pytest.raises(BadRecipe, match="name=folder"):
        parse_target_folders(["market"])
    with pytest.raises(BadRecipe, match="must be one of"):
        Questions(Asked(TABLES, BudgetName.smoke, open_store("store"), {"mars": Path("/")}))


def photographed(folder: Path) -> tuple[Path, Path]:
    """A list of two people's training images, and `targets.yaml` of two targets: two more people,
    and those two themselves."""
    rows = {who: [f"{who}_{camera}.jpg,{who},{camera}" for camera in (1, 2)] for who in "abcd"}
    rng = np.random.default_rng(0)
    for line in (line for lines in rows.values() for line in lines):
        picture = rng.integers(0, 256, (24, 12, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / line.split(",")[0]), picture)

    def written(name: str, people: str, roles: tuple[str, str]) -> Path:
        lines = [f"{row},{role}" for who in people for row, role in zip(rows[who], roles)]
        path = folder / name
        path.write_text("\n".join(["path,person,camera,role", *lines]) + "\n")
        return path

    taught = written("taught.csv", "ab", ("train", "train"))
    lists = {
        "others": written("others.csv", "cd", ("query", "gallery")),
        "themselves": written("themselves.csv", "ab", ("query", "gallery")),
    }
    targets = folder / "targets.yaml"
    targets.write_text("".join(f"{name}: {{list: {path}}}\n" for name, path in lists.items()))
    return taught, targets


def test_further_targets_are_columns_and_judge_claims(
    asked: Asked, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught, targets = photographed(tmp_path)
    full = EXPERIMENTS[TableName.table3]
    claim = Claim("Unreal transfers better than Market", "Unreal", "Market", ("duke",))
    monkeypatch.setitem(EXPERIMENTS, TableName.table3, replace(full, claims=(claim,)))
    further = replace(asked, folders={"market": taught}, photographs=target_file(targets))

    # Only the network that has learnt from the list is new; nobody is tested on what it learnt.
    assert [len(job.cells) for job in waves(further, places.results)[0]] == [1, 2]
    make_all(further, places)
    table = filled(EXPERIMENTS[TableName.table3], Questions(further), places.results)
    text = markdown(table)

    tested = {(row, target) for row, target, of in table.cells if of is Setting.photographs}
    assert tested == {("Market", "others"), ("Unreal", "others"), ("Unreal", "themselves")}
    assert "## themselves (themselves)" in text
    (judged,) = (each for each in table.contrasts if each.setting is Setting.photographs)
    assert judged.targets == ("others",)
    assert "others (photographs, 2 people)" in text
    assert {cell["target"] for cell in plain(table)["photographs"]} == {"others", "themselves"}


@pytest.mark.parametrize("given", ["target_folders", "photographs"])
def test_targets_that_are_not_there_are_refused_before_worlds_are_built(
    given: str, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "build_dataset", lambda *_: pytest.fail("a world was built"))
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path))
    gone = tmp_path / "gone"
    targets = {
        "target_folders": {"market": gone},
        "photographs": {"lab": TargetChoice(list=gone / "lab.csv")},
    }
    with pytest.raises(NotFound, match="gone"):
        flow.reproduce.fn(["table3"], store=asked.store.address, **{given: targets[given]})


def test_further_targets_that_can_be_no_columns_are_refused(asked: Asked, tmp_path: Path) -> None:
    _, targets = photographed(tmp_path)
    further = target_file(targets)

    with pytest.raises(BadRecipe, match="columns of table2, table3, fig4"):
        replace(asked, tables=(TableName.table5,), photographs=further).check()
    with pytest.raises(BadRecipe, match="target duke: is a column"):
        replace(asked, photographs={"duke": further["others"]}).check()


def test_a_real_target_is_tested_and_learnt_from_where_its_folder_is_given(
    asked: Asked, tmp_path: Path
) -> None:
    write_images(tmp_path / "bounding_box_train", ["0001_c2_f0046182.jpg", "0002_c1_f0044158.jpg"])
    write_images(tmp_path / "query", ["0005_c2_f0046985.jpg"])
    write_images(tmp_path / "bounding_box_test", ["0005_c1_f0051241.jpg"])
    bench = Questions(replace(asked, folders={"duke": tmp_path}, partial=True))
    market, unreal = EXPERIMENTS[TableName.table3].rows
    synthetic = bench.cells(unreal, "duke", Setting.real)

    assert [cell.tested.name for cell in synthetic] == ["dukemtmc-reid"]
    stood_in = bench.cells(unreal, "duke", Setting.stand_in)
    assert synthetic[0].run.digest == stood_in[0].run.digest
    assert bench.cells(market, "duke", Setting.real) == ()
    tuned = EXPERIMENTS[TableName.table4].row("Unreal to Duke").models["duke"]
    run = bench.run(tuned, Setting.real, 0)
    assert run is not None
    assert run.data.lineage["dataset"] == "dukemtmc-reid"
    assert [each.digest for each in run.chain()][1:] == [synthetic[0].run.digest]
