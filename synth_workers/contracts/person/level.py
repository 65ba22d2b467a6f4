"""The scene contract ``person``: the verbs by which a worker drives a level.

Stock UnrealCV commands plus four blueprint functions of the person class and one light event,
so that UE4 levels and the embedded engine are driven alike. Calibrated when a level is loaded:
actors spawned, colours read back, cameras placed and found, image formats negotiated. World:
Unreal's, cm, degrees, order pitch yaw roll.
"""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from manifests.channels import Channel
from manifests.errors import BadScene, ProtocolError
from synth_workers.contracts.painting import blacken, paint
from synth_workers.contracts.person.asking import (
    FIRST,
    OF_WORLD,
    SOLIDS,
    TRUTH,
    PlacedCamera,
    capture_commands,
    moment_commands,
    next_commands,
)
from synth_workers.contracts.person.places import TOLERANCE_CM, Place, apart, told_apart
from synth_workers.contracts.person.replies import (
    expect_done,
    expect_stillness,
    of_one_instant,
    parse_solids,
    parse_truth,
)
from synth_workers.lens import IDEAL
from synth_workers.planning.coverage import Pose
from synth_workers.scenes.description import Camera
from synth_workers.worker.dialects import UNKNOWN, expect_able
from synth_workers.worker.frames import Actors, RawFrame, SolidPerson
from synth_workers.worker.palette import Colour
from synth_workers.worker.replies import (
    Reply,
    expect_binary,
    expect_ok,
    is_error,
    number,
    numbers,
    three_numbers,
)
from synth_workers.worker.session import CommandKind, Session

PERSON_CLASS = "BP_Person_C"
NEEDS = ("paints_people", "spawns", "calls_blueprints", "sets_size", "resumes")
"""What the plugin must be able to do, see ``synth_workers.worker.dialects``."""

_COLOUR = re.compile(r"\(R=(\d+),G=(\d+),B=(\d+),A=\d+\)")
_SPAWNED_NAME = re.compile(r"^[A-Za-z0-9_]{1,128}$")
_TOGETHER = 4  # cameras per request: a busy machine, too, has to answer it within the deadline


