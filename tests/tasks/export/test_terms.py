"""Licences go along with every export."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tasks.export.formats import format_names
from tests.tasks.report.publishing import publish_small

SOURCES = {"bodies (MakeHuman)": "CC0-1.0", "clothes packs (clothes folder)": "My own | terms"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    reader = publish_small(open_store(tmp_path_factory.mktemp("store")), people=3, labelled=True)
    terms = {"licence": "CC-BY-4.0", "lineage": {"sources": SOURCES}}
    return SnapshotReader(reader.dataset, reader.snapshot.model_copy(update=terms))


@pytest.mark.parametrize("form", sorted(set(format_names()) - {"coco-frames"}))
def test_every_format_says_under_which_licences_it_may_be_used(
    reader: SnapshotReader, tmp_path: Path, form: str
) -> None:
    done = export_snapshot(reader, form, tmp_path / "out", ["street_c01"])
    _, head, text = (tmp_path / "out" / "README.md").read_text().split("---\n")

    assert yaml.safe_load(head)["license"] == "cc-by-4.0"
    assert "The data: [CC-BY-4.0](https://spdx.org/licenses/CC-BY-4.0.html)." in text
    assert "| bodies (MakeHuman) | [CC0-1.0](https://spdx.org/licenses/CC0-1.0.html) |" in text
    assert r"| clothes packs (clothes folder) | My own \| terms |" in text
    assert f"{done.written} {done.unit} of snapshot 1" in text
    assert reader.snapshot.content_digest in text
    assert "street_c01" in text
