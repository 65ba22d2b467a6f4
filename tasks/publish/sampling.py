"""Exact, stratified, seeded sampling: which crops of each person are published.

The paper's loader draws uniformly from the pool until the *mean* per person is reached, so
that people and cameras are unevenly represented. Here every person gets exactly the number
asked for, spread as evenly over scenes, and over cameras within a scene, as the accepted
crops allow. The choice depends on the seed and on the crops alone, not on the order in which
shards finished.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np

from manifests.crop_sizes import SIZES, SizeClass, shares_of, size_class
from tasks.publish.candidates import Candidates

NO_SIZES: Mapping[SizeClass, float] = {}


def stratified_sample(
    candidates: Candidates,
    images_per_person: int,
    seed: int,
    sizes: Mapping[SizeClass, float] = NO_SIZES,
) -> np.ndarray:
    """Rising indices of the sampled crops: ``images_per_person`` of everybody who has as many.

    Round robin over a person's scenes, each taking turns over its cameras, each drawing its
    crops in an order given by a hash of seed and image. People with fewer crops get all.
    ``sizes``: shares of crops by the height of people (``CaptureRules.sizes``); those of which
    a person has too many then come later.
    """
    person = candidates.person.astype(np.int64)
    scene = person * len(candidates.scenes) + candidates.scene
    camera = person * len(candidates.cameras) + candidates.camera
    cameras = hashes(f"{seed}:turn:{name}" for name in candidates.cameras)
    scenes = hashes(f"{seed}:turn:{name}" for name in candidates.scenes)
    camera_turn = mix(cameras[candidates.camera], person)
    scene_turn = mix(scenes[candidates.scene], person)

    lots = draw(candidates.digest, seed, "sample")
    drawn = rank_within(camera, _weighted(lots, candidates, sizes) if sizes and len(lots) else lots)
    in_scene = rank_within(scene, drawn, camera_turn)
    in_person = rank_within(person, in_scene, scene_turn)
    return np.flatnonzero(in_person < images_per_person)


def _weighted(
    lots: np.ndarray, candidates: Candidates, sizes: Mapping[SizeClass, float]
) -> np.ndarray:
    """Keys to sort by, so that crops come first as often as their size is asked for against how
    often the person has it (each person by itself, so that sets grow without changing)."""
    person, kind = candidates.person.astype(np.int64), size_class(candidates.height)
    had = np.bincount(person * len(SIZES) + kind, minlength=len(SIZES) * (person.max() + 1))
    weight = np.maximum(shares_of(sizes)[kind], 1e-6) / had[person * len(SIZES) + kind]
    return -np.log((lots.astype(float) + 1.0) / 2.0**64) / weight


def rank_within(group: np.ndarray, *order: np.ndarray) -> np.ndarray:
    """Position of each entry in its group, sorted by ``order`` (first key first)."""
    sorted_ = np.lexsort((*reversed(order), group))
    starts = np.ones(len(group), dtype=bool)
    starts[1:] = group[sorted_][1:] != group[sorted_][:-1]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(group)), 0))
    ranks = np.empty(len(group), dtype=np.int64)
    ranks[sorted_] = np.arange(len(group)) - first
    return ranks


def draw(digest: np.ndarray, seed: int, purpose: str) -> np.ndarray:
    """A uniform uint64 for every image ((n, 2) uint64 digests), independent per purpose."""
    return mix(digest[:, 0], hashes([f"{seed}:{purpose}"]))


def mix(values: np.ndarray, salt: np.ndarray | np.uint64) -> np.ndarray:
    """Bijective scrambling of uint64 ``values`` with a salt (the splitmix64 finaliser)."""
    with np.errstate(over="ignore"):
        x = np.asarray(values, dtype=np.uint64) + np.asarray(salt).astype(np.uint64) * np.uint64(
            0x9E3779B97F4A7C15
        )
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def hashes(texts: Iterable[str]) -> np.ndarray:
    """(n,) uint64: the first eight bytes of each text's BLAKE2b digest."""
    drawn = (hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.array([int.from_bytes(lot) for lot in drawn], dtype=np.uint64)
