"""What an adaptation finds where its images lie, before anything is adapted."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import TrainingFailed
from manifests.stores import open_store
from tasks.adapt.places import DataPlace, open_places
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


def test_an_adaptation_needs_several_cameras_of_its_target(tmp_path: Path) -> None:
    rows: dict[str, str] = {}
    for camera, name in (("one", "a"), ("two", "b")):
        (tmp_path / f"{name}.jpg").write_bytes(b"nothing that could be decoded")
        rows[camera] = f"{name}.jpg,?,{camera},train"
    head = "path,person,camera,role\n"
    (tmp_path / "both.csv").write_text(f"{head}{rows['one']}\n{rows['two']}\n")
    (tmp_path / "one.csv").write_text(f"{head}{rows['one']}\n")
    (tmp_path / "none.csv").write_text(f"{head}a.jpg,?,one,junk\n")
    both, one, none = (DataPlace(name=f"{n}.csv", root=tmp_path) for n in ("both", "one", "none"))
    assert open_places(one, both)[1].cameras == {"one", "two"}
    with pytest.raises(TrainingFailed, match=r"images of several cameras, these are of one camera"):
        open_places(both, one)
    with pytest.raises(TrainingFailed, match=r"images of several cameras, these are none"):
        open_places(both, none)
