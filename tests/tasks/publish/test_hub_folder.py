"""A published data set as a folder, as Hugging Face's libraries open it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData
from manifests.reader import open_snapshot
from manifests.snapshots import Snapshot
from tasks.hub.data_sets import publish_dataset
from tasks.hub.licences import licence_fields


def test_the_folder_is_whole_and_opens_as_splits(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    hub = pytest.importorskip("huggingface_hub")
    folder = tmp_path / "public"
    publish_dataset(open_snapshot(toy), folder)
    names = {info.key.rpartition("/")[2] for info in published.named_files()}
    assert {path.name for path in folder.iterdir()} == names - {"claims.json"}
    splits = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {name: len(crops) for name, crops in splits.items()} == {
        "train": published.counts["train"]["train"],
        **published.counts["test"],
    }
    card = hub.DatasetCard.load(folder / "README.md")
    assert card.data.license == "cc0-1.0" and card.data.pretty_name == "toy"
    named = {file["name"] for file in json.loads((folder / "croissant.json").read_text())[
        "distribution"
    ] if file["@type"] == "cr:FileObject"}  # fmt: skip
    assert named <= names


def test_only_the_licence_of_the_card_is_said_otherwise(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    reader = open_snapshot(toy)
    reader.snapshot = published.model_copy(update={"licence": "LicenseRef-Ours"})
    publish_dataset(reader, tmp_path / "public")
    stored = toy.store.get(toy.published_key(published.publish_id, "README.md")).decode()
    text = (tmp_path / "public" / "README.md").read_text()
    assert text.split("---\n", 2)[2] == stored.split("---\n", 2)[2]
    before, after = (yaml.safe_load(card.split("---\n")[1]) for card in (stored, text))
    assert after == {**before, "license": "other", "license_name": "licenseref-ours"}


def test_a_damaged_file_leaves_no_folder(toy: Dataset, published: Snapshot, tmp_path: Path) -> None:
    part = tmp_path / "store" / published.parts[0].key
    part.chmod(0o644)
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    with pytest.raises(CorruptData):
        publish_dataset(open_snapshot(toy), tmp_path / "public")
    assert not (tmp_path / "public").exists()
    (tmp_path / "in use").touch()
    with pytest.raises(BadRecipe, match="not empty"):
        publish_dataset(open_snapshot(toy), tmp_path / "in use")


def test_licences_go_by_the_hubs_names() -> None:
    assert licence_fields("CC-BY-SA-4.0") == {"license": "cc-by-sa-4.0"}
    assert licence_fields("ODbL-1.0") == {"license": "odbl"}
    assert licence_fields("SGI-B-2.0") == {
        "license": "other", "license_name": "sgi-b-2.0",
        "license_link": "https://spdx.org/licenses/SGI-B-2.0.html",
    }  # fmt: skip
