"""The scene contract ``person``: the verbs by which a worker drives a level.

Stock UnrealCV commands plus four blueprint functions of the person class and one light event,
so that UE4 levels and the embedded engine are driven alike. Calibrated when a level is loaded:
actors spawned, colours read back, cameras placed and found, image formats negotiated. World:
Unreal's, cm, degrees, order pitch yaw roll.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from manifests.errors import BadScene, ProtocolError
from synth_workers.coverage import Pose
from synth_workers.frames import RawFrame, TruePerson
from synth_workers.palette import Colour
from synth_workers.scenes.description import Camera
from synth_workers.session import (
    CommandKind,
    Reply,
    Session,
    expect_binary,
    expect_ok,
    is_error,
    number,
    numbers,
)

PERSON_CLASS = "BP_Person_C"
_COLOUR = re.compile(r"\(R=(\d+),G=(\d+),B=(\d+),A=\d+\)")
_SPAWNED_NAME = re.compile(r"^[A-Za-z0-9_]{1,128}$")
_LOCATION_TOLERANCE_CM = 0.51


@dataclass(frozen=True)
class PlacedCamera:
    """A camera of the scene and the engine's id and actor name for it."""

    camera: Camera
    number: int
    actor: str


class PersonLevel:
    """One loaded level of the ``person`` contract with its people and cameras."""

    def __init__(
        self, session: Session, width: int, height: int, jpeg_quality: int, seed: int
    ) -> None:
        self._session = session
        self._width, self._height = width, height
        self._jpeg_quality, self._seed = jpeg_quality, seed
        self.names: tuple[str, ...] = ()
        self.colours: tuple[Colour, ...] = ()
        self.cameras: dict[str, PlacedCamera] = {}
        self.lit_format = "png"
        self.has_truth = False
        self.has_look = False
        self.joint_names: tuple[str, ...] = ()

    def load(
        self,
        appearances: Sequence[int],
        colours: Sequence[Colour],
        cameras: Sequence[Camera],
        light: str,
    ) -> None:
        """Light the level, blacken what is there, spawn people and place cameras."""
        self._session.must([f"vrun ce Light {light}"], CommandKind.level)
        self._blacken_everything()
        self.names = tuple(self._spawn(number) for number in range(len(appearances)))
        self._dress(appearances)
        self.colours = tuple(colours)
        self._paint()
        self._place(cameras)
        self._negotiate()

    def pause(self) -> str:
        """The command that freezes the level."""
        return "vset /action/game/pause"

    def resume(self) -> str:
        """The command that lets it run again."""
        return "vset /action/game/resume"

    def pose_commands(self, poses: Sequence[Pose]) -> list[str]:
        """Commands that put everybody where ``poses`` says."""
        commands: list[str] = []
        for name, pose in zip(self.names, poses):
            commands += (
                f"vset /object/{name}/location {numbers(*pose.position)}",
                f"vset /object/{name}/rotation {numbers(0.0, pose.yaw, 0.0)}",
                f"vbp {name} set_anim {pose.animation} {number(pose.phase)}",
            )
        return commands

    def capture(
        self, poses: Sequence[Pose], cameras: Sequence[str], first_frame: int
    ) -> list[RawFrame]:
        """Pause, pose, capture all ``cameras`` and resume, as one pipelined batch.

        ``first_frame``: number of the first camera's frame; it seeds the sensor noise.
        """
        posing = [self.pause(), *self.pose_commands(poses)]
        commands = list(posing)
        for offset, name in enumerate(cameras):
            commands += self._capture_commands(self.cameras[name], first_frame + offset)
        commands.append(self.resume())
        replies = self._session.batch(commands, CommandKind.capture)
        for command, reply in zip(posing, replies):
            _expect_done(command, reply)
        expect_ok(commands[-1], replies[-1])
        each = (len(commands) - len(posing) - 1) // max(len(cameras), 1)
        frames: list[RawFrame] = []
        for position in range(len(cameras)):
            begin = len(posing) + position * each
            part = slice(begin, begin + each)
            frames.append(self._frame(commands[part], replies[part]))
        return frames

    def capture_lit(self, camera: str) -> bytes:
        """One lit image of the level as it stands."""
        command = f"vget /camera/{self.cameras[camera].number}/lit {self.lit_format}"
        return expect_binary(command, self._session.request(command, CommandKind.capture))

    def show(self, visible: bool) -> None:
        """Show or hide all people."""
        verb = "show" if visible else "hide"
        self._session.must([f"vset /object/{name}/{verb}" for name in self.names])

    def _capture_commands(self, placed: PlacedCamera, frame: int) -> list[str]:
        camera, commands = placed.number, []
        if self.has_look:
            commands.append(self._look_command(placed, frame))
        commands.append(f"vget /camera/{camera}/lit {self.lit_format}")
        commands.append(f"vget /camera/{camera}/object_mask png")
        if self.has_truth:
            commands.append(f"vget /camera/{camera}/people")
        return commands

    def _frame(self, commands: Sequence[str], replies: Sequence[Reply]) -> RawFrame:
        if self.has_look:
            _expect_done(commands[0], replies[0])
            commands, replies = commands[1:], replies[1:]
        truth = None
        if self.has_truth:
            truth, self.joint_names = _parse_truth(commands[2], replies[2])
        return RawFrame(
            lit=expect_binary(commands[0], replies[0]),
            lit_format=self.lit_format,
            mask=expect_binary(commands[1], replies[1]),
            truth=truth,
        )

    def _look_command(self, placed: PlacedCamera, frame: int) -> str:
        look = placed.camera.look
        values = numbers(look.exposure, *look.white_balance, look.vignette, look.noise, look.blur)
        return f"vbp {placed.actor} set_look {values} {self._jpeg_quality} {self._seed:d} {frame:d}"

    def _blacken_everything(self) -> None:
        names = self._session.text("vget /objects").split()
        if names and names != ["ok"]:
            self._session.must([f"vset /object/{name}/color 0 0 0" for name in names])

    def _spawn(self, position: int) -> str:
        command = f"vset /objects/spawn {PERSON_CLASS} Person_{position}"
        reply = self._session.request(command, CommandKind.setting)
        if is_error(reply) and "class" in str(reply):
            raise BadScene(
                f"the level has no person class {PERSON_CLASS}: {reply!s:.200}; build it by "
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
                    f"the person class {PERSON_CLASS} does not answer {command!r}: {reply!s:.200}"
                )

    def _paint(self) -> None:
        """Give everybody a colour and read it back."""
        self._session.must(
            [
                f"vset /object/{name}/color {red:d} {green:d} {blue:d}"
                for name, (red, green, blue) in zip(self.names, self.colours)
            ]
        )
        asked = [f"vget /object/{name}/color" for name in self.names]
        replies = self._session.batch(asked, CommandKind.setting)
        for command, reply, colour in zip(asked, replies, self.colours):
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
        actors: list[str] = []
        for _ in cameras:
            actor = self._session.text("vset /cameras/spawn", CommandKind.setting)
            if not _SPAWNED_NAME.match(actor) or actor in actors:
                raise ProtocolError(
                    f"'vset /cameras/spawn' answered {actor!r:.120}, not a new name"
                )
            actors.append(actor)
        self._session.must(
            [
                f"vset /object/{actor}/location {numbers(*camera.location)}"
                for actor, camera in zip(actors, cameras)
            ]
        )
        for camera, actor, number_ in zip(cameras, actors, self._camera_numbers(cameras)):
            self.cameras[camera.name] = PlacedCamera(camera, number_, actor)
        for placed in self.cameras.values():
            where = f"vset /camera/{placed.number}"
            self._session.must(
                [
                    f"{where}/location {numbers(*placed.camera.location)}",
                    f"{where}/rotation {numbers(*placed.camera.rotation)}",
                    f"{where}/fov {number(placed.camera.fov)}",
                    f"{where}/size {self._width:d} {self._height:d}",
                ],
                CommandKind.level,
            )

    def _camera_numbers(self, cameras: Sequence[Camera]) -> list[int]:
        count = len(self._session.text("vget /cameras").split())
        asked = [f"vget /camera/{position}/location" for position in range(1, count)]
        locations = [_vector(reply) for reply in self._session.batch(asked, CommandKind.status)]
        numbers_: list[int] = []
        for camera in cameras:
            found = [
                position
                for position, location in enumerate(locations, start=1)
                if location is not None
                and all(
                    abs(is_at - should) < _LOCATION_TOLERANCE_CM
                    for is_at, should in zip(location, camera.location)
                )
            ]
            if len(found) != 1:
                raise ProtocolError(
                    f"one camera of the engine must be at {camera.location} as {camera.name} "
                    f"was set there, found {len(found)} among {len(locations)}"
                )
            numbers_.append(found[0])
        return numbers_

    def _negotiate(self) -> None:
        """Find out what the engine offers beyond stock commands."""
        placed = next(iter(self.cameras.values()))
        lit, truth, look = self._session.batch(
            [
                f"vget /camera/{placed.number}/lit jpg",
                f"vget /camera/{placed.number}/people",
                self._look_command(placed, 0),
            ],
            CommandKind.capture,
        )
        self.lit_format = "jpg" if isinstance(lit, bytes) and lit[:2] == b"\xff\xd8" else "png"
        self.has_truth = not is_error(truth)
        self.has_look = not is_error(look)


def _expect_done(command: str, reply: Reply) -> None:
    """A setter or blueprint call: ``ok`` or JSON, never an error."""
    if not isinstance(reply, str) or is_error(reply):
        raise ProtocolError(f"{command[:120]!r} failed: {reply[:200]!r}")


def _vector(reply: Reply) -> tuple[float, ...] | None:
    try:
        values = tuple(float(word) for word in str(reply).split())
    except ValueError:
        return None
    return values if len(values) == 3 else None


def _true_box(person: dict[str, Any]) -> tuple[float, float, float, float] | None:
    if not person.get("box") or not person.get("exact", True):
        return None
    x0, y0, x1, y1 = map(float, person["box"])
    return x0, y0, x1, y1


def _parse_truth(command: str, reply: Reply) -> tuple[dict[str, TruePerson], tuple[str, ...]]:
    try:
        answer = json.loads(reply)
        people = {
            str(person["name"]): TruePerson(
                visible=int(person["visible"]),
                full=int(person["full"]),
                box=_true_box(person),
                joints=tuple(float(value) for joint in person["joints"] for value in joint),
            )
            for person in answer["people"]
        }
        return people, tuple(map(str, answer["joint_names"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"{command!r} answered unusable ground truth: {error}") from error
