"""What is read of claimed crop files, round after round."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import pyarrow as pa

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.stores import LocalStore
from manifests.stores.ranges import RangeFile
from tasks.publish.candidates import ReadCrops, read_candidates
from tasks.publish.publish import publish_dataset
from tests.manifests.claimed_shards import claim_shards, recipe

ROUNDS = (range(10), range(10, 16), range(16, 20))
"""Whose crops each round adds, in two files."""


@dataclass(frozen=True)
class CountingStore(LocalStore):
    """A folder that is read in ranges, as a bucket is; ``read`` counts the bytes of each object."""

    read: Counter[str] = field(default_factory=Counter, compare=False)

    def get_range(self, key: str, start: int, length: int) -> bytes:
        data = super().get_range(key, start, length)
        self.read[key] += len(data)
        return data

    def open_input(self, key: str) -> pa.NativeFile:
        file = RangeFile(self.size(key), lambda start, length: self.get_range(key, start, length))
        return pa.PythonFile(file, mode="r")


def bytes_of_rounds(folder: Path, known: ReadCrops) -> list[int]:
    """Bytes that all rounds read of the files of each of ``ROUNDS``, and what they found."""
    folder.mkdir()
    store, claims, added = CountingStore(folder / "store"), dict[str, Claim](), []
    for people in ROUNDS:
        made = claim_shards(Dataset("toy", store), folder, people=people)
        added.append(made)
        claims |= made
        same(read_candidates(store, claims, known), read_candidates(LocalStore(store.root), claims))
    return [sum(store.read[claim.key] for claim in made.values()) for made in added]


def same(found: object, expected: object) -> None:
    for column in fields(expected):  # pyright: ignore[reportArgumentType]
        one, other = getattr(found, column.name), getattr(expected, column.name)
        assert type(one) is type(other)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other


def test_every_crop_file_is_read_once_in_all_rounds(tmp_path: Path) -> None:
    once = bytes_of_rounds(tmp_path / "once", ReadCrops())
    always = bytes_of_rounds(tmp_path / "always", ReadCrops(most_bytes=0))
    assert min(once) > 0
    assert always == [3 * once[0], 2 * once[1], once[2]]


def test_what_does_not_fit_is_read_again(tmp_path: Path) -> None:
    once = bytes_of_rounds(tmp_path / "once", ReadCrops())
    # One file of the first round: two crops of ten people in three cameras, 38 bytes each.
    first_file = bytes_of_rounds(tmp_path / "some", ReadCrops(most_bytes=60 * 38))
    assert once[0] < first_file[0] < 3 * once[0]
    assert first_file[1:] == [2 * once[1], once[2]]


def test_publishing_knows_what_the_rounds_have_read(tmp_path: Path) -> None:
    store, known = CountingStore(tmp_path / "store"), ReadCrops()
    toy = Dataset("toy", store)
    claims = claim_shards(toy, tmp_path)
    read_candidates(store, claims, known)
    store.read.clear()
    publish_dataset(recipe(), toy, [], claims, known=known)
    assert not any(store.read[claim.key] for claim in claims.values())
