"""What an adaptation finds where its images lie, before anything is adapted."""

from __future__ import annotations

from pathlib import Path

from manifests.stores import open_store
from tasks.adapt.places import DataPlace
from tests.tasks.report.publishing import publish_small


def test_the_test_people_of_a_published_data_set_measure_the_adaptation(tmp_path: Path) -> None:
    uri = str(tmp_path / "store")
    published = publish_small(open_store(uri))
    tested = DataPlace(name="small", store=uri).opened().test()
    assert tested is not None
    assert tested.lineage["content_digest"] == published.snapshot.content_digest
    assert tested.people == {f"0-{person:06d}" for person in range(12, 16)}


def test_a_data_set_without_test_people_can_be_adapted_to(tmp_path: Path) -> None:
    uri = str(tmp_path / "store")
    publish_small(open_store(uri), people=3)
    assert DataPlace(name="small", store=uri).opened().test() is None
    (tmp_path / "0.jpg").write_bytes(b"")
    (tmp_path / "own.csv").write_text("path,person,camera,role\n0.jpg,a,one,train\n")
    assert DataPlace(name="own.csv", root=tmp_path).opened().test() is None
