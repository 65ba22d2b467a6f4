"""Asks whether a level keeps the contract ``person``, piece by piece, then calibrates it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import ClassVar

from manifests.errors import BadScene
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.level import NEEDS, PERSON_CLASS, PersonLevel
from synth_workers.probe.asking import Asker, is_picture, is_place, no_error, says_ok, shown
from synth_workers.probe.report import Mark
from synth_workers.scenes.description import Camera, GameLevel, SceneDescription
from synth_workers.worker.palette import palette
from synth_workers.worker.replies import is_error, number, numbers, three_numbers
from synth_workers.worker.session import CommandKind

SIZE = (640, 360)
_PEOPLE = 6
_MOST_CAMERAS = 200
_APART = (1234.5, -2345.5, 3456.5)  # cm, where no camera of a level hangs
_LEAST_LIGHT_CHANGE = 2.0
_COLOUR = (40, 200, 90)
_NEWER = "install the UnrealCV branch for your UE version (4.22 or later): this plugin is too old"
_CLASS = (
    "give the level an actor class of that name and keep one hidden instance in the map, so that "
    "it is loaded (docs/scene_contract.md, Classes)"
)
_FUNCTION = "add it to the person's blueprint (docs/scene_contract.md, Blueprint functions)"


@dataclass
class PersonProbe:
    """One go through the contract. ``cameras``: of the level's manifest; none: the pawn's view."""

    needs: ClassVar = NEEDS

    asker: Asker
    level: GameLevel
    cameras: tuple[Camera, ...] = ()
    lights: tuple[str, ...] = ("day",)
    _actors: list[str] = field(default_factory=list)
    _appearances: int = 0

    @classmethod
    def of(cls, asker: Asker, scene: SceneDescription | None) -> PersonProbe:
        """Of a level that a manifest describes; without one the contract's defaults are taken."""
        if scene is None or scene.game is None:
            return cls(asker, GameLevel("", "person", (PERSON_CLASS,)))
        return cls(asker, scene.game, scene.cameras, scene.lights)

    def run(self) -> None:
        """Ask everything; what was spawned is gone afterwards."""
        self.asker.carry_out(
            [
                ("contract", self._stock_commands, "stock commands"),
                ("contract", self._people, "people"),
                ("contract", self._cameras, "cameras"),
                ("contract", self._lights, "lights"),
                ("calibration", self._calibration, "masks, sizes and alignment"),
                ("calibration", self._tidy_up, "destroying what was spawned"),
            ]
        )

    def _stock_commands(self) -> None:
        expect = self.asker.expect
        expect("objects are listed", "vget /objects", no_error, _NEWER)
        expect("the game pauses", "vset /action/game/pause", says_ok, _NEWER)
        expect(
            "it says whether it is paused",
            "vget /action/game/is_paused",
            lambda reply: reply in ("true", "false"),
            _NEWER,
        )
        if not expect("the game resumes", "vset /action/game/resume", says_ok, _NEWER):
            self.asker.ask("vset /action/game/pause")  # there, a second pause resumes

    def _people(self) -> None:
        asker, expect = self.asker, self.asker.expect
        person_class = self.level.person_classes[0]
        asked = f"Probe_{secrets.token_hex(4)}"
        reply = asker.ask(f"vset /objects/spawn {person_class} {asked}")
        what = f"people of class {person_class} are spawned under a name"
        if not isinstance(reply, str) or is_error(reply) or " " in reply or not reply:
            remedy = _CLASS if "class" in str(reply) else _NEWER
            asker.note(what, Mark.missing, shown(reply), remedy)
            asker.note("everything that needs a person", Mark.skipped, "nobody could be spawned")
            return
        self._actors.append(reply)
        asker.note(what, Mark.ok, "" if reply == asked else f"it calls {asked} {reply}")
        who = f"/object/{reply}"
        red, green, blue = _COLOUR
        expect("they take a mask colour", f"vset {who}/color {red} {green} {blue}", says_ok, _NEWER)
        expect(
            "and say which",
            f"vget {who}/color",
            lambda answer: answer == f"(R={red},G={green},B={blue},A=255)",
            "the plugin must paint skeletal meshes by annotation components (UE 4.22 or later)",
        )
        target = numbers(120.0, -340.5, 25.0)
        expect("they are placed", f"vset {who}/location {target}", says_ok, _NEWER)
        expect(
            "and stay there",
            f"vget {who}/location",
            lambda answer: _near(answer, (120.0, -340.5, 25.0)),
            "make the person's root component Movable; switch off gravity, collision and AI",
        )
        expect("they are turned", f"vset {who}/rotation {numbers(0, 90, 0)}", says_ok, _NEWER)
        expect("they are hidden", f"vset {who}/hide", says_ok, _NEWER)
        expect("and shown", f"vset {who}/show", says_ok, _NEWER)
        self._functions(reply)

    def _functions(self, who: str) -> None:
        expect = self.asker.expect
        if len(self.level.person_classes) > 1:
            self._appearances = len(self.level.person_classes)
        else:
            what = "set_app <n> gives them an appearance"
            if expect(what, f"vbp {who} set_app 0", no_error, _FUNCTION):
                self._appearances = 1 + self._more_appearances(who)
        expect("set_anim idle <phase>", f"vbp {who} set_anim idle 0.0000", no_error, _FUNCTION)
        expect("set_anim walk <phase>", f"vbp {who} set_anim walk 0.2500", no_error, _FUNCTION)
        expect(
            "get_state tells appearance and animation",
            f"vbp {who} get_state",
            no_error,
            _FUNCTION,
            needed=False,
        )

    def _more_appearances(self, who: str) -> int:
        commands = [f"vbp {who} set_app {n}" for n in range(1, _PEOPLE)]
        replies = self.asker.session.batch(commands, CommandKind.level)
        return next((n for n, reply in enumerate(replies) if is_error(reply)), len(replies))

    def _cameras(self) -> None:
        asker, expect = self.asker, self.asker.expect
        expect("cameras are listed", "vget /cameras", no_error, _NEWER)
        expect("the pawn's view is known", "vget /camera/0/location", is_place, _NEWER)
        actor = asker.ask("vset /cameras/spawn")
        if not isinstance(actor, str) or is_error(actor) or not actor:
            asker.note("cameras are spawned", Mark.missing, shown(actor), _NEWER)
            return
        self._actors.append(actor)
        camera = self._number_of(actor)
        if camera is None:
            found = f"no camera is where {actor} was put"
            asker.note("cameras are spawned", Mark.missing, found, _NEWER)
            return
        asker.note("cameras are spawned, and found again by where they are", Mark.ok)
        view, capture = f"/camera/{camera}", CommandKind.capture
        size = f"{SIZE[0]} {SIZE[1]}"
        expect("they take a size", f"vset {view}/size {size}", says_ok, _NEWER)
        expect("and a field of view", f"vset {view}/fov {number(70.0)}", says_ok, _NEWER)
        expect("lit pictures as PNG", f"vget {view}/lit png", is_picture, _NEWER, capture)
        expect("masks as PNG", f"vget {view}/object_mask png", is_picture, _NEWER, capture)
        expect(
            "lit pictures as JPEG",
            f"vget {view}/lit jpg",
            is_picture,
            "not needed; PNG is used, which costs time",
            capture,
            needed=False,
        )
        expect(
            "people are measured by the engine",
            f"vget {view}/people",
            no_error,
            "not needed; whole bodies are estimated by projection, and labels say so",
            needed=False,
        )

    def _number_of(self, actor: str) -> int | None:
        """The id of a camera actor: ids are positions in a list that the engine reorders."""
        self.asker.ask(f"vset /object/{actor}/location {numbers(*_APART)}")
        count = min(len(str(self.asker.ask("vget /cameras")).split()), _MOST_CAMERAS)
        commands = [f"vget /camera/{number}/location" for number in range(count)]
        replies = self.asker.session.batch(commands, CommandKind.status)
        return next((n for n, reply in enumerate(replies) if _near(reply, _APART)), None)

    def _lights(self) -> None:
        brightness = []
        for light in self.lights:
            self.asker.expect(
                f"event Light {light}",
                f"vrun ce Light {light}",
                says_ok,
                "add the custom event Light to the level's blueprint "
                "(docs/scene_contract.md, Events)",
                CommandKind.level,
            )
            brightness.append(self.asker.brightness())
        if len(self.lights) < 2:
            return
        # Plugins answer ok to any `vrun`, even of events that do not exist.
        change = max(brightness) - min(brightness)
        self.asker.judge(
            "the lights look different",
            change >= _LEAST_LIGHT_CHANGE,
            f"mean grey level differs by {change:.1f} as the pawn sees it",
            "does the level have the event Light, and does it know these words?",
            needed=False,
        )

    def _calibration(self) -> None:
        asker = self.asker
        lacking = [f.what for f in asker.report.findings if f.mark in (Mark.missing, Mark.skipped)]
        what = "mask colours, sizes and alignment"
        if lacking or not self._appearances:
            asker.note(what, Mark.skipped, "the contract is not kept in full")
            return
        camera = self._view()
        count = min(_PEOPLE, self._appearances)
        level = PersonLevel(
            asker.session,
            *SIZE,
            jpeg_quality=90,
            seed=1,
            classes=self.level.person_classes,
            blocked=self.level.blocked,
        )
        try:
            level.load(range(count), palette(count), [camera], self.lights[0], self._actors)
            calibrate(level, *SIZE)
        except BadScene as error:
            asker.note(
                what,
                Mark.missing,
                str(error)[:300],
                "see docs/ue4_troubleshooting.md, Masks; switch post-processing off for the "
                "level, and stand where people can float in front of the camera",
            )
            return
        finally:
            self._actors = list(level.spawned)
        learnt = level.shown_colours != level.colours
        found = f"{count} people told apart" + (", by colours that were learnt" if learnt else "")
        asker.note(what, Mark.ok, found)
        asker.measure_round_trip()
        placed = level.cameras[camera.name]
        walking = [f"vbp {level.names[0]} set_anim walk {number(step / 8)}" for step in range(8)]
        asker.measure_capture(placed.number, level.lit_format, SIZE, walking)

    def _view(self) -> Camera:
        if self.cameras:
            return self.cameras[0]
        location = three_numbers(self.asker.ask("vget /camera/0/location"))
        rotation = three_numbers(self.asker.ask("vget /camera/0/rotation"))
        if location is None or rotation is None:
            raise BadScene("the pawn's view is not known; name cameras with --level")
        return Camera("pawn", location, rotation, 90.0)

    def _tidy_up(self) -> None:
        for actor in self._actors:
            self.asker.ask(f"vset /object/{actor}/destroy")
        self.asker.ask("vset /action/game/resume")


def _near(reply: object, target: tuple[float, float, float]) -> bool:
    found = three_numbers(str(reply))
    return found is not None and max(abs(a - b) for a, b in zip(found, target)) < 0.51
