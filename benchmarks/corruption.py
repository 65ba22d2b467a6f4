"""Damage to every kind of file of a data set and of models, and whether it is seen: ``python -m
benchmarks.corruption --tries 1000``.

A small data set is built, rendered and published twice, with expenses, reports, and a recipe, a
plan and a claim of a build under way beside it, and a model is saved. Then, by seed, one file at a
time is damaged (a bit flipped, an end cut off, two files swapped, a file deleted, another file of
the same kind put in its place), looked at with ``verify`` (of both snapshots) or loaded, and made
whole again.
``undetected``: damage after which the data set or the model passed as if nothing had happened;
``bare_errors``: what was not an error of ours; ``harmless``: nothing had changed, or whole
documents that no snapshot is chained to were deleted (what a build under way has made, and the
newest expenses), which nobody can know; ``only_noted``: deleted reports, which ``verify`` says in a
note; ``by_kind``: tries by file and damage. A deleted newest snapshot is seen only by who knows its
digest (``unseen_without_expect`` and ``seen_with_expect``).
The exit code is 1 unless nothing went unseen.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.claims import Claim, claim, claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.expenses import record_expense
from manifests.identity import digest
from manifests.reader import open_snapshot
from manifests.requests import keep_plan, keep_recipe, kept_plans
from manifests.snapshots import latest_snapshot
from manifests.stores import Store, open_store
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tasks.report.build import store_report
from tests.tasks.render.killing import Killer, build, small_recipe
from training.checkpoints import Checkpoint, load_network, save_checkpoint
from training.config import Precision, load_training
from training.models.person_net import build_network

TAKES = "ten minutes with `--tries 1000`"
SMOKE = ("--tries", "12")

DAMAGES = ("flip", "truncate", "swap", "delete", "replay")
MODEL = "model"
OUTCOMES = (
    "detected",
    "undetected",
    "bare_errors",
    "only_noted",
    "harmless",
    "unseen_without_expect",
    "seen_with_expect",
)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20210621)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    by_kind: defaultdict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(Path(folder))
        rng = np.random.default_rng(options.seed)
        for number in range(options.tries):
            kind, damage, seen = one_try(prepared, rng)
            by_kind[f"{kind}: {damage}"] += 1
            counts[seen] += 1
            if seen in ("undetected", "bare_errors"):
                print(f"{seen}: try {number}, {kind}, {damage}", file=sys.stderr)
        counts += newest_deleted(prepared.dataset)
    result = {"tried": options.tries} | {name: counts[name] for name in OUTCOMES}
    print(json.dumps(result | {"by_kind": dict(sorted(by_kind.items()))}))
    return 0 if counts["undetected"] == counts["bare_errors"] == 0 else 1


@dataclass(frozen=True)
class Prepared:
    """A data set with two snapshots and everything that may lie beside them, and a model.

    ``unchained``: documents that no snapshot knows of; ``notes``: what is noted of it all.
    """

    dataset: Dataset
    model: Path
    unchained: frozenset[str]
    notes: list[str]


def prepare(folder: Path) -> Prepared:
    """Make both below ``folder``."""
    recipe = small_recipe()
    build(recipe, folder, Killer(lambda: 0.0))
    dataset = Dataset(recipe.name, open_store(folder / "store"))
    claims = read_claims(dataset, "crops", claimed_ids(dataset, "crops"))
    record_expense(dataset, "plan", 3.0, 2.0)
    again = small_recipe(images_per_person=2)
    publish_dataset(again, dataset, list(kept_plans(dataset)), claims)
    for number in (1, 2):
        store_report(open_snapshot(dataset, number))
    before = keys(dataset)
    record_expense(dataset, "publish", 3.0, 2.0)
    build_under_way(dataset, claims)
    unchained = frozenset(key for key in keys(dataset) - before if not key.endswith(".parquet"))
    config = load_training("tiny", {"precision": "fp32"})
    network = build_network(config.model, people=9, seed=3)
    people = tuple(f"0-{i:06d}" for i in range(9))
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    for n, lineage in enumerate(({"snapshot": 1}, {"snapshot": 2})):
        checkpoint = Checkpoint(config, "run", Precision.fp32, n, people, weights, lineage=lineage)
        save_checkpoint(folder / f"model{n}.pt", checkpoint)
    return Prepared(dataset, folder / "model0.pt", unchained, whole(dataset))


def keys(dataset: Dataset) -> set[str]:
    """Of everything that is stored."""
    return {info.key for info in dataset.store.list(f"{dataset.name}/")}


def build_under_way(dataset: Dataset, claims: dict[str, Claim]) -> None:
    """A recipe, a plan and a claim that nothing is published from yet."""
    keep_recipe(dataset, small_recipe(seed=3))
    (plan, *_) = kept_plans(dataset)
    keep_plan(dataset, plan.model_copy(update={"round": plan.round + 1}))
    done = next(iter(claims.values()))
    data = dataset.store.get(done.key)
    id = digest(["under way", done.id])
    ours = done.model_copy(update={"id": id, "key": dataset.crops_key(id, "a1")})
    dataset.store.put(ours.key, data)
    claim(dataset, "crops", ours)


def whole(dataset: Dataset) -> list[str]:
    """What is noted of both snapshots; raises unless they pass."""
    reports = [verify(open_snapshot(dataset, number)) for number in (1, 2)]
    for report in reports:
        report.raise_if_broken()
    return [note for report in reports for note in report.notes]


def kind_of(key: str) -> str:
    """What a file is: its room, or its name where it is published."""
    room, *_, name = key.split("/")[1:]
    if room == "published":
        return "part" if name.startswith("part-") else name.partition(".")[0]
    return f"{room} {key.split('/')[2]}" if room == "claims" else room


def one_try(prepared: Prepared, rng: np.random.Generator) -> tuple[str, str, str]:
    """Kind of file, kind of damage, and what came of it."""
    dataset, files = prepared.dataset, defaultdict[str, list[str]](list)
    for key in sorted(keys(dataset)):
        files[kind_of(key)].append(key)
    kind = str(rng.choice([*sorted(files), MODEL]))
    damage = str(rng.choice(DAMAGES))
    if kind == MODEL:
        return kind, damage, damaged_model(prepared.model, damage, rng)
    mine = files[kind]
    key = str(rng.choice(mine))
    others = [other for other in mine if other != key]
    if damage in ("swap", "replay") and not others:
        damage = "flip"
    kept = {key: dataset.store.get(key)}
    if damage == "swap":
        other = str(rng.choice(others))
        kept[other] = dataset.store.get(other)
    inflict(dataset.store, key, damage, kept, others, rng)
    unchanged = all(
        dataset.store.exists(name) and dataset.store.get(name) == data
        for name, data in kept.items()
    )
    notes: list[str] = []
    try:
        seen = outcome(lambda: notes.extend(whole(dataset)))
    finally:
        for name, data in kept.items():
            dataset.store.put(name, data)
    if seen == "undetected" and (unchanged or (damage == "delete" and key in prepared.unchained)):
        seen = "harmless"
    elif seen == "undetected" and notes != prepared.notes:
        seen = "only_noted"
    return kind, damage, seen


def inflict(
    store: Store,
    key: str,
    damage: str,
    kept: dict[str, bytes],
    others: list[str],
    rng: np.random.Generator,
) -> None:
    """Damage the object ``key``; ``kept`` holds what all that change were."""
    if damage == "delete":
        store.delete(key)
    elif damage == "swap":
        (one, first), (other, second) = kept.items()
        store.put(one, second)
        store.put(other, first)
    elif damage == "replay":
        store.put(key, store.get(str(rng.choice(others))))
    else:
        store.put(key, changed(kept[key], damage, rng))


def changed(data: bytes, damage: str, rng: np.random.Generator) -> bytes:
    """Bytes with one bit flipped, or without their end."""
    if damage == "truncate":
        return data[: int(rng.integers(len(data)))]
    flipped = bytearray(data)
    flipped[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
    return bytes(flipped)


def damaged_model(path: Path, damage: str, rng: np.random.Generator) -> str:
    """What loading a damaged model comes to; a whole other model in its place is another model."""
    data = path.read_bytes()
    try:
        if damage == "delete":
            path.unlink()
        else:
            path.write_bytes(changed(data, damage, rng))
        return outcome(lambda: load_network(path))
    finally:
        path.write_bytes(data)


def outcome(look: Callable[[], object]) -> str:
    """Whether a look at damaged things ended in an error of ours, in another one, or in none."""
    try:
        look()
    except FactoryError:
        return "detected"
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return "bare_errors"
    return "undetected"


def newest_deleted(dataset: Dataset) -> Counter[str]:
    """The one damage that only somebody who knows what must be there can see."""
    newest = latest_snapshot(dataset)
    assert newest is not None
    key = dataset.snapshot_key(newest.number)
    data = dataset.store.get(key)
    dataset.store.delete(key)
    plain = outcome(lambda: verify(open_snapshot(dataset)).raise_if_broken())
    told = outcome(lambda: open_snapshot(dataset, None, newest.content_digest))
    dataset.store.put(key, data)
    return Counter(
        unseen_without_expect=int(plain == "undetected"), seen_with_expect=int(told == "detected")
    )


if __name__ == "__main__":
    sys.exit(main())
