"""Who is held out for testing, and which test crops ask and which answer.

Splits are decided by ranking the hashes of indivisible units (look-alike groups, else single
people), so that the share is as exact as the units allow and the choice depends on nothing
but the seed and who is there.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from manifests.schema import ROLES
from tasks.publish.candidates import Candidates
from tasks.publish.sampling import draw, mix, rank_within


def test_people(units: Mapping[int, str], share: float, seed: int) -> set[int]:
    """The people held out for testing: as close to ``share`` of all as whole units come.

    ``units``: person index -> unit that must not be divided.
    """
    members: defaultdict[str, list[int]] = defaultdict(list)
    for person, unit in units.items():
        members[unit].append(person)
    target = round(share * len(units))
    chosen: set[int] = set()
    for unit in _ranked(members, seed, "split"):
        if len(chosen) + len(members[unit]) <= target:
            chosen.update(members[unit])
    left = [unit for unit in _ranked(members, seed, "split") if members[unit][0] not in chosen]
    if left and len(chosen) < target:
        smallest = min(left, key=lambda unit: len(members[unit]))
        missing = target - len(chosen)
        if len(members[smallest]) - missing < missing:
            chosen.update(members[smallest])
    return chosen


def distractors(test: set[int], share: float, seed: int) -> set[int]:
    """The test people who only appear in the gallery: exactly ``share`` of them, rounded."""
    names = {f"person {person}": person for person in test}
    ranked = _ranked(names, seed, "distractor")
    return {names[name] for name in ranked[: round(share * len(test))]}


def assign_roles(
    rows: Candidates, test: set[int], distracting: set[int], junk_visibility: float, seed: int
) -> np.ndarray:
    """The role of every published crop, as int8 codes into ``ROLES``.

    One seeded query per (test person, camera), the rest gallery; crops that show less than
    ``junk_visibility`` of the body are junk; people in ``distracting`` never ask. A crop
    becomes a query only if its person stays in the gallery of another camera: every query
    can be answered.
    """
    roles = np.full(len(rows), ROLES.index("train"), dtype=np.int8)
    is_test = np.isin(rows.person, np.fromiter(test, dtype=np.int64, count=len(test)))
    roles[is_test] = ROLES.index("gallery")
    silent = np.isin(rows.person, np.fromiter(distracting, dtype=np.int64, count=len(distracting)))
    roles[is_test & silent] = ROLES.index("distractor")
    junk = is_test & (rows.visibility < junk_visibility)
    roles[junk] = ROLES.index("junk")
    able = np.flatnonzero(is_test & ~silent & ~junk)
    roles[able[_queries(rows.take(able), seed)]] = ROLES.index("query")
    return roles


def _queries(rows: Candidates, seed: int) -> np.ndarray:
    """Mask over ``rows``: the first drawn crop of each camera that may ask."""
    person = rows.person.astype(np.int64)
    view = person * len(rows.cameras) + rows.camera
    asks = rank_within(view, draw(rows.digest, seed, "query")) == 0
    views, per_view = np.unique(view, return_counts=True)
    alone = per_view[np.searchsorted(views, view)] == 1

    # A view with two crops asks with one and answers with the other. Of a person's views with
    # a single crop, none stay silent beside two pairs, one beside one pair, else half of them.
    people = np.unique(person)
    pairs = _count(person[asks & ~alone], people)
    singles = _count(person[asks & alone], people)
    kept = np.select([pairs >= 2, pairs == 1], [0, 1], (singles + 1) // 2)
    no_answer = (pairs == 1) & (singles == 0)
    turn = rank_within(person, ~(asks & alone), mix(view.astype(np.uint64), np.uint64(seed)))
    row_person = np.searchsorted(people, person)
    asks[asks & alone & (turn < kept[row_person])] = False
    asks[no_answer[row_person]] = False
    return asks


def _count(person: np.ndarray, people: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(people, person), minlength=len(people))


def _ranked(names: Mapping[str, object], seed: int, purpose: str) -> list[str]:
    def key(name: str) -> bytes:
        return hashlib.blake2b(f"{seed}:{purpose}:{name}".encode(), digest_size=16).digest()

    return sorted(names, key=key)
