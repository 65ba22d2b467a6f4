"""Renders one shard: plans its frames, drives engines through them, writes the bundle.

What happens when an engine is lost on the way: ``tasks.render.driving``. Prefect-free.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import BadRecipe, BadScene, CorruptData
from manifests.identity import child_seed, render_id
from manifests.people import PeopleRecipe
from manifests.shards import ShardSpec
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.capture import CaptureRun, RefusedFrame
from synth_workers.contracts.person.level import PERSON_CLASS, PersonLevel
from synth_workers.contracts.unrealperson.level import CrowdLevel
from synth_workers.contracts.unrealperson.schedule import ScheduleRun
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_person
from synth_workers.people.person import PersonMotion
from synth_workers.people.spec import PersonSpec
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.processes.launch import Engine, EngineCommand, EngineProcess, embedded_engine
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import load_scene
from synth_workers.unreal.engines import engine_of_game
from synth_workers.worker.bundles import BundleWriter
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Deadlines, Session
from tasks.render.driving import Driver, EngineUse, LoadLevel, OnProgress

SETTLE_SECONDS = 5.0
"""How long people of the contract ``unrealperson`` spread before the first frame."""


@dataclass(frozen=True)
class FrameBundle:
    """A finished frame bundle. ``cpu_seconds``: of ``worker`` and ``engine``."""

    path: Path
    frames: int
    provenance: dict[str, Any]
    cpu_seconds: dict[str, float]
    refused: tuple[RefusedFrame, ...]


@dataclass(frozen=True)
class PreparedShard:
    """A shard ready to be rendered.

    ``plan``: its frames (none where the level owns its people). ``command``: starts its engine.
    ``new_level`` and ``load``: how an engine gets ready for it. ``new_run``: its progress.
    """

    plan: CapturePlan
    command: EngineCommand
    new_level: Callable[[Session], Any]
    load: LoadLevel
    new_run: Callable[[BundleWriter], CaptureRun | ScheduleRun]


def prepare_shard(shard: ShardSpec, people: PeopleRecipe, workdir: Path) -> PreparedShard:
    """Draw and build the people of ``shard``, plan its frames, write its crowd file."""
    workdir.mkdir(parents=True, exist_ok=True)
    specs = shard_specs(shard, people)
    cache = PeopleCache()
    cache.ensure(specs)
    motions = [cache.motion(spec.digest()) for spec in specs]
    scene = _scene(shard)
    cameras = [_camera(scene, name) for name in shard.cameras]
    if shard.engine.kind != "embedded" or shard.engine.contract != "person":
        cameras = [camera.without_distortion() for camera in cameras]
    crowd = workdir / "crowd.json"
    cache.write_crowd(specs, crowd)
    command = embedded_engine(shard.scene, crowd, shard.image)
    if shard.engine.contract == "unrealperson":
        return _prepare_crowd_level(shard, scene, cameras, motions, command)
    plan = plan_shard(shard, scene, cameras, motions)
    appearances = appearance_numbers(shard, people)
    return PreparedShard(
        plan=plan,
        command=command,
        new_level=lambda session: _new_level(session, shard, scene),
        load=lambda level, leftovers: _load(level, shard, appearances, cameras, leftovers),
        new_run=lambda writer: CaptureRun(
            plan=plan,
            identities=_identities(shard),
            light=shard.light,
            size=_size(shard),
            writer=writer,
        ),
    )


def _prepare_crowd_level(
    shard: ShardSpec,
    scene: SceneDescription,
    cameras: Sequence[Camera],
    motions: Sequence[PersonMotion],
    command: EngineCommand,
) -> PreparedShard:
    """A shard of the contract ``unrealperson``: the level walks its people, at a fixed schedule."""
    count, light = len(shard.people), scene.lights.index(shard.light)
    numbers, settle, level_of = None, SETTLE_SECONDS, CrowdLevel
    if scene.game is not None:
        # In the published levels the number in a name is the person, LC after LCreset sets the
        # first light, and levels of a single light have nothing for LC to set.
        numbers = [person.index for person in shard.people]
        light = light + 1 if len(scene.lights) > 1 else 0
        settle = scene.game.settle_seconds
        level_of = partial(
            CrowdLevel, blocked=scene.game.blocked, root_height=scene.game.root_height
        )
    return PreparedShard(
        plan=CapturePlan((), np.zeros((count, len(cameras)), int)),
        command=command,
        new_level=lambda session: level_of(session, *_size(shard)),
        load=lambda level, _: level.load(count, palette(count), light, settle, numbers),
        new_run=lambda writer: ScheduleRun(
            scene=scene,
            cameras=cameras,
            motions=motions,
            identities=_identities(shard),
            light=shard.light,
            size=_size(shard),
            writer=writer,
            frames_per_camera=max(1, shard.max_frames // len(cameras)),
        ),
    )


def _identities(shard: ShardSpec) -> list[tuple[int, str]]:
    return [(person.index, person.person_id) for person in shard.people]


def _size(shard: ShardSpec) -> tuple[int, int]:
    return shard.image.width, shard.image.height


def render_shard(
    shard: ShardSpec,
    people: PeopleRecipe,
    workdir: Path,
    on_progress: OnProgress | None = None,
    *,
    new_engine: Callable[[EngineCommand], Engine] | None = None,
    deadlines: Deadlines | None = None,
) -> FrameBundle:
    """Render ``shard`` into a bundle in ``workdir``.

    ``people``: the recipe the shard's people are drawn from; their digests must match.
    ``new_engine``: makes an engine of the command for the embedded one, or attaches to another;
    by default it is the one that the shard asks for.
    """
    started = _own_cpu_seconds()
    prepared = prepare_shard(shard, people, workdir)
    make_engine = new_engine or (lambda command: engine_of(shard, command))
    driver = Driver(
        new_engine=lambda: make_engine(prepared.command),
        new_level=prepared.new_level,
        load=prepared.load,
        deadlines=deadlines,
    )
    use = EngineUse()
    with BundleWriter(workdir / "frames.parquet") as writer:
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
        path = writer.finish(run.joint_names, provenance)
    return FrameBundle(
        path=path,
        frames=writer.frames,
        provenance=provenance,
        cpu_seconds={"worker": _own_cpu_seconds() - started, "engine": use.cpu_seconds},
        refused=tuple(run.refused),
    )


def engine_of(shard: ShardSpec, command: EngineCommand) -> Engine:
    """The engine that ``shard`` asks for, not started. ``command``: starts the embedded one.

    ``MissingRequirement`` if this host does not have the game that is asked for.
    """
    level = _scene(shard).game
    if level is None:
        return EngineProcess(command)
    return engine_of_game(shard.engine, level, _size(shard))


def appearance_numbers(shard: ShardSpec, people: PeopleRecipe) -> list[int]:
    """The appearance each person of the shard wears.

    The embedded engine is started with the people of the shard alone. A game holds everybody of
    the recipe, in order: person 0 in every outfit, then person 1.
    """
    if shard.engine.kind == "embedded":
        return list(range(len(shard.people)))
    outfits = people.outfits_per_person
    return [person.index * outfits + person.outfit for person in shard.people]


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


def plan_shard(
    shard: ShardSpec,
    scene: SceneDescription,
    cameras: Sequence[Camera],
    motions: Sequence[PersonMotion],
) -> CapturePlan:
    """The frames of a shard; depends on nothing but the arguments."""
    indices = [person.index for person in shard.people]
    wanted = np.zeros((len(indices), len(cameras)), int)
    for wish in shard.wanted:
        wanted[indices.index(wish.person), shard.cameras.index(wish.camera)] += wish.images
    return plan_capture(
        scene,
        cameras,
        motions,
        wanted,
        shard.capture,
        width=shard.image.width,
        height=shard.image.height,
        max_frames=shard.max_frames,
        seed=child_seed(
            shard.dataset_seed,
            "walk",
            shard.scene,
            shard.light,
            shard.window,
            shard.round,
            *indices,
        ),
    )


def _new_level(session: Session, shard: ShardSpec, scene: SceneDescription) -> PersonLevel:
    image, game = shard.image, scene.game
    return PersonLevel(
        session,
        image.width,
        image.height,
        image.jpeg_quality,
        seed=_noise_seed(shard),
        classes=game.person_classes if game else (PERSON_CLASS,),
        blocked=game.blocked if game else (),
    )


def _load(
    level: PersonLevel,
    shard: ShardSpec,
    appearances: Sequence[int],
    cameras: Sequence[Camera],
    leftovers: Sequence[str],
) -> None:
    level.load(appearances, palette(len(appearances)), cameras, shard.light, leftovers)
    calibrate(level, shard.image.width, shard.image.height)


def _noise_seed(shard: ShardSpec) -> int:
    indices = [person.index for person in shard.people]
    parts = (shard.scene, shard.light, shard.window, shard.round, *indices)
    return int(child_seed(shard.dataset_seed, "noise", *parts).generate_state(1)[0] >> 1)


def _scene(shard: ShardSpec) -> SceneDescription:
    scene = load_scene(shard.scene)
    if scene.version != shard.scene_version:
        raise BadRecipe(
            f"scene {shard.scene!r} is version {scene.version}, the plan was made for version "
            f"{shard.scene_version}; plan the build anew"
        )
    return scene


def _camera(scene: SceneDescription, name: str) -> Camera:
    try:
        return scene.camera(name)
    except KeyError:
        raise BadScene(f"scene {scene.name!r} has no camera {name!r}") from None


def _own_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
