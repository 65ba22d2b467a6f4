"""The cache of built people: whole files, shared work, small reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from manifests.errors import CorruptData, NotFound
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.cache import PeopleCache
from synth_workers.people.spec import PersonSpec


@pytest.fixture(scope="module")
def filled(tmp_path_factory, specs: list[PersonSpec]) -> PeopleCache:
    cache = PeopleCache(tmp_path_factory.mktemp("people"))
    cache.ensure(specs[:3])
    return cache


def test_a_person_comes_back_as_built(
    filled: PeopleCache, builder: PersonBuilder, specs: list[PersonSpec]
) -> None:
    fresh, kept = builder.build(specs[1]), filled.load(specs[1].digest())
    for ours, theirs in zip(fresh.lods, kept.lods):
        assert ours.vertices.tobytes() == theirs.vertices.tobytes()
        assert np.array_equal(ours.indices, theirs.indices)
        assert theirs.indices.dtype == np.uint32
    assert np.array_equal(fresh.tiles, kept.tiles)
    assert fresh.clips.keys() == kept.clips.keys()
    assert np.array_equal(fresh.clips["walk"].bones, kept.clips["walk"].bones)
    assert (fresh.joint_names, fresh.joint_bones) == (kept.joint_names, kept.joint_bones)
    assert (fresh.stature, fresh.radius, fresh.reach) == (kept.stature, kept.radius, kept.reach)


def test_motion_is_the_person_in_centimetres(filled: PeopleCache, specs: list[PersonSpec]) -> None:
    digest = specs[0].digest()
    person, motion = filled.load(digest), filled.motion(digest)
    assert motion.stature_cm == pytest.approx(100 * person.stature)
    assert motion.travel_cm["walk"] == pytest.approx(100 * person.clips["walk"].travel)
    assert motion.cycle_seconds["walk"] == person.clips["walk"].seconds
    assert motion.travel_cm["idle"].max() == 0
    assert motion.pushed_cm.shape == person.pushed.shape == (0, 2)


def test_progress_counts_everybody_once(filled: PeopleCache, specs: list[PersonSpec]) -> None:
    seen: list[tuple[int, int]] = []
    filled.ensure(specs[:4], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(4, 4)]
    filled.ensure(specs[:4], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(4, 4)]


def test_a_crowd_file_names_people_in_order(
    filled: PeopleCache, specs: list[PersonSpec], tmp_path: Path
) -> None:
    file = tmp_path / "crowd.json"
    filled.write_crowd(specs[:3], file)
    crowd = json.loads(file.read_text())
    assert crowd["version"] == 1
    assert [person["person_id"] for person in crowd["people"]] == [
        spec.person_id for spec in specs[:3]
    ]
    assert filled.path(crowd["people"][2]["digest"]).is_file()
    assert PeopleCache(Path(crowd["root"])).load(crowd["people"][0]["digest"]).stature > 1


def test_missing_and_damaged_people_are_named(
    tmp_path: Path, filled: PeopleCache, specs: list[PersonSpec]
) -> None:
    cache, digest = PeopleCache(tmp_path), specs[0].digest()
    with pytest.raises(NotFound, match=digest):
        cache.load(digest)
    cache.path(digest).parent.mkdir(parents=True)
    whole = filled.path(digest).read_bytes()
    cache.path(digest).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptData, match="build again"):
        cache.load(digest)


def test_two_builders_share_one_cache(tmp_path: Path, specs: list[PersonSpec]) -> None:
    file = tmp_path / "specs.json"
    file.write_text(json.dumps([spec.model_dump(mode="json") for spec in specs[:6]]))
    code = """
import json, sys
from pathlib import Path
from synth_workers.people.cache import PeopleCache
from synth_workers.people.spec import PersonSpec
specs = [PersonSpec.model_validate(entry) for entry in json.loads(Path(sys.argv[1]).read_text())]
cache = PeopleCache(Path(sys.argv[2]))
cache.ensure(specs)
assert all(cache.load(spec.digest()).stature > 1 for spec in specs)
"""
    command = [sys.executable, "-c", code, str(file), str(tmp_path / "people")]
    builders = [subprocess.Popen(command) for _ in range(2)]
    assert [builder.wait(timeout=600) for builder in builders] == [0, 0]
    built = list((tmp_path / "people").rglob("*.npz"))
    assert {path.stem for path in built} == {spec.digest() for spec in specs[:6]}
    assert not list((tmp_path / "people").rglob(".*.partial"))
