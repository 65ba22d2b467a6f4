"""Composition of batches: whole cameras, positives across cameras, resumable anywhere."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.errors import TrainingFailed
from training.config import BatchSettings, SamplerKind
from training.data.sampler import make_sampler

DEMO = BatchSettings(cameras=6, people=5, images=2)


def demo_labels(people: int = 72, cameras: int = 6, images: int = 2) -> tuple[np.ndarray, ...]:
    """Everybody equally often in every camera, as in the demo: 12 images of each of 72."""
    person, camera, _ = np.indices((people, cameras, images)).reshape(3, -1)
    return person, camera


def test_a_batch_has_distinct_cameras_people_and_images() -> None:
    person, camera = demo_labels()
    sampler = make_sampler(DEMO, person, camera, seed=1)
    for iteration in range(2 * sampler.batches_per_epoch):
        rows = sampler.batch(iteration)
        assert len(rows) == len(set(rows.tolist())) == 60
        assert (np.diff(camera[rows]) >= 0).all()
        assert set(Counter(camera[rows].tolist()).values()) == {10}
        pairs = Counter(zip(person[rows].tolist(), camera[rows].tolist(), strict=True))
        assert set(pairs.values()) == {2}


def test_everybody_in_a_batch_is_seen_by_two_cameras() -> None:
    person, camera = demo_labels()
    sampler = make_sampler(DEMO, person, camera, seed=2)
    for iteration in range(30):
        rows = sampler.batch(iteration)
        for who in np.unique(person[rows]):
            assert len(np.unique(camera[rows][person[rows] == who])) >= 2


def test_people_and_images_take_turns() -> None:
    person, camera = demo_labels()
    sampler = make_sampler(DEMO, person, camera, seed=3)
    epoch = np.concatenate([sampler.batch(i) for i in range(sampler.batches_per_epoch)])
    seen = np.bincount(person[epoch], minlength=72)
    assert seen.min() >= 4
    assert seen.max() <= 20
    assert len(np.unique(epoch)) > 0.6 * len(person)


@pytest.mark.parametrize("kind", list(SamplerKind))
def test_any_iteration_can_be_asked_for_alone(kind: SamplerKind) -> None:
    person, camera = demo_labels(people=20)
    choice = DEMO.model_copy(update={"sampler": kind})
    whole = make_sampler(choice, person, camera, seed=4)
    batches = [whole.batch(i) for i in range(11)]
    resumed = make_sampler(choice, person, camera, seed=4)
    for iteration in (10, 3, 7):
        np.testing.assert_array_equal(resumed.batch(iteration), batches[iteration])
    other = make_sampler(choice, person, camera, seed=5)
    assert any(not np.array_equal(other.batch(i), batches[i]) for i in range(11))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    people=st.integers(2, 12),
    cameras=st.integers(1, 7),
    wanted=st.tuples(st.integers(1, 8), st.integers(1, 4), st.integers(1, 3)),
)
def test_uneven_data_still_fills_batches(
    seed: int, people: int, cameras: int, wanted: tuple[int, int, int]
) -> None:
    rng = np.random.default_rng([seed, 5])
    person = np.r_[np.arange(people), rng.integers(0, people, 40)]
    camera = rng.integers(0, cameras, len(person))
    choice = BatchSettings(cameras=wanted[0], people=wanted[1], images=wanted[2])
    sampler = make_sampler(choice, person, camera, seed)
    present = len(np.unique(camera))
    for iteration in range(3):
        rows = sampler.batch(iteration)
        expected = min(choice.cameras, present)
        assert len(np.unique(camera[rows])) == expected
        per_camera = Counter(camera[rows].tolist())
        assert len(set(per_camera.values())) == 1
        if present >= choice.cameras:
            assert len(rows) == choice.size


def test_positives_across_cameras_wherever_they_exist() -> None:
    rng = np.random.default_rng(6)
    person = np.repeat(np.arange(30), 4)
    camera = np.concatenate([np.repeat(rng.choice(5, 2, replace=False), 2) for _ in range(30)])
    sampler = make_sampler(BatchSettings(cameras=5, people=3, images=2), person, camera, seed=7)
    shares = []
    for iteration in range(20):
        rows = sampler.batch(iteration)
        who = np.unique(person[rows])
        seen = [len(np.unique(camera[rows][person[rows] == w])) for w in who]
        shares.append(np.mean(np.array(seen) >= 2))
    assert np.mean(shares) > 0.8


def test_paper_sampler_draws_with_replacement() -> None:
    person, camera = demo_labels(people=50, cameras=34, images=1)
    choice = BatchSettings(sampler=SamplerKind.paper, cameras=8, people=2, images=4)
    sampler = make_sampler(choice, person, camera, seed=8)
    batches = [sampler.batch(i) for i in range(20)]
    assert all(len(rows) == 64 for rows in batches)
    assert np.mean([len(np.unique(rows)) for rows in batches]) < 20
    assert min(len(np.unique(camera[rows])) for rows in batches) < 8


def test_identity_sampler_takes_whole_people() -> None:
    person, camera = demo_labels(people=20)
    choice = BatchSettings(sampler=SamplerKind.identity, cameras=1, people=16, images=4)
    rows = make_sampler(choice, person, camera, seed=9).batch(0)
    assert set(Counter(person[rows].tolist()).values()) == {4}
    assert len(set(rows.tolist())) == 64


def test_one_person_teaches_nothing() -> None:
    with pytest.raises(TrainingFailed, match="two people"):
        make_sampler(DEMO, np.zeros(10, int), np.arange(10) % 2, seed=0)
