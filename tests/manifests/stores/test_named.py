"""Stores by name: what a farm's list allows, and what it refuses."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from flows.places import chosen_store
from manifests.dataset import Dataset
from manifests.errors import StoreUnsuitable
from manifests.stores import LocalStore, open_store


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "stores.yaml"
    path.write_text(
        f"scratch: {{uri: {tmp_path / 'scratch'}}}\n"
        "lab: {uri: 's3://reid/factory', endpoint: 'https://s3.lab.example'}\n"
    )
    monkeypatch.setenv("UNREALPERSON_STORES", str(path))
    return path


def test_a_name_opens_what_the_list_says(stores: Path, tmp_path: Path) -> None:
    store = open_store("scratch")
    store.put("demo/hello", b"there")

    assert isinstance(store, LocalStore)
    assert (tmp_path / "scratch" / "demo" / "hello").read_bytes() == b"there"
    assert open_store("lab").uri == "s3://reid/factory"


@pytest.mark.parametrize("name", ["scratch", "lab"])
def test_another_process_is_sent_the_name_and_opens_the_same_store(stores: Path, name: str) -> None:
    dataset = Dataset("demo", open_store(name))
    sent = pickle.loads(pickle.dumps(dataset))

    assert (sent.name, sent.store.address, sent.store.uri) == ("demo", name, dataset.store.uri)
    assert open_store(dataset.store.address).uri == dataset.store.uri


@pytest.mark.parametrize("wanted", ["/etc", "s3://elsewhere/data", "file:///tmp", "nobody"])
def test_nothing_else_can_be_opened(stores: Path, wanted: str) -> None:
    with pytest.raises(StoreUnsuitable, match="lab, scratch"):
        open_store(wanted)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lab: s3://reid", "lab"),
        ("lab: {uri: s3://reid, key: secret}", "key"),
        ("lab: {uri: s3://reid, endpoint: 'https://user:word@host'}", "endpoint"),
        ("lab: {uri: s3://reid, endpoint: 'https://host/?x'}", "endpoint"),
        ("lab: {uri: 's3://reid/sets#2'}", "do you mean s3://reid/sets"),
        ("[", "not YAML"),
        ("lab: {uri: /a}\nlab: {uri: /b}", "`lab` is written twice"),
        ("lab: {url: /a}", "did you mean `uri`"),
    ],
)
def test_a_list_that_is_none_is_refused(stores: Path, text: str, words: str) -> None:
    stores.write_text(text)

    with pytest.raises(StoreUnsuitable, match=words):
        open_store("lab")


def test_a_missing_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_STORES", "/nowhere.yaml")

    with pytest.raises(StoreUnsuitable, match="nowhere"):
        open_store("lab")


def test_the_default_of_a_farm_is_a_name(stores: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreUnsuitable, match="UNREALPERSON_STORE"):
        chosen_store("default")
    monkeypatch.setenv("UNREALPERSON_STORE", "lab")

    assert chosen_store("default").address == chosen_store(None).address == "lab"
    assert chosen_store("scratch").address == "scratch"


def test_elsewhere_folders_become_absolute_and_addresses_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNREALPERSON_STORE", raising=False)
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert chosen_store("data").address == str(tmp_path / "data")
    assert chosen_store("s3://reid/factory").address == "s3://reid/factory"
    assert chosen_store("default").address == str(tmp_path / "store")
