"""From claimed crops to the exact list that is published, and what is still missing for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from manifests.errors import Shortfall
from manifests.places import Places
from manifests.recipe import OnShortfall, Recipe
from tasks.publish.candidates import Candidates
from tasks.publish.sampling import stratified_sample
from tasks.publish.splits import assign_roles, distractors, test_people
from tasks.publish.wording import some

_NAMED = 8


@dataclass(frozen=True)
class Selection:
    """The published crops in canonical order, with split and role.

    ``rows``: the chosen candidates; ``is_test``: (n,) bool; ``roles``: (n,) int8 codes into
    ``splits.ROLES``; ``dropped``: indices of people who were left out.
    """

    rows: Candidates
    is_test: np.ndarray
    roles: np.ndarray
    dropped: tuple[int, ...]

    @property
    def digest(self) -> str:
        """Identity of the choice: images, people, places, splits and roles, in order."""
        hasher = hashlib.blake2b(digest_size=16)
        hasher.update("\0".join((*self.rows.scenes, "", *self.rows.cameras)).encode())
        for values in (
            self.rows.digest,
            self.rows.person,
            self.rows.scene,
            self.rows.camera,
            self.is_test,
            self.roles,
        ):
            hasher.update(np.ascontiguousarray(values).tobytes())
        return hasher.hexdigest()


def missing_crops(recipe: Recipe, candidates: Candidates) -> dict[int, int]:
    """How many more accepted crops each person needs; empty when everybody has enough.

    Counts distinct images. A person who has enough images but was seen by too few cameras or
    in too few scenes needs one more for each that is missing. Extras (``Recipe.groups``) alone ask
    for nothing, but are named beside somebody of their group who lacks crops, so that the group's
    top-up is the same when a grown recipe makes them members.
    """
    groups = recipe.groups()
    lacking = _lacking(recipe, candidates, groups[-1].stop)
    size = recipe.shards.people_per_shard
    asking = {index // size for index in lacking if index < recipe.people.count}
    return {index: missing for index, missing in lacking.items() if index // size in asking}


def seen_by(candidates: Candidates, people: Iterable[int]) -> dict[int, frozenset[str]]:
    """The cameras that have accepted crops of each of ``people``."""
    found: dict[int, frozenset[str]] = {}
    for index in people:
        codes = np.unique(candidates.camera[candidates.person == index])
        found[index] = frozenset(candidates.cameras[code] for code in codes)
    return found


def deficits(recipe: Recipe, candidates: Candidates) -> dict[int, int]:
    """Missing crops of the people of ``recipe``, extras left out; see ``missing_crops``."""
    return _lacking(recipe, candidates, recipe.people.count)


def _lacking(recipe: Recipe, candidates: Candidates, count: int) -> dict[int, int]:
    asked = candidates.person < count
    person = candidates.person[asked].astype(np.int64)
    images = np.bincount(person, minlength=count)
    cameras = _distinct(person, candidates.camera[asked], len(candidates.cameras), count)
    scenes = _distinct(person, candidates.scene[asked], len(candidates.scenes), count)
    places, size = Places(recipe), recipe.shards.people_per_shard
    met = [len(places.of_group(group)) for group in range(len(recipe.groups()))]
    wanted_scenes = np.minimum(np.repeat(met, size)[:count], recipe.images_per_person)
    missing = np.maximum(recipe.images_per_person - images, wanted_scenes - scenes)
    missing = np.maximum(missing, recipe.min_cameras_per_person - cameras)
    return {int(index): int(missing[index]) for index in np.flatnonzero(missing > 0)}


def select(recipe: Recipe, candidates: Candidates) -> Selection:
    """Exactly ``images_per_person`` crops of every person, with splits and roles.

    People who lack crops end in ``Shortfall``, or are left out and recorded if the recipe
    says ``on_shortfall: drop_person``.
    """
    missing = deficits(recipe, candidates)
    complete = np.ones(recipe.people.count, dtype=bool)
    complete[list(missing)] = False
    if missing and (recipe.on_shortfall is OnShortfall.error or not complete.any()):
        raise Shortfall(_shortfall(recipe, candidates, missing))
    keep = candidates.person < recipe.people.count
    keep[keep] = complete[candidates.person[keep]]
    pool = candidates if keep.all() else candidates.take(keep)
    wishes = (recipe.images_per_person, recipe.seed, recipe.capture.sizes)
    chosen = pool.take(stratified_sample(pool, *wishes))
    rows = chosen.take(_canonical_order(chosen))

    seed, rules = recipe.seed, recipe.splits
    units = {int(index): rows.split_group[int(index)] for index in np.unique(rows.person)}
    if rules.worlds is None:
        test = test_people(_testable(units, rules.among_first), rules.test_share, seed)
    else:  # they have walked in other worlds than those who are trained on
        places, size = Places(recipe), recipe.shards.people_per_shard
        test = {person for person in units if places.is_tested(person // size)}
    silent = distractors(test, rules.distractor_share, seed)
    return Selection(
        rows,
        np.isin(rows.person, np.fromiter(test, dtype=np.int64, count=len(test))),
        assign_roles(rows, test, silent, rules.junk_visibility, seed),
        tuple(sorted(missing)),
    )


def _testable(units: Mapping[int, str], among_first: int | None) -> Mapping[int, str]:
    """The people of units that are all among the first so many."""
    if among_first is None:
        return units
    divided = {unit for person, unit in units.items() if person >= among_first}
    return {person: unit for person, unit in units.items() if unit not in divided}


def _canonical_order(rows: Candidates) -> np.ndarray:
    # Big-endian words of the digest sort like its bytes; scene and camera codes like names.
    high, low = (rows.digest[:, column].astype("<u8").byteswap() for column in (0, 1))
    return np.lexsort((low, high, rows.time, rows.camera, rows.scene, rows.person))


def _distinct(person: np.ndarray, code: np.ndarray, codes: int, people: int) -> np.ndarray:
    pairs = np.unique(person * max(codes, 1) + code)
    return np.bincount(pairs // max(codes, 1), minlength=people)


def _shortfall(recipe: Recipe, candidates: Candidates, missing: Mapping[int, int]) -> str:
    count = recipe.people.count
    images = np.bincount(candidates.person[candidates.person < count], minlength=count)
    named = [f"{who} (has {images[who]}, lacks {lacks})" for who, lacks in missing.items()]
    if recipe.video is not None:
        remedy = "record for longer (video.seconds)"
    elif recipe.on_shortfall is OnShortfall.drop_person:
        remedy = "more max_rounds; nobody has enough, so that nobody is left if those are dropped"
    else:
        remedy = "more max_rounds, or `on_shortfall: drop_person`"
    return (
        f"{recipe.name}: {len(missing)} of {count} people lack accepted crops after "
        f"{recipe.max_rounds} top-up rounds: {some(named, _NAMED)}. Ask for fewer "
        f"images_per_person or cameras, {remedy}"
    )
