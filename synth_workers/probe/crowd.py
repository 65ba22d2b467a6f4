"""Asks whether a level answers the contract ``unrealperson``: the events of the paper's levels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from manifests.errors import FrameRefused
from manifests.reasons import Refusal
from synth_workers.contracts.painting import paint
from synth_workers.contracts.unrealperson.level import ACTOR_PREFIX, NEEDS
from synth_workers.images import decode_lit, decode_mask
from synth_workers.probe.asking import Asker, is_picture, is_place, says_ok
from synth_workers.probe.report import Mark
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.worker.palette import palette
from synth_workers.worker.replies import Reply, numbers, three_numbers
from synth_workers.worker.session import CommandKind

_MOST_PAINTED = 101
_WALKING_SECONDS = 1.0
_STANDING_SECONDS = 0.4
_LEAST_STEP_CM = 1.0
_LEAST_LIGHT_CHANGE = 2.0
_EVENT = "add the custom event to the level's blueprint (docs/scene_contract.md, Events)"
_VIEW = "move the pawn's camera with a stock plugin; a locked view needs another game mode"


Place = tuple[float, float, float]


@dataclass
class CrowdProbe:
    """One go through the contract. ``cameras``: of the level's manifest; none: the view as is."""

    needs: ClassVar = NEEDS

    asker: Asker
    cameras: tuple[Camera, ...] = ()
    lights: int = 2
    _names: tuple[str, ...] = ()

    @classmethod
    def of(cls, asker: Asker, scene: SceneDescription | None) -> CrowdProbe:
        """Of a level that a manifest describes, or of any."""
        return cls(asker, scene.cameras, len(scene.lights)) if scene else cls(asker)

    def run(self) -> None:
        """Ask everything; the level is empty and runs afterwards."""
        self.asker.carry_out(
            [
                ("contract", self._view, "camera 0"),
                ("contract", self._people, "people"),
                ("contract", self._pause, "pausing"),
                ("contract", self._lights, "light steps"),
                ("calibration", self._masks, "masks"),
                ("calibration", self._speed, "speed"),
                ("contract", self._tidy_up, "emptying the level"),
            ]
        )

    def _event(self, name: str) -> bool:
        return self.asker.expect(
            f"event {name}", f"vrun ce {name}", says_ok, _EVENT, CommandKind.level
        )

    def _view(self) -> None:
        expect = self.asker.expect
        expect("the view is known", "vget /camera/0/location", is_place, _VIEW)
        if self.cameras:
            camera = self.cameras[0]
            where = numbers(*camera.location)
            turned = numbers(*camera.rotation)
            expect("the view is moved", f"vset /camera/0/location {where}", says_ok, _VIEW)
            expect("and turned", f"vset /camera/0/rotation {turned}", says_ok, _VIEW)
        capture = CommandKind.capture
        remedy = "install UnrealCV's plugin for the game's UE version"
        expect("lit pictures as PNG", "vget /camera/0/lit png", is_picture, remedy, capture)
        expect("masks as PNG", "vget /camera/0/object_mask png", is_picture, remedy, capture)

    def _people(self) -> None:
        self._event("DelActor")
        before = self._present()
        self._event("AddActor")
        self._names = tuple(name for name in self._present() if name not in before)
        self.asker.judge(
            f"AddActor brings people whose names begin with {ACTOR_PREFIX}",
            bool(self._names),
            f"{len(self._names)} came" if self._names else "nobody came",
            _EVENT,
        )

    def _pause(self) -> None:
        self._event("Resume")
        if not self._names:
            self.asker.note("people walk, and stand while paused", Mark.skipped, "nobody is there")
            return
        began = self._places()
        time.sleep(_WALKING_SECONDS)
        walked = _moved(began, self._places())
        self._event("Pause")
        still = self._places()
        time.sleep(_STANDING_SECONDS)
        drifted = _moved(still, self._places())
        self._event("Resume")
        self.asker.judge(
            "people walk by themselves",
            bool(walked),
            f"{walked} of {len(began)} moved in {_WALKING_SECONDS:g} s",
            "build the level's navigation mesh and its target points",
        )
        self.asker.judge(
            "and stand while paused",
            not drifted,
            f"{drifted} moved although paused" if drifted else "",
            "the event Pause must set the game paused",
        )

    def _lights(self) -> None:
        self._event("LCreset")
        if self.lights < 2:
            return
        self._event("LC")
        first = self.asker.brightness()
        self._event("LC")
        change = abs(first - self.asker.brightness())
        self.asker.judge(
            "LC changes the light",
            change >= _LEAST_LIGHT_CHANGE,
            f"mean grey level changes by {change:.1f}",
            "name as many lights as the level has steps",
            needed=False,
        )
        self._event("LCreset")

    def _masks(self) -> None:
        asker = self.asker
        if not self._names:
            asker.note("people in masks", Mark.skipped, "nobody is there")
            return
        names, colours = self._names[:_MOST_PAINTED], palette(min(len(self._names), _MOST_PAINTED))
        own = self._own_colours(names)
        asker.ask("vrun ce Pause", CommandKind.level)
        before = self._seen()
        paint(asker.session, names, colours)
        after = self._seen()
        asker.ask("vrun ce Resume", CommandKind.level)
        annotated = bool(own & before)
        asker.judge(
            "people are in masks without being painted",
            annotated,
            "" if annotated else "a stock plugin, or nobody in view; the worker paints everybody",
            needed=False,
        )
        painted = len(set(colours) & after)
        asker.judge(
            "painted people are in masks in exactly their colours",
            bool(painted),
            f"{painted} of {len(names)} people seen from here",
            "look where people walk (--level names the cameras); see "
            "docs/ue4_troubleshooting.md, Masks",
        )

    def _speed(self) -> None:
        reply = self.asker.ask("vget /camera/0/lit png", CommandKind.capture)
        if not isinstance(reply, bytes):
            return
        height, width = decode_lit(reply, "png").shape[:2]
        self.asker.note(
            "picture size comes from unrealcv.ini",
            Mark.ok,
            f"{width}x{height}; recipes must ask for the same where the plugin cannot change it",
        )
        self.asker.measure_round_trip()
        # People walk on between two captures.
        self.asker.measure_capture(0, "png", (width, height), ["vrun ce Resume"])

    def _tidy_up(self) -> None:
        self.asker.ask("vrun ce DelActor", CommandKind.level)
        self.asker.ask("vrun ce Resume", CommandKind.level)

    def _present(self) -> list[str]:
        names = str(self.asker.ask("vget /objects")).split()
        return [name for name in names if name.startswith(ACTOR_PREFIX)]

    def _places(self) -> list[Place | None]:
        commands = [f"vget /object/{name}/location" for name in self._names[:20]]
        return list(map(three_numbers, self.asker.session.batch(commands, CommandKind.status)))

    def _own_colours(self, names: tuple[str, ...]) -> set[tuple[int, int, int]]:
        commands = [f"vget /object/{name}/color" for name in names]
        replies = self.asker.session.batch(commands, CommandKind.setting)
        return {colour for reply in replies if (colour := _colour(reply)) not in (None, (0, 0, 0))}

    def _seen(self) -> set[tuple[int, int, int]]:
        reply = self.asker.ask("vget /camera/0/object_mask png", CommandKind.capture)
        if not isinstance(reply, bytes):
            raise FrameRefused("the mask is no picture", reason=Refusal.undecodable)
        return decode_mask(reply).shown()


def _colour(reply: Reply) -> tuple[int, int, int] | None:
    digits = "".join(c if c.isdigit() else " " for c in str(reply)).split()
    return (int(digits[0]), int(digits[1]), int(digits[2])) if len(digits) == 4 else None


def _moved(before: list[Place | None], after: list[Place | None]) -> int:
    return sum(
        a is not None and b is not None and max(abs(p - q) for p, q in zip(a, b)) > _LEAST_STEP_CM
        for a, b in zip(before, after)
    )
