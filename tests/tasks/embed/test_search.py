"""Who looks like whom, found in files of features that fit the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from manifests.errors import BadRecipe, CorruptData, NotFound
from tasks.embed import table as tables
from tasks.embed.opening import open_pictures
from tasks.embed.page import results_page
from tasks.embed.queries import look_for, read_query
from tasks.embed.run import embed
from tasks.embed.search import query_features, search
from tasks.embed.table import open_features
from tests.tasks.embed.conftest import CAMERAS
from training.embedding.network import open_network

SOMEBODY = f"{CAMERAS[1]}/4_2.jpg"


@pytest.fixture(scope="module")
def features(folder: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("features") / "f.parquet"
    return embed(open_pictures(folder), open_network(model), path).path


def test_a_picture_finds_itself_by_its_camera_and_by_all(folder: Path, features: Path):
    table, query = open_features(features), read_query(folder / SOMEBODY)

    (own,) = look_for(table, [query], camera=CAMERAS[1], most=3)
    (any_camera,) = look_for(table, [query], most=36)

    assert own[0].key == SOMEBODY and own[0].similarity == pytest.approx(1, abs=1e-4)
    assert len(own) == 3 and len(any_camera) == 36
    assert [hit.similarity for hit in any_camera] == sorted(
        (hit.similarity for hit in any_camera), reverse=True
    )
    assert any_camera[0].similarity < own[0].similarity


def test_portions_change_nothing(features: Path, monkeypatch: pytest.MonkeyPatch):
    table = open_features(features)
    whole = np.concatenate([rows for _, _, rows in table.parts()])
    keys = [key for names, _, _ in table.parts() for key in names]
    queries = whole[[3, 30]]
    monkeypatch.setattr(tables, "_GROUP_BYTES", 4 * 64 * 5)

    found = search(table, queries, most=9)

    assert [len(names) for names, _, _ in table.parts()] == [5] * 7 + [1]
    for hits, row in zip(found, queries @ whole.T, strict=True):
        nearest = np.argsort(-row, kind="stable")[:9]
        assert [hit.key for hit in hits] == [keys[at] for at in nearest]


def test_another_model_is_refused_with_what_differs(
    folder: Path, features: Path, other_model: Path, exported: Path
):
    table, query = open_features(features), read_query(folder / SOMEBODY)

    with pytest.raises(BadRecipe, match=r"run run \| another; sha256 \w+ \| \w+; embed .* again"):
        look_for(table, [query], other_model)
    with pytest.raises(BadRecipe, match=r"kind torch \| onnx; statistics of each"):
        look_for(table, [query], exported)
    with pytest.raises(NotFound, match="did you mean 'street_c01'"):
        look_for(table, [query], camera="street_c1")
    with pytest.raises(BadRecipe, match="leave --camera out"):
        query_features(table, open_network(exported), query[None], CAMERAS[0])


def test_a_model_that_moved_is_named(features: Path, folder: Path, model: Path, tmp_path: Path):
    moved = tmp_path / "moved.parquet"
    whole = pq.read_table(features)
    said = {
        key: value.replace(str(model).encode(), b"/nowhere/model.pt")
        for key, value in pq.ParquetFile(features).metadata.metadata.items()
        if key.startswith(b"unrealperson")
    }
    pq.write_table(whole.replace_schema_metadata(said), moved)
    table, query = open_features(moved), read_query(folder / SOMEBODY)

    with pytest.raises(NotFound, match=r"its model was /nowhere/model\.pt.*: --model"):
        look_for(table, [query])
    assert look_for(table, [query], model, CAMERAS[1])[0][0].key == SOMEBODY


def test_the_page_shows_what_was_found_and_what_is_gone(
    folder: Path, features: Path, model: Path, tmp_path: Path
):
    table, query = open_features(features), read_query(folder / SOMEBODY)
    found = look_for(table, [query], camera=CAMERAS[1], most=3)

    page = results_page(table, [("<him>.jpg", query)], found)

    assert page.count("data:image/jpeg;base64,") == 4
    assert "&lt;him&gt;.jpg" in page and "<him>" not in page
    assert SOMEBODY in page and "1.000" in page
    moved = table.about.model_copy(update={"source": str(tmp_path / "gone")})
    gone = results_page(replace(table, about=moved), [("him.jpg", query)], found)
    assert gone.count("not there any more") == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PAR1", "no Parquet file"),
        (b"\x80\x04\x95pickle", "no Parquet file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "f.parquet"
    path.write_bytes(content)
    with pytest.raises(CorruptData, match=said):
        open_features(path)


def test_tables_of_others_and_of_other_versions_are_refused(features: Path, tmp_path: Path):
    path = tmp_path / "f.parquet"
    table = pq.read_table(features)
    pq.write_table(table.replace_schema_metadata({}), path)
    with pytest.raises(CorruptData, match="none that `unrealperson embed` wrote"):
        open_features(path)
    said = dict(pq.ParquetFile(features).metadata.metadata)
    said = {k: v.replace(b'"version":1', b'"version":3') for k, v in said.items() if b"un" in k}
    pq.write_table(table.replace_schema_metadata(said), path)
    with pytest.raises(CorruptData, match="features of version 3, this code reads 1"):
        open_features(path)
    with pytest.raises(NotFound, match="`unrealperson embed` makes one"):
        open_features(tmp_path / "nothing.parquet")
