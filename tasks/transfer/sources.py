"""What models learn from: published sets, training images of somebody else's, saved models.

In words: ``demo`` (the newest snapshot) or ``demo@3``, ``market1501:~/data/market``, a CSV or
Parquet list, a folder with a ``model.pt``; with a name of its own ``ours=demo@3``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from manifests.addresses import local_path
from manifests.dataset import Dataset, parse_snapshot
from manifests.errors import BadRecipe, NotFound
from manifests.files_of_others import is_file, is_folder
from manifests.reader import open_snapshot
from manifests.stores import Store
from tasks.transfer.names import NAME
from training.config import TrainingConfig
from training.data.crops import picture_cache
from training.data.fingerprints import fingerprints_of
from training.run_files import MODEL_FILES, model_file
from training.targets.images import TRAIN, Target
from training.targets.registry import TARGETS, open_for_training
from training.targets.tables import is_table

if TYPE_CHECKING:  # they import torch: only once nothing that is quickly seen is refused any more
    from tasks.train.fit import TrainingData
    from training.checkpoints import Checkpoint

_LEAST_PEOPLE = 2
_MODELS = tuple(Path(name).suffix for name in MODEL_FILES)


@dataclass(frozen=True)
class SourceChoice:
    """One source as it was asked for.

    Exactly one of ``dataset`` (published; ``snapshot``: its number, ``content_digest``: what it
    must contain), ``reader`` with its ``path``, or a ``path`` alone: a list or a saved model.
    """

    name: str
    dataset: str | None = None
    snapshot: int | None = None
    content_digest: str | None = None
    reader: str | None = None
    path: Path | None = None

    @property
    def is_model(self) -> bool:
        """Whether it has learnt already."""
        return self.path is not None and self.path.suffix in _MODELS


@dataclass(frozen=True)
class Learnt:
    """Training crops that exist: of which data set, how many of whom through which cameras.

    ``cost``: CPU-seconds that a published crop took to make, where that is known;
    ``fingerprints``: of the crops (N,) int64, see ``training.data.fingerprints``.
    """

    name: str
    dataset: str
    what: str
    people: frozenset[str]
    cameras: int
    crops: int
    cost: float | None
    data: Callable[[TrainingConfig], TrainingData]
    fingerprints: Callable[[], np.ndarray]


@dataclass(frozen=True)
class Saved:
    """A saved model."""

    name: str
    path: Path
    checkpoint: Checkpoint


Source = Learnt | Saved


def parse_sources(words: Sequence[str], others: Sequence[str] = ()) -> tuple[SourceChoice, ...]:
    """Sources from words; ``BadRecipe`` for what none can be, for names given twice, and for none.

    ``others``: names of sources that come from elsewhere.
    """
    found = tuple(map(_parsed, words))
    names = [*(source.name for source in found), *others]
    if not names:
        raise BadRecipe("transfer: name at least one source, e.g. demo or market1501:~/data/market")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadRecipe(
            f"transfer: two sources are called {twice[0]!r}; give one a name, e.g. other={twice[0]}"
        )
    return found


def _parsed(word: str) -> SourceChoice:
    name, equals, what = word.partition("=")
    if not equals:
        return _unnamed(word)
    if not re.match(NAME, name):
        raise BadRecipe(f"source {word!r}: {name!r} cannot be a name (letters, digits, . _ + -)")
    return replace(_unnamed(what), name=name)


def _unnamed(word: str) -> SourceChoice:
    reader, colon, root = word.partition(":")
    named = is_table(word) or word.endswith(_MODELS)
    path = local_path(word) if named or word.startswith("~") else Path(word)
    if is_table(word):
        return SourceChoice(path.stem, path=path.absolute())
    if path.suffix in _MODELS or any(is_file(path / name) for name in MODEL_FILES):
        file = model_file(path)
        return SourceChoice(file.parent.resolve().name, path=file.absolute())
    if colon:
        TARGETS.find(reader)
        folder = local_path(root)
        if not root or not is_folder(folder):
            raise NotFound(f"source {word!r}: {root or 'nothing'} is no folder of a {reader}")
        return SourceChoice(reader, reader=reader, path=folder.absolute())
    dataset, number = parse_snapshot(word)
    return SourceChoice(word, dataset=dataset, snapshot=number)


def pinned(choice: SourceChoice, store: Store) -> SourceChoice:
    """The same whenever it is opened again: the newest snapshot by its number."""
    if choice.dataset is None:
        return choice
    found = open_snapshot(
        Dataset(choice.dataset, store), choice.snapshot, choice.content_digest
    ).snapshot
    return replace(choice, snapshot=found.number, content_digest=found.content_digest)


def opened(choice: SourceChoice, store: Store, partial: bool = False) -> Source:
    """A source that exists.

    Raises ``NotFound`` or ``CorruptData`` if it is not there or not whole, ``BadRecipe`` if
    nobody can learn from it.
    """
    if choice.is_model:
        assert choice.path is not None
        from training.checkpoints import load_checkpoint

        return Saved(choice.name, choice.path, load_checkpoint(choice.path))
    learnt = _published(choice, store) if choice.dataset else _of_others(choice, partial)
    if len(learnt.people) < _LEAST_PEOPLE:
        raise BadRecipe(
            f"source {choice.name}: {learnt.what} has training images of {len(learnt.people)} "
            "people; nobody learns from fewer than two (in a list they have the role train)"
        )
    return learnt


def _published(choice: SourceChoice, store: Store) -> Learnt:
    from tasks.train.fit import snapshot_data

    assert choice.dataset is not None
    dataset = Dataset(choice.dataset, store)
    reader = open_snapshot(dataset, choice.snapshot, choice.content_digest)
    snapshot, table = reader.snapshot, reader.table(["person_id", "camera", "split"])
    person, camera, split = (np.asarray(c.to_pylist(), np.str_) for c in table.columns)
    mask = split == TRAIN

    def fingerprints() -> np.ndarray:
        digests = reader.table(["crop_digest"])["crop_digest"]
        return fingerprints_of(digests.filter(pa.array(mask)).to_pylist())

    return Learnt(
        choice.name,
        choice.dataset,
        f"{choice.dataset}, snapshot {snapshot.number}",
        frozenset(person[mask].tolist()),
        len(np.unique(camera[mask])),
        int(mask.sum()),
        sum(snapshot.lineage.get("cpu_seconds", {}).values()) / snapshot.crops or None,
        lambda config: snapshot_data(reader, config, picture_cache()),
        fingerprints,
    )


def _of_others(choice: SourceChoice, partial: bool) -> Learnt:
    from tasks.train.fit import target_data

    target = training_part(choice, partial)
    images = [image for image in target.images if image.role == TRAIN]
    return Learnt(
        choice.name,
        target.name,
        f"{target.name}, training part",
        frozenset(image.person for image in images),
        len({image.camera for image in images}),
        len(images),
        None,
        lambda config: target_data(target, config, picture_cache()),
        lambda: target.fingerprints(images),
    )


def training_part(choice: SourceChoice, partial: bool) -> Target:
    """The only split of somebody else's data set; ``BadRecipe`` if there are several."""
    assert choice.path is not None
    if choice.reader is None:
        (target,) = open_for_training(choice.path.name, choice.path.parent)
        return target
    target, *others = open_for_training(choice.reader, choice.path, partial)
    if others:
        raise BadRecipe(
            f"source {choice.name}: {choice.reader} has {len(others) + 1} splits; write one as a "
            "CSV list"
        )
    return target
