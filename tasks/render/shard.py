"""Renders one shard: plans its frames, drives engines through them, writes the bundle.

What happens when an engine is lost on the way: ``tasks.render.driving``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.channels import CLASSES
from manifests.errors import BadRecipe, CorruptData
from manifests.identity import render_id
from manifests.people import PeopleRecipe
from manifests.shards import ShardSpec
from synth_workers.contracts.base import Preparation, ShardTask
from synth_workers.contracts.registry import contract_of
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_person
from synth_workers.people.spec import PersonSpec
from synth_workers.processes.launch import Engine, EngineCommand, EngineProcess, embedded_engine
from synth_workers.scenes.description import SceneDescription
from synth_workers.scenes.labels import pieces_table
from synth_workers.scenes.library import load_scene, read_scene
from synth_workers.scenes.placing import instances
from synth_workers.unreal.engines import engine_of_game
from synth_workers.worker.bundles import BundleWriter
from synth_workers.worker.runs import RefusedFrame
from synth_workers.worker.session import Deadlines
from tasks.accounting import own_cpu_seconds
from tasks.render.driving import Driver, EngineUse, OnProgress
from tasks.render.engines import EngineShelf


@dataclass(frozen=True)
class FrameBundle:
    """A finished frame bundle. ``cpu_seconds``: of ``worker`` and ``engine``; ``engine_bytes``: the
    most that an engine held."""

    path: Path
    frames: int
    provenance: dict[str, Any]
    cpu_seconds: dict[str, float]
    refused: tuple[RefusedFrame, ...]
    engine_bytes: int = 0


@dataclass(frozen=True)
class PreparedShard(Preparation):
    """A shard ready to be rendered. ``command``: starts the embedded engine for it, with the
    people of the file ``crowd``."""

    command: EngineCommand
    crowd: Path


def prepare_shard(shard: ShardSpec, people: PeopleRecipe, workdir: Path) -> PreparedShard:
    """Draw and build the people of ``shard``, plan its frames, write its crowd file."""
    workdir.mkdir(parents=True, exist_ok=True)
    specs = shard_specs(shard, people)
    cache = PeopleCache()
    cache.ensure(specs)
    motions = [cache.motion(spec.digest()) for spec in specs]
    scene = _scene(shard)
    crowd = workdir / "crowd.json"
    cache.write_crowd(specs, crowd)
    task = ShardTask(shard, people, scene, motions)
    prepared = contract_of(shard.engine, scene).prepare(task)
    command = embedded_engine(shard.scene, crowd, shard.image)
    return PreparedShard(**vars(prepared), command=command, crowd=crowd)


def render_shard(
    shard: ShardSpec,
    people: PeopleRecipe,
    workdir: Path,
    on_progress: OnProgress | None = None,
    *,
    new_engine: Callable[[EngineCommand], Engine] | None = None,
    deadlines: Deadlines | None = None,
    shelf: EngineShelf | None = None,
) -> FrameBundle:
    """Render ``shard`` into a bundle in ``workdir``.

    ``people``: the recipe the shard's people are drawn from; their digests must match.
    ``new_engine``: makes an engine of the command for the embedded one, or attaches to another;
    by default it is the one that the shard asks for. ``shelf``: where an embedded engine may come
    from, and goes afterwards.
    """
    started = own_cpu_seconds()
    prepared = prepare_shard(shard, people, workdir)
    driver = Driver(
        new_engine=lambda: (
            engine_of(shard, prepared, shelf)
            if new_engine is None
            else new_engine(prepared.command)
        ),
        new_level=prepared.new_level,
        load=prepared.load,
        deadlines=deadlines,
    )
    use = EngineUse()
    with BundleWriter(workdir / "frames.parquet", shard.ground_truth) as writer:
        run = prepared.new_run(writer)
        driver.finish(run, use, on_progress or (lambda _: None))
        provenance = {
            "render_id": render_id(shard),
            "contract": shard.engine.contract,
            "renderer": use.renderer,
            "dialect": use.dialect,
            "engine_version": shard.engine_version,
            "engine_losses": use.losses,
            "engines": use.engines,
            "recaptures": run.recaptures,
            "lacking": int(prepared.plan.lacking.sum()),
        }
        path = writer.finish(run.joint_names, provenance, **_said_of_labels(shard))
    return FrameBundle(
        path=path,
        frames=writer.frames,
        provenance=provenance,
        cpu_seconds={"worker": own_cpu_seconds() - started, "engine": use.cpu_seconds},
        refused=tuple(run.refused),
        engine_bytes=use.peak_bytes,
    )


def engine_of(
    shard: ShardSpec, prepared: PreparedShard, shelf: EngineShelf | None = None
) -> Engine:
    """The engine that ``shard`` asks for, not started; from a ``shelf`` if it is the embedded one.

    ``MissingRequirement`` if this host does not have the game that is asked for.
    """
    level = _scene(shard).game
    if level is None:
        if shelf is not None:
            return shelf.engine(prepared.command, shard.scene, prepared.crowd)
        return EngineProcess(prepared.command)
    return engine_of_game(shard.engine, level, shard.image.size)


def shard_specs(shard: ShardSpec, people: PeopleRecipe) -> list[PersonSpec]:
    """The people of a shard, drawn again; ``CorruptData`` if they are not those planned."""
    specs = [
        sample_person(people, shard.dataset_seed, person.index, person.outfit)
        for person in shard.people
    ]
    for reference, spec in zip(shard.people, specs):
        if spec.digest() != reference.spec_digest:
            raise CorruptData(
                f"person {reference.person_id} has digest {spec.digest()}, the plan says "
                f"{reference.spec_digest}: plan and code or recipe differ; plan the build anew"
            )
    return specs


def _said_of_labels(shard: ShardSpec) -> dict[str, Any]:
    """What the numbers in pictures of classes and instances mean, if there are such."""
    if not {"semantics", "instances"} & set(shard.ground_truth):
        return {}
    pieces = pieces_table([*instances(read_scene(shard.scene))])
    return {"classes": CLASSES, "scenery": pieces}


def _scene(shard: ShardSpec) -> SceneDescription:
    scene = load_scene(shard.scene)
    if scene.version != shard.scene_version:
        raise BadRecipe(
            f"scene {shard.scene!r} is version {scene.version}, the plan was made for version "
            f"{shard.scene_version}; plan the build anew"
        )
    return scene
