"""Rounds of building, training and measuring on toy worlds: kills, second runs, reasons to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.places import Places
from manifests.reader import SnapshotReader, open_snapshot
from manifests.recipes_io import load_recipe
from manifests.snapshots import Snapshot
from manifests.stores import open_store
from tasks.accounting import CostSheet
from tasks.improve.decide import reason_to_stop, table
from tasks.improve.journal import Journal, Round
from tasks.improve.page import measured_round
from tasks.improve.request import Improvement, TargetPart
from tasks.improve.rounds import Improved, Steps, run_rounds
from tasks.improve.weights import Weights
from tasks.progress import LOGGER_NAME
from tasks.publish.publish import publish_dataset
from tasks.train.fit import train_snapshot
from tests.manifests.claimed_shards import claim_rows, crop_row, recipe
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader
from training.config import load_training

BASE = recipe(
    people=8,
    images=4,
    scenes=[{"family": "plaza", "worlds": 3, "worlds_per_group": 2}],
    shards={"people_per_shard": 2},
    splits={"worlds": 1, "test_share": 0.5},
)
CONFIG = load_training("tiny", {"iterations": 1, "model": {"height": 32, "width": 16}})
ASKED = Improvement(BASE, CONFIG, rounds=2, people=2).checked()


class Toy:
    """Steps that publish crops of noise and train for an iteration; counts what they did."""

    def __init__(self, folder: Path, asked: Improvement = ASKED) -> None:
        self.dataset, self.folder, self.asked = (
            Dataset("toy", open_store(folder / "s")),
            folder,
            asked,
        )
        self.journal, self.done = Journal(folder / "rounds"), list[str]()
        self.steps = Steps(self.build, self.train, self.measure, lambda _: True)

    def run(self, steps: Steps | None = None) -> Improved:
        return run_rounds(self.asked, self.journal, steps or self.steps, CostSheet())

    def build(self, file: Path) -> Snapshot:
        self.done.append("build")
        asked = load_recipe(file)
        places, claims = Places(asked), {}
        for group in range(len(asked.groups())):
            rows = [
                crop_row(person, name, f"{name}_c0{1 + frame % 2}", frame)
                for person in asked.groups()[group]
                for name in (places.all[number].name for number in places.of_group(group))
                for frame in range(4)
            ]
            made = claim_rows(self.dataset, f"g{group}", rows, self.folder)
            claims[made.id] = made
        return publish_dataset(asked, self.dataset, [], claims)

    def train(self, snapshot: Snapshot, initial: Path | None) -> Path:
        self.done.append("train" if initial is None else "train on")
        reader, place = (
            SnapshotReader(self.dataset, snapshot),
            self.folder / snapshot.content_digest,
        )
        return train_snapshot(reader, CONFIG, place, initial).path

    def measure(self, snapshot: Snapshot, model: Path, number: int) -> Round:
        self.done.append("measure")
        reader = SnapshotReader(self.dataset, snapshot)
        found, page = measured_round(self.asked, reader, model, number)
        self.journal.keep_page(number, page)
        return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Toy, Improved]:
    toy = Toy(tmp_path_factory.mktemp("toy"))
    return toy, toy.run()


def test_a_round_grows_the_set_and_asks_the_same_queries(whole: tuple[Toy, Improved]) -> None:
    toy, done = whole
    assert toy.done[:6] == ["build", "train", "measure", "build", "train on", "measure"]
    first, second, *_ = done.rounds
    assert (first.people, second.people) == (8, 10)
    assert first.query == second.query and len(first.query) == len(first.average_precision) > 0
    assert load_recipe(toy.journal.recipe_file(1)).people.count == 10
    page = toy.journal.page_file(0).read_text()
    assert "queries find somebody else first" in page and "<h2>The next 2 people" in page
    assert '<img src="data:image/jpeg;base64,' in page


def test_a_second_run_does_nothing(
    whole: tuple[Toy, Improved], caplog: pytest.LogCaptureFixture
) -> None:
    toy, done = whole

    def never(*_: object) -> Any:
        raise AssertionError("done again")

    with caplog.at_level("INFO", LOGGER_NAME):
        assert toy.run(Steps(never, never, never, never)) == done
    assert "rounds, round 1, 10 people" in caplog.text


@pytest.mark.parametrize("killed_in", ["train", "measure"])
def test_a_killed_run_goes_on(whole: tuple[Toy, Improved], tmp_path: Path, killed_in: str) -> None:
    """What was made before is found; the end is that of a run that nobody killed."""
    toy, (_, expected) = Toy(tmp_path), whole
    whole_step: Callable[..., Any] = getattr(toy.steps, killed_in)
    calls = 0

    def killed(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        made = whole_step(*given)
        if calls == 2:  # in the second round, after its work and before anything is noted
            raise KeyboardInterrupt
        return made

    with pytest.raises(KeyboardInterrupt):
        toy.run(replace(toy.steps, **{killed_in: killed}))
    assert toy.journal.read(0) is not None and toy.journal.read(1) is None
    done = toy.run()
    assert [one.query for one in done.rounds] == [one.query for one in expected.rounds]
    assert [one.content_digest for one in done.rounds] == [
        one.content_digest for one in expected.rounds
    ]
    assert [one.average_precision for one in done.rounds] == [
        one.average_precision for one in expected.rounds
    ]


def test_a_round_that_nobody_approves_is_asked_for_again(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    done = toy.run(replace(toy.steps, approve=lambda _: False))
    assert done.stopped == "round 1 was not approved" and len(done.rounds) == 1
    assert not toy.journal.has_recipe(1)
    assert len(toy.run().rounds) > 1


def found(number: int, precision: list[float], **more: Any) -> Round:
    people = [f"p{k // 4}" for k in range(len(precision))]
    keys = [f"q{k}" for k in range(len(precision))]
    told: dict[str, Any] = {
        "dataset": "toy", "snapshot": 1, "content_digest": "ab", "people": 8, "crops": 32,
        "model": "m", "query": keys, "person": people, "average_precision": precision,
        "hit": precision, "weights": Weights(), "cpu_seconds": 1800.0,
    }  # fmt: skip
    return Round(number=number, **(told | more))


LOW, HIGH = [0.2, 0.3, 0.4, 0.5] * 4, [0.5, 0.6, 0.7, 0.8] * 4


@pytest.mark.parametrize(
    ("asked", "rounds", "words"),
    [
        (ASKED, [found(0, LOW)], None),
        (ASKED, [found(0, LOW), found(1, HIGH)], None),
        (ASKED, [found(0, LOW), found(1, LOW)], r"gain of round 1 is inside its noise: mAP \+0.0"),
        (ASKED, [found(0, HIGH), found(1, LOW)], r"mAP -30.0 points"),
        (ASKED, [found(0, LOW), found(1, HIGH), found(2, [1.0] * 16)], "all 2 rounds are done"),
        (replace(ASKED, most_crops=39), [found(0, LOW)], "would make 40 crops, above --crops 39"),
        (replace(ASKED, cpu_hours=0.9), [found(0, LOW)], "0.50 CPU-hours are spent"),
        (replace(ASKED, cpu_hours=1.0, most_crops=40), [found(0, LOW)], None),
    ],
)
def test_reasons_to_stop(asked: Improvement, rounds: list[Round], words: str | None) -> None:
    reason = reason_to_stop(asked, rounds)
    if words is None:
        assert reason is None
    else:
        assert reason is not None
        with pytest.raises(BadRecipe, match=words):
            raise BadRecipe(reason)


def test_rounds_are_told() -> None:
    text = table([found(0, LOW), found(1, HIGH)])
    assert "| 1 | 8 | 32 | 65.0 | 65.0 | +30.0 (+30.0 to +30.0) | 1,800 |" in text
    with pytest.raises(CorruptData, match="measured on different queries"):
        found(1, HIGH).gain(found(0, LOW[:8]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rounds": 0}, "--rounds"),
        ({"people": 3}, "2 people walk together .*ask for 2, 4"),
        ({"floor": 1.5}, "--floor"),
        ({"most_crops": 10}, "--crops: the recipe alone has 32"),
        ({"cpu_hours": 0.0}, "--cpu-hours"),
        ({"recipe": recipe(people=8)}, "no worlds are held out"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRecipe, match=words):
        replace(ASKED, **change).checked()


def test_a_target_that_is_not_there_is_refused_before_any_work(tmp_path: Path) -> None:
    nowhere = TargetPart("market1501", tmp_path)
    with pytest.raises(NotFound):
        replace(ASKED, target=nowhere).checked()


def test_training_people_of_a_target_are_measured_on(
    whole: tuple[Toy, Improved], tmp_path: Path
) -> None:
    """And nobody else of it: its test people are not looked at."""
    toy, done = whole
    listed = write_striped_list(tmp_path / "mine.csv", StripedReader(people=6, test_people=3))
    asked = replace(ASKED, target=TargetPart(str(listed), None)).checked()
    last = done.rounds[-1]
    reader = open_snapshot(toy.dataset, last.snapshot)
    found, page = measured_round(asked, reader, Path(last.model), 0)
    assert set(found.person) == {f"0-{number:06d}" for number in range(6)}
    weights = found.weights
    assert (weights.look_alikes, weights.accessories) == (1.0, {}), "pictures say nothing of them"
    assert weights.cameras and "Mean brightness" in page and "Look-alikes of" not in page


def test_a_larger_budget_goes_on_from_what_is_there() -> None:
    assert replace(ASKED, rounds=9, most_crops=99).identity() == ASKED.identity()
    assert replace(ASKED, floor=0.9).identity() != ASKED.identity()
    assert ASKED.recipe.splits.among_first == 8


def test_a_damaged_round_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    (tmp_path / "round-00.json").write_text("{")
    with pytest.raises(CorruptData, match=r"round-00.json: no round"):
        journal.read(0)
