"""Pictures that a model learnt from are never tested, whatever lists call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
import torch

from manifests.errors import CorruptData, TrainingFailed
from manifests.reader import SnapshotReader
from tasks.adapt.places import DataPlace
from tasks.adapt.run import adapt_and_measure
from tasks.evaluate.evaluation_sets import EvaluationSet, require_unseen, snapshot_set, target_set
from tasks.evaluate.models import measure_saved_model
from tasks.evaluate.run import compare_methods
from tasks.train.fit import TrainedModel, fit, snapshot_data, target_data
from tests.training.striped_people import StripedReader
from training.adaptation.config import load_adaptation
from training.checkpoints import load_checkpoint, save_checkpoint
from training.config import load_training
from training.data.fingerprints import fingerprint
from training.targets.images import Target
from training.targets.listed import read_csv

CONFIG = load_training("tiny", {"iterations": 1, "precision": "fp32"})
PEOPLE = {"people": 4, "cameras": 3, "images": 2, "test_people": 4}


class Reader(StripedReader):
    """Made-up people as a snapshot, and the same pictures as a list of files."""

    def write(
        self, path: Path, prefix: str, role: Callable[[dict[str, Any]], str | None]
    ) -> Target:
        """A CSV with the crops for which ``role`` has one; files and people get a ``prefix``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = ["path,person,camera,role"]
        for row, data in zip(self.table().to_pylist(), self.images(), strict=True):
            if (said := role(row)) is not None:
                name = f"{prefix}{row['crop_key'].replace('/', '_')}.jpg"
                (path.parent / name).write_bytes(data)
                lines.append(f"{name},{prefix}{row['person_id']},{row['camera']},{said}")
        path.write_text("\n".join(lines) + "\n")
        return read_csv(path)


def training_part(row: dict[str, Any]) -> str | None:
    return "train" if row["split"] == "train" else None


def whole(row: dict[str, Any]) -> str:
    return row["role"]


def the_other_way_round(row: dict[str, Any]) -> str:
    """The training crops as a test, everybody's first of each camera as a query."""
    if row["split"] == "test":
        return "train"
    return "query" if row["crop_key"].endswith("/0") else "gallery"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(**PEOPLE, seed=5)


