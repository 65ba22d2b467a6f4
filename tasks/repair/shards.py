"""Claims and the files they claim: which are damaged or gone, and the shards to do again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from pydantic import ValidationError

from manifests.claims import claim_in, claimed_ids
from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError, NotFound
from manifests.identity import crop_id, render_id
from manifests.layout import ClaimKind
from manifests.recipe import Recipe
from manifests.replaced import replace_document
from manifests.requests import read_plan, read_recipe
from manifests.shards import ShardSpec
from manifests.snapshots import Snapshot
from tasks.progress import Progress, report_progress
from tasks.publish.origins import Origins, read_origins
from tasks.publish.published_claims import claimed_by
from tasks.render.jobs import BuildPlace, JobRunner, run_shard
from tasks.render.mending import Standing, standing
from tasks.render.versions import other_version
from tasks.repair.report import RepairReport

_READERS = 4


@dataclass(frozen=True)
class _Work:
    """A shard, and a recipe that asks for it."""

    shard: ShardSpec
    recipe: Recipe

    @property
    def needs_frames(self) -> bool:
        """Whether frames are data that is published, which they can only be where they are kept."""
        return self.recipe.video is not None or bool(self.recipe.ground_truth)

    @property
    def obstacle(self) -> str:
        """Why this version of the factory would not make the same pixels; empty if it would."""
        return other_version(self.shard)


def mend_claims(
    snapshots: Sequence[Snapshot],
    place: BuildPlace,
    runner: JobRunner,
    workers: int,
    report: RepairReport,
) -> None:
    """See to it that all claims, and those that ``snapshots`` are made from, are whole with their
    files; what has to be rendered again is done by ``runner``, ``workers`` at a time."""
    dataset = place.dataset
    chains = [chain for snapshot in snapshots if (chain := _chain(dataset, snapshot)) is not None]
    asked = {id for chain in chains for id in chain.claims}
    for snapshot in snapshots:
        with suppress(FactoryError):  # `mend_requests` has said why
            asked |= set(claimed_by(dataset, snapshot))
    crops = asked.union(claimed_ids(dataset, "crops"))
    frames = {id for chain in chains for id in chain.frames}.union(claimed_ids(dataset, "frames"))
    known = _known_work(dataset)
    frames |= {render_id(known[id].shard) for id in crops & known.keys() if known[id].needs_frames}
    faults = dict(_faults(dataset, chains, "crops", crops, report))
    lost = {key: (found, id) for key, (found, id) in faults.items()}
    lost |= dict(_faults(dataset, chains, "frames", frames, report))
    if lost:
        _render(known, lost, place, runner, workers, report)


def _chain(dataset: Dataset, snapshot: Snapshot) -> Origins | None:
    try:
        return read_origins(dataset, snapshot)
    except (NotFound, CorruptData, ValidationError):
        return None


def _faults(
    dataset: Dataset,
    chains: list[Origins],
    kind: ClaimKind,
    ids: Iterable[str],
    report: RepairReport,
) -> Iterator[tuple[str, tuple[Standing, str]]]:
    """By key of its claim: what is wrong even after damaged claims are had again from copies."""
    ordered = sorted(ids)
    with ThreadPoolExecutor(_READERS) as pool:
        stand = list(pool.map(lambda id: standing(dataset, kind, id), ordered))
    for id, found in zip(ordered, stand):
        key = dataset.claim_key(kind, id)
        if found.claim is None and kind == "crops":
            found = _from_copy(dataset, chains, id, found, report)
        if found.fault:
            yield key, (found, id)


def _from_copy(
    dataset: Dataset, chains: list[Origins], id: str, found: Standing, report: RepairReport
) -> Standing:
    """What stands once the claim is put back from what a snapshot keeps of it."""
    key = dataset.claim_key("crops", id)
    for document in filter(None, (chain.claim_of(id) for chain in chains)):
        try:
            claim_in(document, dataset, key)
        except CorruptData:
            continue
        replace_document(dataset, key, found.document, document, found.fault)
        report.mended[key] = f"{found.fault}; put back as it was at publication"
        return standing(dataset, "crops", id)
    return found


def _known_work(dataset: Dataset) -> dict[str, _Work]:
    """Every shard that a stored plan has, by its render_id and its crop_id."""
    known: dict[str, _Work] = {}
    for info in dataset.store.list(dataset.plans_prefix):
        name = info.key.removeprefix(dataset.plans_prefix).removesuffix(".json")
        try:
            plan = read_plan(dataset, name)
            recipe = read_recipe(dataset, plan.recipe_digest)
        except (FactoryError, ValidationError):
            continue  # a plan that cannot be read says nothing; `verify` names it
        for shard in plan.shards:
            work, rendered = _Work(shard, recipe), render_id(shard)
            known[rendered] = known[crop_id(rendered, recipe.annotation)] = work
    return known


def _render(
    known: Mapping[str, _Work],
    lost: Mapping[str, tuple[Standing, str]],
    place: BuildPlace,
    runner: JobRunner,
    workers: int,
    report: RepairReport,
) -> None:
    """Do the shards of ``lost`` claims again."""
    work: dict[str, _Work] = {}
    for key, (found, id) in lost.items():
        if id not in known:
            report.not_mended[key] = (
                f"{found.fault}, and no stored plan has its shard; if no snapshot is made from it, "
                f"delete {place.dataset.where(key)} and build again"
            )
        elif obstacle := known[id].obstacle:
            report.not_mended[key] = f"{found.fault}, and its shard was made by {obstacle}"
        else:
            work[render_id(known[id].shard)] = known[id]
    failed: dict[str, str] = {}

    def do(item: tuple[str, _Work]) -> None:
        rendered, one = item
        try:
            run_shard(one.shard, one.recipe, place, runner, lambda _: None, repair=True)
        except FactoryError as error:
            failed[rendered] = str(error)

    with ThreadPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(do, work.items()), start=1):
            report_progress(Progress("repair", done, len(work), "shards"))
    for key, (before, id) in lost.items():
        if key not in report.not_mended:
            _say_what_came(place.dataset, key, before, id, known[id], failed, report)


def _say_what_came(
    dataset: Dataset,
    key: str,
    before: Standing,
    id: str,
    work: _Work,
    failed: Mapping[str, str],
    report: RepairReport,
) -> None:
    kind: ClaimKind = "crops" if "/claims/crops/" in key else "frames"
    after = standing(dataset, kind, id)
    if after.fault:
        said = failed.get(render_id(work.shard), "it was damaged again meanwhile")
        report.not_mended[key] = f"{after.fault}; rendering it again failed: {said}"
    elif before.claim is not None and after.claim == before.claim:
        report.mended[before.claim.key] = "gone or damaged; rendered again, byte for byte"
    else:
        report.mended[key] = f"{before.fault}; rendered again and claimed anew"
