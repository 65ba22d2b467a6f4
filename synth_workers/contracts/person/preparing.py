"""Plans a shard of the contract ``person`` and says how its levels are loaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manifests.identity import child_seed
from manifests.people import PeopleRecipe
from manifests.shards import ShardSpec
from synth_workers.contracts.base import (
    Preparation,
    shard_cameras,
    shard_identities,
    shard_size,
)
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.capture import CaptureRun
from synth_workers.contracts.person.level import PERSON_CLASS, PersonLevel
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Session


def prepare(
    shard: ShardSpec,
    people: PeopleRecipe,
    scene: SceneDescription,
    motions: Sequence[PersonMotion],
) -> Preparation:
    """See ``SceneContract.prepare``."""
    cameras, game = shard_cameras(shard, scene), scene.game
    appearances, colours = _appearances(shard, people, scene), palette(len(shard.people))
    size, noise = shard_size(shard), int(_seed(shard, "noise").generate_state(1)[0] >> 1)
    plan = _plan(shard, scene, cameras, motions)

    def new_level(session: Session) -> PersonLevel:
        return PersonLevel(
            session,
            *size,
            shard.image.jpeg_quality,
            seed=noise,
            classes=game.person_classes if game else (PERSON_CLASS,),
            blocked=game.blocked if game else (),
        )

    def load(level: PersonLevel, leftovers: Sequence[str]) -> None:
        level.load(appearances, colours, cameras, shard.light, leftovers)
        calibrate(level, *size)

    return Preparation(
        plan=plan,
        new_level=new_level,
        load=load,
        new_run=lambda writer: CaptureRun(
            plan=plan,
            identities=shard_identities(shard),
            light=shard.light,
            size=size,
            writer=writer,
        ),
    )


def _appearances(shard: ShardSpec, people: PeopleRecipe, scene: SceneDescription) -> Sequence[int]:
    """The appearance each person of the shard wears.

    The embedded engine is started with the people of the shard alone. A game holds everybody of
    the recipe, in order: person 0 in every outfit, then person 1.
    """
    if scene.game is None:
        return range(len(shard.people))
    outfits = people.outfits_per_person
    return [person.index * outfits + person.outfit for person in shard.people]


def _plan(
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
        seed=_seed(shard, "walk"),
    )


def _seed(shard: ShardSpec, purpose: str) -> np.random.SeedSequence:
    indices = [person.index for person in shard.people]
    where = (shard.scene, shard.light, shard.window, shard.round)
    return child_seed(shard.dataset_seed, purpose, *where, *indices)