@pytest.fixture(scope="module")
def lists(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data set in two lists, ``market_train`` and ``market751``, and in other files."""
    folder = tmp_path_factory.mktemp("lists")
    reader.write(folder / "market_train.csv", "", training_part)
    reader.write(folder / "elsewhere" / "market751.csv", "copy_", the_other_way_round)
    Reader(**PEOPLE, seed=6).write(folder / "others.csv", "other_", whole)
    return folder


@pytest.fixture(scope="module")
def model(lists: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    data = target_data(read_csv(lists / "market_train.csv"), CONFIG)
    return fit(data, CONFIG, tmp_path_factory.mktemp("model"))


def listed(path: Path) -> EvaluationSet:
    return target_set(read_csv(path))


REFUSED = (
    r"market751: the model \(trained on market_train\) has seen 24 pictures of 4 people among the "
    r"24 that are tested, first copy_0_0_0\.jpg; train without them, or test on other data"
)


def test_a_model_remembers_the_pictures_it_was_trained_on(
    reader: Reader, model: TrainedModel
) -> None:
    remembered = load_checkpoint(model.path).fingerprints
    assert remembered is not None
    jpegs = list(reader.images(np.arange(24)))
    assert remembered.tolist() == sorted(fingerprint(jpeg) for jpeg in jpegs)


def test_another_name_hides_nothing(lists: Path, model: TrainedModel) -> None:
    with pytest.raises(TrainingFailed, match=REFUSED):
        measure_saved_model(model.path, listed(lists / "elsewhere" / "market751.csv"))


def test_other_pictures_are_measured(lists: Path, model: TrainedModel) -> None:
    found = measure_saved_model(model.path, listed(lists / "others.csv")).evaluation
    assert (found.queries, found.gallery) == (12, 12)


def test_snapshots_and_lists_are_compared_with_each_other(
    reader: Reader, lists: Path, model: TrainedModel, tmp_path: Path
) -> None:
    ours = cast(SnapshotReader, reader)
    trained = fit(snapshot_data(ours, CONFIG, tmp_path), CONFIG, tmp_path / "ours")
    with pytest.raises(TrainingFailed, match=r"\(trained on striped\) has seen 24 pictures"):
        measure_saved_model(trained.path, listed(lists / "elsewhere" / "market751.csv"))
    require_unseen(load_checkpoint(model.path), snapshot_set(ours))

    class Swapped(Reader):
        """The edition in which training and test people changed places."""

        def table(self, columns: Sequence[str] | None = None) -> pa.Table:
            rows = super().table()
            first = rows["split"].to_numpy() == "train"
            shot = np.array([key.endswith("/0") for key in rows["crop_key"].to_pylist()])
            role = np.where(~first, "train", np.where(shot, "query", "gallery"))
            for name, values in (("split", np.where(first, "test", "train")), ("role", role)):
                place = rows.column_names.index(name)
                rows = rows.set_column(place, name, [values.tolist()])
            return rows if columns is None else rows.select(list(columns))

    swapped = cast(SnapshotReader, Swapped(**PEOPLE, seed=5))
    with pytest.raises(TrainingFailed, match=r"striped: the model .* has seen 24 pictures"):
        compare_methods(swapped, model.path.parent)


def test_a_fine_tuned_model_remembers_what_it_started_from(
    lists: Path, model: TrainedModel, tmp_path: Path
) -> None:
    other = target_data(read_csv(lists / "others.csv"), CONFIG)
    tuned = fit(other, CONFIG, tmp_path, initial=model.path)
    remembered = load_checkpoint(tuned.path).fingerprints
    assert remembered is not None and len(remembered) == 48
    with pytest.raises(TrainingFailed, match="has seen 24 pictures of 4 people"):
        measure_saved_model(tuned.path, listed(lists / "elsewhere" / "market751.csv"))


def test_a_model_that_remembers_nothing_is_compared_by_names(
    lists: Path, model: TrainedModel, tmp_path: Path
) -> None:
    old = replace(load_checkpoint(model.path), fingerprints=None)
    save_checkpoint(tmp_path / "model.pt", old)
    tested = listed(lists / "elsewhere" / "market751.csv")
    require_unseen(load_checkpoint(tmp_path / "model.pt"), tested)
    with pytest.raises(TrainingFailed, match="trained on 1 of the people who are tested"):
        require_unseen(
            old, replace(tested, dataset="market_train", people=frozenset(old.people[:1]))
        )


def test_a_list_of_fingerprints_is_checked_when_it_is_read(
    model: TrainedModel, tmp_path: Path
) -> None:
    wrong = replace(load_checkpoint(model.path), fingerprints=torch.zeros(2, 3))
    save_checkpoint(tmp_path / "model.pt", wrong)
    with pytest.raises(CorruptData, match="its fingerprints are no list of numbers"):
        load_checkpoint(tmp_path / "model.pt")


def twice(folder: Path, first: str, second: str) -> Path:
    """A list in which one person's picture of one role is somebody else's of another."""
    rows = ["path,person,camera,role"]
    for row, data in zip((r := Reader(**PEOPLE)).table().to_pylist(), r.images(), strict=True):
        name = row["crop_key"].replace("/", "_") + ".jpg"
        (folder / name).write_bytes(data)
        rows.append(f"{name},{row['person_id']},{row['camera']},{row['role']}")
    (folder / second).write_bytes((folder / first).read_bytes())
    (folder / "own.csv").write_text("\n".join(rows) + "\n")
    return folder / "own.csv"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("0_0_0.jpg", "5_1_1.jpg", r"1 pictures of 1 people are in both the training and the test "
         r"images, byte by byte \(first 5_1_1\.jpg, the same as 0_0_0\.jpg\).* take them out"),
        ("5_0_0.jpg", "5_1_1.jpg", r"1 pictures of 1 people are in both the queries and the "
         r"gallery, byte by byte \(first 5_0_0\.jpg, the same as 5_1_1\.jpg\).* take them out"),
    ],
)  # fmt: skip
def test_one_picture_in_two_places_of_one_data_set(
    first: str, second: str, message: str, model: TrainedModel, tmp_path: Path
) -> None:
    path = twice(tmp_path, first, second)
    with pytest.raises(TrainingFailed, match=f"own: {message}"):
        measure_saved_model(model.path, listed(path))
    # Refused before anything is learnt from it.
    place = DataPlace(name="own.csv", root=tmp_path)
    with pytest.raises(TrainingFailed, match=f"own: {message}"):
        adapt_and_measure(place, place, load_adaptation("tiny"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_adaptation_starts_from_a_model_that_knows_the_answers(
    lists: Path, model: TrainedModel, tmp_path: Path
) -> None:
    source = DataPlace(name="others.csv", root=lists)
    target = DataPlace(name="market751.csv", root=lists / "elsewhere")
    with pytest.raises(TrainingFailed, match=REFUSED):
        adapt_and_measure(source, target, load_adaptation("tiny"), tmp_path / "run", model.path)
    assert not (tmp_path / "run").exists()
