"""The reader: pinned, ordered, checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.reader import SnapshotReader, open_snapshot
from manifests.schema import MANIFEST
from manifests.snapshots import Snapshot
from manifests.stores import Store, open_store
from tasks.publish.publish import publish_dataset
from tests.manifests.claimed_shards import claim_shards, recipe


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return open_store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def toy(store: Store) -> Dataset:
    return Dataset("toy", store)


@pytest.fixture(scope="module")
def published(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    claims = claim_shards(toy, tmp_path_factory.mktemp("shards"))
    return publish_dataset(recipe(), toy, [], claims)


@pytest.fixture
def reader(toy: Dataset, published: Snapshot) -> SnapshotReader:
    return open_snapshot(toy, published.number, published.content_digest)


def test_rows_come_whole_or_by_column_and_filter(reader: SnapshotReader) -> None:
    assert reader.table().schema.names == MANIFEST.names
    chosen = reader.table(
        ["camera", "person_index"],
        (pc.field("split") == "test") & (pc.field("scene") == "street"),
    )
    assert chosen.column_names == ["camera", "person_index"]
    assert set(chosen["camera"].to_pylist()) == {"street_c01", "street_c02", "street_c03"}
    assert chosen["person_index"].to_pylist() == sorted(chosen["person_index"].to_pylist())
    with pytest.raises(NotFound, match="no such columns: colour"):
        reader.table(["colour"])


def test_labels_and_images_come_in_the_same_order(reader: SnapshotReader) -> None:
    rows, images = reader.crops()
    assert len(images) == rows.num_rows == 120
    digests = [hashlib.sha256(image).digest() for image in images]
    assert digests == rows["crop_digest"].to_pylist()


def test_splits_and_roles_are_columns_to_choose_by(reader: SnapshotReader) -> None:
    queries, images = reader.crops(split="test", role="query", columns=["person_id"])
    assert queries.column_names == ["person_id"]
    assert len(images) == queries.num_rows == reader.snapshot.counts["test"]["query"]
    both, _ = reader.crops(role=("query", "gallery"))
    assert both.num_rows == sum(reader.snapshot.counts["test"].values())
    assert reader.crops(split="test", role="train")[1] == []


def test_images_by_mask_or_by_row_number(reader: SnapshotReader) -> None:
    everything = list(reader.images())
    mask = np.zeros(120, dtype=bool)
    mask[[3, 77, 119]] = True
    assert list(reader.images(mask)) == [everything[n] for n in (3, 77, 119)]
    assert list(reader.images([3, 77, 119])) == [everything[n] for n in (3, 77, 119)]
    assert list(reader.images([])) == []
    for wrong in ([5, 3], [120], [-1], np.ones(7, dtype=bool)):
        with pytest.raises(ValueError, match=r"row numbers|mask"):
            list(reader.images(wrong))


def test_a_reader_gets_the_data_it_asked_for_or_none(
    store: Store, toy: Dataset, published: Snapshot
) -> None:
    assert open_snapshot(toy).snapshot == published
    with pytest.raises(CorruptData, match="not abc as asked"):
        open_snapshot(toy, 1, "abc")
    with pytest.raises(NotFound, match="no snapshot 2"):
        open_snapshot(toy, 2)
    with pytest.raises(NotFound, match="build --recipe other"):
        open_snapshot(Dataset("other", store))


def damaged(store: Store, key: str, tmp_path: Path, position: int) -> Store:
    """A copy of the store in which one byte of ``key`` is different."""
    copy = open_store(tmp_path / "copy")
    for info in store.list("toy/"):
        copy.put(info.key, store.get(info.key))
    data = bytearray(store.get(key))
    data[position] ^= 0x40
    copy.put(key, bytes(data))
    return copy


def test_damaged_rows_are_not_served(store: Store, published: Snapshot, tmp_path: Path) -> None:
    copy = damaged(store, published.manifest.key, tmp_path, 500)
    with pytest.raises(CorruptData, match=published.manifest.key):
        open_snapshot(Dataset("toy", copy)).table()


def test_damaged_images_are_not_served(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    part = published.parts[0].key
    image = next(open_snapshot(toy).images())
    copy = damaged(store, part, tmp_path, store.get(part).index(image) + len(image) // 2)
    with pytest.raises(CorruptData, match=r"train-00000.*row 0 is damaged"):
        list(open_snapshot(Dataset("toy", copy)).images())
    assert len(list(open_snapshot(Dataset("toy", copy)).images(range(1, 120)))) == 119


def test_readers_never_list_data(
    store: Store, toy: Dataset, published: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = []
    real = type(store).list
    monkeypatch.setattr(type(store), "list", lambda s, p: listed.append(p) or real(s, p))
    open_snapshot(toy).crops()
    assert sorted(listed) == ["toy/snapshots/", "toy/withdrawn/"]
    listed.clear()
    open_snapshot(toy, published.number).crops()
    assert listed == []


def test_whatever_is_flipped_or_cut_in_a_file_ends_in_words(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    """Footers above all: they say where everything else lies."""
    part, rng = published.parts[0].key, np.random.default_rng(11)
    images = list(open_snapshot(toy).images())
    whole = store.get(part)
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    places = [*rng.integers(len(whole), size=60), *(len(whole) - rng.integers(1, footer, size=240))]
    copy = Dataset("toy", damaged(store, part, tmp_path, 0))
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        copy.store.put(part, bytes(changed if place % 5 else changed[:place]))
        try:
            assert list(open_snapshot(copy).images()) == images
        except CorruptData as error:
            assert "train-00000" in str(error)


def test_splits_and_roles_that_there_are_not_are_named(reader: SnapshotReader) -> None:
    with pytest.raises(NotFound, match="no split 'val'; there are train, test"):
        reader.crops(split="val")
    with pytest.raises(NotFound, match="no role 'querry'; there are train, query, gallery"):
        reader.crops(role=["gallery", "querry"])
    assert reader.crops(columns="person_id")[0].column_names == ["person_id"]
