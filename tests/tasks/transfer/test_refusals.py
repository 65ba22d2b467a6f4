"""What cannot be compared is refused before anything is trained, in words that help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import BadRecipe, CorruptData, FactoryError, NotFound, TrainingFailed
from manifests.stores import open_store
from tasks.transfer.questions import Transfer
from tasks.transfer.sources import parse_sources
from tasks.transfer.targets import TargetChoice, chosen_targets, placed
from tests.tasks.report.publishing import publish_small
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader
from training.checkpoints import Checkpoint, save_checkpoint
from training.config import Precision, load_training
from training.models.person_net import build_network
from training.targets.training_part import TestOn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refusals")
    publish_small(open_store(folder / "store"), people=8)
    write_striped_list(folder / "own.csv", StripedReader(people=3, test_people=3))
    write_striped_list(folder / "single.csv", StripedReader(people=3, cameras=1, test_people=0))
    (folder / "elsewhere").mkdir()
    write_striped_list(folder / "elsewhere" / "own.csv", StripedReader(people=0, test_people=5))
    return folder


@pytest.fixture
def asked(folder: Path) -> Transfer:
    """A question that has nothing wrong."""
    return Transfer(
        parse_sources(["small"]),
        chosen_targets(None, [folder / "own.csv"]),
        load_training("tiny"),
        seeds=1,
        store=open_store(folder / "store"),
    )


def refused(kind: type[FactoryError], words: str, asked: Transfer) -> None:
    with pytest.raises(kind, match=words):
        asked.pinned()


def test_nothing_is_wrong_with_the_question_that_others_change(asked: Transfer) -> None:
    (source,) = asked.pinned().sources
    assert source.snapshot == 1


def test_budgets_in_epochs(asked: Transfer) -> None:
    epochs = load_training("tiny", {"iterations": None, "epochs": 3})
    refused(BadRecipe, "equally many iterations", replace(asked, training=epochs))


@pytest.mark.parametrize("seeds", [0, 21])
def test_numbers_of_seeds(asked: Transfer, seeds: int) -> None:
    refused(BadRecipe, "from 1 to 20", replace(asked, seeds=seeds))


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ([], BadRecipe, "at least one source"),
        (["small", "small"], BadRecipe, "two sources are called 'small'"),
        (["small", "small=small@1"], BadRecipe, "two sources are called 'small'"),
        (["small@first"], BadRecipe, "after @ comes the number"),
        ([f"small@{'9' * 5000}"], BadRecipe, "after @ comes the number"),
        ([f"market1501:{'x' * 300}"], NotFound, "is no folder of a market1501"),
        (["a/b=small"], BadRecipe, "cannot be a name"),
        (["market1502:/data"], NotFound, "market1502"),
        (["market1501:/nowhere"], NotFound, "is no folder of a market1501"),
        (["s3://bucket/lab.csv"], BadRecipe, "file or folder of this machine"),
        (["s3://bucket/model.pt"], BadRecipe, "file or folder of this machine"),
        (["~nobody-of-that-name/run"], BadRecipe, "has a home folder here"),
    ],
)
def test_words_that_name_no_source(words: list[str], kind: type[FactoryError], said: str) -> None:
    with pytest.raises(kind, match=said):
        parse_sources(words)


def test_lists_and_models_in_a_cache_of_links_keep_their_names(tmp_path: Path) -> None:
    """What they link to is called by a digest there."""
    (tmp_path / "blob").write_bytes(b"")
    for name in ("lab.csv", "LAB.TSV", "run/model.pt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(tmp_path / "blob")
    table, tabs, model = parse_sources(
        [str(tmp_path / name) for name in ("lab.csv", "LAB.TSV", "run")]
    )
    assert (table.path, tabs.path) == (tmp_path / "lab.csv", tmp_path / "LAB.TSV")
    assert model.is_model and model.name == "run"
    (choice,) = placed(chosen_targets(None, [tmp_path / "lab.csv"])).values()
    assert choice.list == tmp_path / "lab.csv"


@pytest.mark.parametrize("word", ["nothing", "small@7", "missing.csv", "missing.pt"])
def test_sources_that_are_not_there(asked: Transfer, word: str) -> None:
    refused(NotFound, word.partition("@")[0], replace(asked, sources=parse_sources([word])))


def test_a_list_of_test_images_is_no_source(asked: Transfer, folder: Path) -> None:
    source = parse_sources([str(folder / "elsewhere" / "own.csv")])
    refused(BadRecipe, "training images of 0 people", replace(asked, sources=source))


def test_one_camera_teaches_no_statistics_of_cameras(asked: Transfer, folder: Path) -> None:
    single = replace(asked, sources=parse_sources([str(folder / "single.csv")]))
    refused(BadRecipe, "has one camera", single)
    by_batch = load_training("tiny", {"model.normalisation": "batch"})
    replace(single, training=by_batch).pinned()


def test_weights_that_do_not_fit(asked: Transfer, folder: Path) -> None:
    import torch

    torch.save({"layer": torch.zeros(3)}, folder / "weights.pth")
    model = {"weights": "file", "weights_file": str(folder / "weights.pth")}
    other = load_training("tiny", {"model": model})
    refused(BadRecipe, "do not fit a resnet8", replace(asked, training=other))


def test_people_who_would_be_learnt_and_tested(asked: Transfer, folder: Path) -> None:
    """Another edition of one data set: people who are tested here are learnt from there."""
    learnt = folder / "elsewhere" / "again" / "own.csv"
    learnt.parent.mkdir(exist_ok=True)
    write_striped_list(learnt, StripedReader(people=5, test_people=0))
    known = replace(asked, sources=parse_sources([str(learnt)]))
    refused(TrainingFailed, "share 2 people, first 0-000003", known)


def test_pictures_that_would_be_learnt_and_tested(asked: Transfer, folder: Path) -> None:
    """Under another name, and said to be of other people."""
    copies = folder / "copies" / "renamed.csv"
    copies.parent.mkdir(exist_ok=True)
    write_striped_list(copies, StripedReader(people=6, test_people=0))
    learnt = replace(asked, sources=parse_sources([str(copies)]))
    refused(TrainingFailed, "source renamed has 18 pictures of 3 people among the 18", learnt)


def test_people_whom_a_saved_model_knows(asked: Transfer, folder: Path) -> None:
    config = load_training("tiny")
    network = build_network(config.model, 2, seed=0).state_dict()
    people, lineage = ("0-000004", "0-000009"), {"dataset": "own"}
    checkpoint = Checkpoint(config, "0" * 32, Precision.fp32, 1, people, network, lineage=lineage)
    save_checkpoint(folder / "known.pt", checkpoint)
    saved = parse_sources([f"known={folder / 'known.pt'}"])
    refused(TrainingFailed, "trained on 1 of the people", replace(asked, sources=saved))


def test_a_target_where_nobody_can_be_found(asked: Transfer, folder: Path) -> None:
    head, *lines = (folder / "own.csv").read_text().splitlines()
    (folder / "alone.csv").write_text("\n".join([head, *(x for x in lines if "c00" in x)]) + "\n")
    target = chosen_targets(None, [folder / "alone.csv"])
    refused(TrainingFailed, "no query has a match", replace(asked, targets=target))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yard: {lists: a.csv}", "did you mean `list`"),
        ("yard: {name: market1502, root: /data}", "did you mean `market1501`"),
        ("yard: {name: market1501}", "name and root go together"),
        ("yard: {list: a.csv, dataset: small}", "exactly one of list, name and dataset"),
        ("yard: {}", "got none of them"),
        ("yard: {list: a.csv, snapshot: 3}", "snapshot"),
        ("yard: {dataset: small, test_on: train}", "test_on"),
        ("yard: {list: a.csv, test_on: rain}", "one of test, train"),
        ("yard: {list: a.csv}\nyard: {list: b.csv}", "yard"),
        ("'a|b': {list: a.csv}", "a|b"),
        ("[a.csv]", "a list of targets is a mapping"),
    ],
)
def test_lists_of_targets(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "targets.yaml").write_text(text)
    with pytest.raises(BadRecipe, match=said):
        chosen_targets(tmp_path / "targets.yaml", [])


def test_no_target_is_called_like_all_of_them(asked: Transfer) -> None:
    (own,) = asked.targets.values()
    refused(BadRecipe, "give it another name", replace(asked, targets={"mean": own}))


def test_targets_given_twice_or_not_at_all(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "targets.yaml").write_text("own: {dataset: small}")
    with pytest.raises(BadRecipe, match="another target is called 'own'"):
        chosen_targets(tmp_path / "targets.yaml", [folder / "own.csv"])
    with pytest.raises(BadRecipe, match="name a target"):
        chosen_targets(None, [])


def test_targets_that_are_not_there_or_not_whole(asked: Transfer, folder: Path) -> None:
    missing = chosen_targets(None, [folder / "missing.csv"])
    refused(NotFound, "missing.csv", replace(asked, targets=missing))
    (folder / "broken.csv").write_text("path,person\n")
    broken = chosen_targets(None, [folder / "broken.csv"])
    refused(CorruptData, "camera", replace(asked, targets=broken))


def test_learning_and_being_tested_on_one_training_part(asked: Transfer, folder: Path) -> None:
    own = TargetChoice(list=folder / "own.csv", test_on=TestOn.train)
    both = replace(asked, targets={"own": own}, sources=parse_sources([str(folder / "own.csv")]))
    refused(TrainingFailed, "share 3 people", both)


def test_a_published_set_is_a_target(asked: Transfer, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "targets.yaml").write_text("ours: {dataset: small}")
    targets = chosen_targets(tmp_path / "targets.yaml", [])
    found = replace(asked, targets=targets).pinned()
    assert found.targets["ours"].snapshot == 1