class PersonLevel:
    """One loaded level of the ``person`` contract with its people and cameras."""

    def __init__(
        self, session: Session, width: int, height: int, jpeg_quality: int, seed: int, *,
        classes: Sequence[str] = (PERSON_CLASS,), blocked: Sequence[str] = (),
        ground_truth: Sequence[Channel] = (),
    ) -> None:  # fmt: skip
        """``classes``: of people, one that wears any appearance or one per appearance.
        ``blocked``: patterns of actors never to be painted. ``ground_truth``: channels that are
        captured with every frame."""
        self._session = session
        self._classes, self._blocked = tuple(classes), tuple(blocked)
        # Engines may choke on a name that a destroyed actor had: none is used twice.
        self._prefix = f"Person_{secrets.token_hex(4)}"
        self._width, self._height = width, height
        self._jpeg_quality, self._seed = jpeg_quality, seed
        self._truth: dict[Channel, tuple[str, str]] = {
            name: TRUTH[name] for name in ground_truth if name in TRUTH
        }
        self._asks_solids = any(name in OF_WORLD for name in ground_truth)
        self.dialect = UNKNOWN
        self.names: tuple[str, ...] = ()
        self.colours: tuple[Colour, ...] = ()
        self.shown_colours: tuple[Colour, ...] = ()
        self.cameras: dict[str, PlacedCamera] = {}
        self._camera_actors: list[str] = []
        self._hidden: set[str] = set()
        self.lit_format = "png"
        self.has_truth = False
        self.has_look = False
        self.has_moments = False
        self.joint_names: tuple[str, ...] = ()

    def load(
        self, appearances: Sequence[int], colours: Sequence[Colour], cameras: Sequence[Camera],
        light: str, leftovers: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Light the level, blacken what is there, spawn people and place cameras.

        ``leftovers``: actors of an earlier connection to the same engine, to be destroyed.
        """
        self.dialect = expect_able(self._session, "person", NEEDS).name
        self._session.must([f"vrun ce Light {light}"], CommandKind.level)
        self._clear(leftovers)
        for position, appearance in enumerate(appearances):
            self.names = (*self.names, self._spawn(position, self._class_of(appearance)))
        if len(self._classes) == 1:
            self._dress(appearances)
        self.colours = self.shown_colours = tuple(colours)
        self.paint(colours)
        self._place(cameras)
        self._negotiate()

    @property
    def spawned(self) -> tuple[str, ...]:
        """Names of everything this level has spawned so far."""
        return (*self.names, *self._camera_actors)

    @property
    def actors(self) -> Actors:
        """The people and their colours."""
        return Actors(self.names, self.colours, self.shown_colours)

    def pose_commands(self, poses: Sequence[Pose]) -> list[str]:
        """Commands that put everybody where ``poses`` says, and show who comes, hide who goes."""
        commands: list[str] = []
        away = {name for name, pose in zip(self.names, poses) if not pose.present}
        for verb, changed in (("show", self._hidden - away), ("hide", away - self._hidden)):
            commands += (f"vset /object/{name}/{verb}" for name in sorted(changed))
        self._hidden = away
        for name, pose in zip(self.names, poses):
            commands += (
                f"vset /object/{name}/location {numbers(*pose.position)}",
                f"vset /object/{name}/rotation {numbers(0.0, pose.yaw, 0.0)}",
                f"vbp {name} set_anim {pose.animation} {number(pose.phase)}",
            )
        return commands

    def capture(
        self, poses: Sequence[Pose], cameras: Sequence[str], first_frame: int, *,
        measured: bool = True, following: Sequence[Pose] = (),
    ) -> list[RawFrame]:  # fmt: skip
        """Pause, pose, capture all ``cameras`` and resume, as one pipelined batch.

        An engine that knows moments draws several cameras by one request and says that they show
        one instant; others are asked for image after image while they are paused.
        ``first_frame``: number of the first camera's frame; it seeds the sensor noise.
        ``measured``: with the engine's own measurements, if it has any. ``following``: everybody at
        the next tick, if flow is captured. Raises ``FrameRefused`` if
        the level ran on, somebody was not where they had been put, or images are of two instants.
        """
        posing = ["vset /action/game/pause", *self.pose_commands(poses)]
        posing += next_commands(self.names, poses, following)
        placed = [self.cameras[name] for name in cameras]
        if self.has_look:
            numbered = enumerate(placed, start=first_frame)
            posing += [self._look_command(camera, number) for number, camera in numbered]
        modes = self._modes(measured)
        each = [capture_commands(camera.number, modes) for camera in placed]
        # What a request of several cameras with further channels answers may be too much at once.
        together = 1 if self._truth else _TOGETHER
        asking = [*chain(*each)]
        if self.has_moments:
            asking = moment_commands(placed, modes, together)
        watching = ["vget /action/game/is_paused"]
        witness = first_frame % len(poses) if poses else None
        if witness is not None:
            watching.append(f"vget /object/{self.names[witness]}/location")
        solids = [SOLIDS] if self._asks_solids and measured else []
        leaving = ["vset /action/game/resume"]
        posed, captured, standing, watched, left = self._session.batch_in_step(
            posing, asking, solids, watching, leaving
        )
        for pair in zip(posing, posed):
            expect_done(*pair)
        expect_ok(leaving[0], left[0])
        expect_stillness(watched, poses[witness] if witness is not None else None)
        state, ticks = "", set[int]()
        if self.has_moments and placed:
            expected = [(camera.number, mode) for camera in placed for mode, _ in modes]
            state, ticks, captured = of_one_instant(asking, captured, expected)
        places = parse_solids(standing[0], ticks) if standing else None
        replies = iter(captured)
        told = [
            {mode: (command, next(replies)) for command, (mode, _) in zip(commands, modes)}
            for commands in each
        ]
        return [self._frame(replies_of_one, state, places) for replies_of_one in told]

    def capture_lit(self, camera: str) -> bytes:
        """One lit image of the level as it stands."""
        command = f"vget /camera/{self.cameras[camera].number}/lit {self.lit_format}"
        return expect_binary(command, self._session.request(command, CommandKind.capture))

    def show(self, visible: bool) -> None:
        """Show or hide all people."""
        verb = "show" if visible else "hide"
        self._hidden = set() if visible else set(self.names)
        self._session.must([f"vset /object/{name}/{verb}" for name in self.names])

    def set_sensors(self, name: str) -> None:
        """Put a sensor behind every camera, each as bad as the camera's name has it."""
        for camera, placed in self.cameras.items():
            seed = zlib.crc32(camera.encode())
            command = f"vbp {placed.actor} set_sensor {name} {seed:d}"
            reply = self._session.request(command, CommandKind.setting)
            expect_done(command, reply)

    def set_exposures(self, seconds: float) -> None:
        """Leave the shutter of every camera open for about so long, each for its own time."""
        for camera, placed in self.cameras.items():
            seed = zlib.crc32(camera.encode())
            command = f"vbp {placed.actor} set_exposure {seconds:.6f} {seed:d}"
            expect_done(command, self._session.request(command, CommandKind.setting))

    def _modes(self, measured: bool) -> list[tuple[str, str]]:
        """Modes and formats that are asked for of every camera."""
        modes = [("lit", self.lit_format), ("object_mask", "png")]
        if measured:
            modes += [("people", "")] if self.has_truth else []
            modes += self._truth.values()
        return sorted(modes, key=lambda mode: mode[0] not in FIRST)

    def _frame(
        self,
        told: Mapping[str, tuple[str, Reply]],
        state: str,
        solids: Mapping[str, SolidPerson] | None,
    ) -> RawFrame:
        """``told``: by mode, what was asked and what was answered."""
        truth = None
        if "people" in told:
            truth, self.joint_names = parse_truth(*told["people"])
        channels: dict[Channel, bytes] = {
            name: expect_binary(*told[mode])
            for name, (mode, _) in self._truth.items()
            if mode in told
        }
        return RawFrame(
            lit=expect_binary(*told["lit"]),
            lit_format=self.lit_format,
            mask=expect_binary(*told["object_mask"]),
            truth=truth,
            moment=state,
            channels=channels,
            solids=solids,
        )

    def _look_command(self, placed: PlacedCamera, frame: int) -> str:
        values = numbers(*placed.camera.look.numbers())
        return f"vbp {placed.actor} set_look {values} {self._jpeg_quality} {self._seed:d} {frame:d}"

    def _clear(self, leftovers: Sequence[str]) -> None:
        """Destroy what an earlier connection left, blacken the mask of all the rest."""
        present = self._session.text("vget /objects").split()
        gone = set(leftovers) & set(present)
        self._session.must([f"vset /object/{name}/destroy" for name in sorted(gone)])
        blacken(self._session, present, gone, self._blocked)

    def _class_of(self, appearance: int) -> str:
        if len(self._classes) == 1:
            return self._classes[0]
        if appearance >= len(self._classes):
            raise BadScene(
                f"the level has {len(self._classes)} person classes, one per appearance, and the "
                f"recipe asks for appearance {appearance}; ask for fewer people or add classes"
            )
        return self._classes[appearance]

    def _spawn(self, position: int, person_class: str) -> str:
        command = f"vset /objects/spawn {person_class} {self._prefix}_{position}"
        reply = self._session.request(command, CommandKind.setting)
        if is_error(reply) and "class" in str(reply):
            raise BadScene(
                f"the level has no person class {person_class}: {reply!s:.200}; build it by "
                "the scene contract, which needs a reference to the class in the level"
            )
        if not isinstance(reply, str) or is_error(reply) or not _SPAWNED_NAME.match(reply):
            raise ProtocolError(f"{command!r} must answer the actor's name, got {reply!r:.200}")
        return reply

    def _dress(self, appearances: Sequence[int]) -> None:
        commands = [f"vbp {name} set_app {app:d}" for name, app in zip(self.names, appearances)]
        for command, reply in zip(commands, self._session.batch(commands, CommandKind.level)):
            if is_error(reply):
                raise BadScene(
                    f"the person class {self._classes[0]} does not answer {command!r}: "
                    f"{reply!s:.200}"
                )

    def paint(self, colours: Sequence[Colour]) -> None:
        """Give everybody a mask colour and read it back."""
        paint(self._session, self.names, colours)
        asked = [f"vget /object/{name}/color" for name in self.names]
        replies = self._session.batch(asked, CommandKind.setting)
        for command, reply, colour in zip(asked, replies, colours):
            match = _COLOUR.match(reply) if isinstance(reply, str) else None
            if match is None or tuple(map(int, match.groups())) != colour:
                raise ProtocolError(
                    f"{command!r} must answer the colour {colour} that was set, got {reply!r:.120}"
                )

    def _place(self, cameras: Sequence[Camera]) -> None:
        """Spawn the cameras, then find each one's id by the location that only it has.

        Ids are positions in a list that the engine reorders as it grows, so they are looked
        up after the last spawn, by locations that were given to the actors by name.
        """
        actors = self._camera_actors
        for _ in cameras:
            actor = self._session.text("vset /cameras/spawn", CommandKind.setting)
            if not _SPAWNED_NAME.match(actor) or actor in actors:
                raise ProtocolError(
                    f"'vset /cameras/spawn' answered {actor!r:.120}, not a new name"
                )
            actors.append(actor)
        marks = told_apart([camera.location for camera in cameras])
        self._session.must(
            [
                f"vset /object/{actor}/location {numbers(*mark)}"
                for actor, mark in zip(actors, marks)
            ]
        )
        for camera, actor, number_ in zip(cameras, actors, self._camera_numbers(cameras, marks)):
            self.cameras[camera.name] = PlacedCamera(camera, number_, actor)
        for placed in tuple(self.cameras.values()):
            where, camera = f"vset /camera/{placed.number}", placed.camera
            view = [
                f"{where}/location {numbers(*camera.location)}",
                f"{where}/rotation {numbers(*camera.rotation)}",
                f"{where}/fov {number(camera.fov)}",
                f"{where}/size {self._width:d} {self._height:d}",
            ]
            self._session.must(view, CommandKind.level)
            self._bend(placed)

    def _bend(self, placed: PlacedCamera) -> None:
        """Give a camera its lens, or remember that this engine draws through an ideal one."""
        camera = placed.camera
        if camera.distortion == IDEAL:
            return
        k1, k2 = camera.distortion
        command = f"vbp {placed.actor} set_lens {k1:.9f} {k2:.9f}"
        if is_error(self._session.request(command, CommandKind.setting)):
            self.cameras[camera.name] = replace(placed, camera=camera.without_distortion())

    def _camera_numbers(self, cameras: Sequence[Camera], marks: Sequence[Place]) -> list[int]:
        count = len(self._session.text("vget /cameras").split())
        asked = [f"vget /camera/{position}/location" for position in range(1, count)]
        locations = [*map(three_numbers, self._session.batch(asked, CommandKind.status))]
        numbers_: list[int] = []
        for camera, mark in zip(cameras, marks):
            found = [
                position
                for position, location in enumerate(locations, start=1)
                if location is not None and apart(location, mark) < TOLERANCE_CM
            ]
            if len(found) != 1:
                raise ProtocolError(
                    f"one camera of the engine must be at {mark} as {camera.name} "
                    f"was set there, found {len(found)} among {len(locations)}"
                )
            numbers_.append(found[0])
        return numbers_

    def _negotiate(self) -> None:
        """Find out what the engine offers beyond stock commands."""
        placed = next(iter(self.cameras.values()))
        camera, look = f"vget /camera/{placed.number}", self._look_command(placed, 0)
        moment = f"vget /moment {placed.number} people.json"
        asked = [f"{camera}/lit jpg", f"{camera}/people", look, moment]
        lit, truth, looked, together = self._session.batch(asked, CommandKind.capture)
        self.lit_format = "jpg" if isinstance(lit, bytes) and lit[:2] == b"\xff\xd8" else "png"
        self.has_truth = not is_error(truth)
        self.has_look = not is_error(looked)
        self.has_moments = not is_error(together)
        asked = dict(zip(self._truth, capture_commands(placed.number, [*self._truth.values()])))
        if self._asks_solids:
            asked |= dict.fromkeys(OF_WORLD, SOLIDS)
        replies = self._session.batch([*asked.values()], CommandKind.capture)
        for (name, command), reply in zip(asked.items(), replies):
            if is_error(reply):
                raise BadScene(
                    f"the plugin of this level does not deliver the channel {name}: {command!r} "
                    f"answered {reply!s:.200}; leave {name} out of the recipe's ground_truth"
                )
