"""Licences go along with every export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from manifests.dataset import Dataset
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tasks.export.formats import coco, format_names
from tests.manifests.test_golden import VERSIONS
from tests.tasks.report.publishing import publish_small

OF_FRAMES = {
    "aicity", "coco-frames", "coco-video", "ilids-vid", "mars", "motchallenge", "wildtrack",
}  # fmt: skip
"""``test_coco_frames`` and ``test_recorded_formats`` see to them."""

OF_CROPS = sorted(set(format_names()) - OF_FRAMES)

SOURCES = {"bodies (MakeHuman)": "CC0-1.0", "clothes packs (clothes folder)": "My own | terms"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    reader = publish_small(open_store(tmp_path_factory.mktemp("store")), people=3, labelled=True)
    terms = {"licence": "CC-BY-4.0", "lineage": {"sources": SOURCES}}
    return SnapshotReader(reader.dataset, reader.snapshot.model_copy(update=terms))


@pytest.mark.parametrize("form", OF_CROPS)
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


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_what_earlier_versions_published_is_exported_with_its_licence(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Golden rows have a word in the place of a mask.
    monkeypatch.setattr(coco, "decode_rle", lambda _, width, height: np.ones((height, width), bool))
    reader = open_snapshot(Dataset("golden", open_store(version / "store")))
    for form in OF_CROPS:
        done = export_snapshot(reader, form, tmp_path / form)
        assert done.written + done.left_out == reader.snapshot.crops
        assert done.written or form == "tracklets"  # those came with schema version 2
        assert (
            f"The data: [{reader.snapshot.licence}]" in (tmp_path / form / "README.md").read_text()
        )
