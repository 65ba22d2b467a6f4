"""Sources are compared on targets; what was measured once is never measured again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from manifests.stores import open_store
from tasks.bench.making import Places, make_all
from tasks.bench.results import Measured, Results
from tasks.transfer.__main__ import main
from tasks.transfer.questions import Resolved, Transfer
from tasks.transfer.run import Answer, write_answer
from tasks.transfer.sources import parse_sources
from tasks.transfer.statistics import differences, measured_lines
from tasks.transfer.targets import chosen_targets
from tasks.transfer.variants import Built, RecipeVariant, Study
from tests.tasks.report.publishing import publish_small
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader
from training.config import Normalisation, TrainingConfig, load_training
from training.evaluation.metrics import METRICS
from training.evaluation.protocol import StatisticsRule

TRAINING = """
name: least
model: {backbone: resnet8, height: 32, width: 16}
batch: {cameras: 3, people: 2, images: 2}
iterations: 2
precision: fp32
threads: 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published set, a list to learn from, two lists to be measured on, and a training."""
    folder = tmp_path_factory.mktemp("transfer")
    publish_small(open_store(folder / "store"), people=8)
    write_striped_list(folder / "street.csv", StripedReader(people=4, test_people=0))
    for seed, name in enumerate(("yard", "hall"), start=1):
        reader = StripedReader(people=0, test_people=6, seed=seed)
        write_striped_list(folder / f"{name}.csv", reader)
    (folder / "targets.yaml").write_text(
        f"yard: {{list: {folder / 'yard.csv'}}}\nhall: {{list: {folder / 'hall.csv'}}}\n"
    )
    (folder / "least.yaml").write_text(TRAINING)
    return folder


@pytest.fixture(scope="module")
def asked(folder: Path) -> Transfer:
    return Transfer(
        parse_sources(["ours=small", str(folder / "street.csv")]),
        chosen_targets(folder / "targets.yaml", []),
        load_training(folder / "least.yaml"),
        seeds=2,
        store=open_store(folder / "store"),
    ).pinned()


@pytest.fixture(scope="module")
def places(asked: Transfer, folder: Path) -> Places:
    """Two models of each source, two untrained networks and colours, all measured."""
    places = Places(folder / "made")
    assert make_all(asked, places) == 7
    return places


@pytest.fixture(scope="module")
def answer(asked: Transfer, places: Places) -> Answer:
    return write_answer(asked, places)


def test_nothing_is_made_twice(asked: Transfer, places: Places) -> None:
    assert len(asked.cells()) == 14
    assert make_all(asked, places) == 0


def test_one_more_target_needs_no_new_model(asked: Transfer, places: Places, folder: Path) -> None:
    models = {path: path.stat().st_mtime_ns for path in places.folder.glob("models/*/model.pt")}
    write_striped_list(folder / "gate.csv", StripedReader(people=0, test_people=3, seed=9))
    targets = chosen_targets(None, [folder / "gate.csv"])
    more = replace(asked, sources=asked.sources[:1], targets=targets, seeds=1).pinned()

    assert make_all(more, places) == 3

    assert models == {path: path.stat().st_mtime_ns for path in models}
    table = write_answer(more, places).text
    assert "| trained on | statistics | gate |\n" in table


def test_cells_are_carried_from_machine_to_machine(
    asked: Transfer, places: Places, folder: Path, tmp_path: Path
) -> None:
    elsewhere = Places(tmp_path)
    elsewhere.results.folder.mkdir(parents=True)
    for path in places.results.folder.glob("*.json"):
        text = path.read_text()
        assert str(folder) not in text
        assert "0-000001" not in text
        (elsewhere.results.folder / path.name).write_text(text)

    assert make_all(asked, elsewhere) == 0


def test_the_table_has_every_source_floor_and_target(answer: Answer) -> None:
    assert answer.text.startswith("# Transfer: ours, street\n")
    parts = answer.text.split("## ")
    for metric in METRICS.values():
        part = next(p for p in parts if p.startswith(f"{metric.name}\n") and "trained on" in p)
        rows = [line for line in part.splitlines() if line.startswith("| ")]
        assert rows[0] == "| trained on | statistics | yard | hall | mean |"
        names = [row.split(" | ")[0].strip("| ") for row in rows[2:]]
        assert names == ["ours", "street", "untrained network", "colours"]
        assert "not measured" not in part
        assert "[-" not in part  # shares end at 0 and 100
    assert "| ours minus street | camera |" in answer.text
    assert f"![rank-1, mAP and mINP on every target]({answer.chart.name})" in answer.text


def test_variants_are_compared_with_the_first(asked: Transfer, places: Places) -> None:
    """Whatever each has gained, and what a crop of it cost."""
    variants = (RecipeVariant("ours", {}), RecipeVariant("street", {"people": {"count": 4}}))
    built = Built(Study("small", "here", variants), ((0, 2), (1, 2)))

    answer = write_answer(asked, places, built)

    part = answer.text.partition("## Variants of `small`\n\n")[2].split("\n\n")[0].splitlines()
    head, _, first, second = ([cell.strip() for cell in row.split("|")[1:-1]] for row in part)
    assert head[-1] == "mAP less that of ours, mean"
    assert (first[1], first[-1]) == ("the recipe as it is", "–")
    assert second[:3] == ["street", "`people.count: 4`", "1 of 2"]
    lines = measured_lines(Resolved(asked), places.results)
    (gain,) = differences(lines, built.study)
    assert gain.name == "street minus ours"
    assert second[-1].strip("*").startswith(f"{gain.found['mean', 'map'].interval().mean:+.1%}"[:4])
    found = json.loads(answer.table.with_suffix(".json").read_text())
    assert found["study"]["variants"][1]["changes"] == {"people": {"count": 4}}
    assert {line["what"] for line in found["differences"]} == {"street minus ours"}


def test_numbers_are_those_of_the_cells(asked: Transfer, places: Places, answer: Answer) -> None:
    found = json.loads(answer.table.with_suffix(".json").read_text())
    ours, street, *_ = measured_lines(Resolved(asked), places.results)
    (apart,) = differences([ours, street])

    assert found["seeds"] == [0, 1]
    assert [source["name"] for source in found["sources"]] == ["ours", "street"]
    assert len(found["measured"]) == 4 * 3 * len(METRICS)
    one = next(v for v in found["measured"] if (v["what"], v["metric"]) == ("ours", "minp"))
    cells = [c for c in asked.cells().values() if c.run.title.startswith("ours")]
    values = [places.results.find(c.id) for c in cells if c.tested.name == one["target"]]
    assert one["of_seeds"] == pytest.approx([v.mean("minp") for v in values if v], abs=1e-5)
    key = ("mean", "map")
    expected = ours.found[key].means - street.found[key].means
    assert apart.found[key].means == pytest.approx(expected)
    interval = apart.found[key].interval()
    assert interval.low <= interval.mean <= interval.high


def test_the_chart_is_a_picture(answer: Answer) -> None:
    picture = cv2.imread(str(answer.chart))
    assert picture is not None
    assert min(picture.shape[:2]) > 400
    assert picture.std() > 10


def test_the_command_prints_the_table(
    asked: Transfer,
    places: Places,
    folder: Path,
    answer: Answer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(
        ["ours=small", str(folder / "street.csv"), "--targets", str(folder / "targets.yaml"),
         "--training", str(folder / "least.yaml"), "--seeds", "2",
         "--store", str(folder / "store"), "--folder", str(places.folder)]
    )  # fmt: skip

    printed = capsys.readouterr().out
    assert code == 0
    assert answer.text in printed
    assert ": 0 models in" in printed


def test_killed_and_started_again_it_goes_on(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["ours=small", "--target", str(folder / "yard.csv"), "--seeds", "1",
             "--training", str(folder / "least.yaml"),
             "--store", str(folder / "store"), "--folder", str(tmp_path)]  # fmt: skip
    keep, results = Results.keep, tmp_path / "results"

    def killed_at_the_second(place: Results, cell: str, found: Measured) -> None:
        if results.is_dir() and list(results.iterdir()):
            raise KeyboardInterrupt
        keep(place, cell, found)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Results, "keep", killed_at_the_second)
        main(words)
    (first,) = results.iterdir()
    (model,) = tmp_path.glob("models/*/model.pt")
    before = [path.stat().st_mtime_ns for path in (first, model)]

    assert main(words) == 0

    assert ": 2 models in" in capsys.readouterr().out
    assert len(list(results.iterdir())) == 3
    assert [path.stat().st_mtime_ns for path in (first, model)] == before


def test_a_saved_model_is_a_source(asked: Transfer, places: Places) -> None:
    model = sorted(places.folder.glob("models/*"))[0]
    with_model = replace(asked, sources=(*asked.sources, *parse_sources([f"old={model}"])))

    old = Resolved(with_model.pinned()).rows[2]

    assert (old.name, len(old.subjects)) == ("old", 1)
    assert make_all(with_model, places) == 1
    lines = measured_lines(Resolved(with_model), places.results)
    names = [line.name for line in differences(lines)]
    assert names == ["ours minus street", "ours minus old", "street minus old"]


def test_a_cell_without_a_metric_says_so(asked: Transfer, places: Places, tmp_path: Path) -> None:
    old = Places(tmp_path)
    for cell in asked.cells():
        found = places.results.find(cell)
        assert found is not None
        old.results.keep(cell, replace(found, others={}))

    text = write_answer(asked, old).text

    assert text.count("not measured") == 3 * (4 + 1)


def test_first_weights_are_a_floor_of_their_own(asked: Transfer, folder: Path) -> None:
    """And their file is known by its content: it may lie elsewhere on another machine."""
    import torch

    from training.models.person_net import build_network

    weights = build_network(asked.training.model, people=2, seed=5).backbone.state_dict()
    questions = []
    torch.save(weights, folder / "here.pth")
    shutil.copy(folder / "here.pth", folder / "there.pth")
    for name in ("here.pth", "there.pth"):
        model = {"weights": "file", "weights_file": str(folder / name)}
        training = load_training(folder / "least.yaml", {"model": model})
        questions.append(replace(asked, training=training))

    floors = [row.name for row in Resolved(questions[0]).rows if row.floor]

    assert floors == ["untrained network", "first weights", "colours"]
    assert list(questions[0].cells()) == list(questions[1].cells())


def test_plain_normalisation_is_measured_in_two_ways(asked: Transfer) -> None:
    model = asked.training.model.model_copy(update={"normalisation": Normalisation.batch})
    plain = replace(asked, training=asked.training.model_copy(update={"model": model}))

    rows = Resolved(plain).rows

    assert [method.name for method in rows[0].methods] == ["running", "camera"]
    assert len(plain.cells()) == 6 * 2 * 2 + 2
    assert {cell.measuring.statistics for cell in plain.cells().values() if cell.method} == {
        StatisticsRule.running,
        StatisticsRule.camera,
    }


def test_every_seed_and_source_has_cells_of_its_own(asked: Transfer) -> None:
    def config(**changes: int) -> TrainingConfig:
        return asked.training.model_copy(update=changes)

    once = set(asked.cells())
    assert once < set(replace(asked, seeds=3).cells())
    longer = set(replace(asked, training=config(iterations=3)).cells())
    # How long a network would learn is nothing to one that has not begun.
    assert len(once & longer) == 6
