"""The scene contract ``unrealperson``: the events of the levels published with the paper.

The level owns its people: ``AddActor`` brings a batch that walks by itself, ``LC`` changes the
light, ``Pause`` and ``Resume`` frame each capture through camera 0 (UnrealPerson, CVPR 2021,
section 3.4 and its tool kit). Works with the patched plugin and with the stock one, in whose
masks people only appear once they are painted. World: Unreal's, cm, degrees.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from manifests.errors import BadScene, EngineLost, FrameRefused
from manifests.reasons import Refusal
from synth_workers.contracts.painting import blacken, paint
from synth_workers.planning.coverage import Pose
from synth_workers.scenes.description import Camera
from synth_workers.worker.dialects import UNKNOWN, expect_able
from synth_workers.worker.frames import Actors, RawFrame
from synth_workers.worker.palette import Colour
from synth_workers.worker.replies import (
    expect_binary,
    expect_ok,
    expect_three_numbers,
    number,
    numbers,
)
from synth_workers.worker.session import CommandKind, Session

NEEDS = ("paints_people",)
"""What the plugin must be able to do, see ``synth_workers.worker.dialects``."""

ACTOR_PREFIX = "MH"
"""How the names of all person classes of the published levels begin."""

_PERSON = re.compile(rf"{ACTOR_PREFIX}.*_(\d+)$")
_CAMERA = "/camera/0"


class CrowdLevel:
    """One loaded level of the ``unrealperson`` contract."""

    def __init__(
        self, session: Session, width: int, height: int,
        sleep: Callable[[float], None] = time.sleep, *, blocked: Sequence[str] = (),
        root_height: float = 0.0,
    ) -> None:  # fmt: skip
        """``blocked``: patterns of actors never to be painted. ``root_height``: cm of the
        location of people above their feet."""
        self._session, self._sleep = session, sleep
        self._blocked, self._root_height = tuple(blocked), root_height
        self._width, self._height = width, height
        self.dialect = UNKNOWN
        self.actors = Actors((), (), ())

    @property
    def spawned(self) -> tuple[str, ...]:
        """Nothing to clear away: ``DelActor`` does so at every load."""
        return ()

    def load(
        self, people: int, colours: Sequence[Colour], light: int, settle: float,
        numbers: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        """Fill the level anew, let people spread for ``settle`` seconds, paint them.

        ``people``: how many of the batch are kept, in the order of the numbers in their names;
        ``light``: how many times the light is changed from the level's first. ``numbers``: which
        ones are kept instead, where the number in a name is the person, as in the published
        levels.
        """
        self.dialect = expect_able(self._session, "unrealperson", NEEDS).name
        self.raise_event("DelActor")
        self.raise_event("AddActor")
        names = self._first(people) if numbers is None else self._numbered(numbers)
        for event in ["LCreset", *["LC"] * light, "Resume"]:
            self.raise_event(event)
        gone = [name for name in self._people().values() if name not in names]
        self._session.must([f"vset /object/{name}/destroy" for name in gone])
        self._paint(names, colours)
        self._sleep(settle)

    def _first(self, people: int) -> list[str]:
        present = list(self._people().values())
        if len(present) < people:
            raise BadScene(
                f"AddActor brought {len(present)} people, the shard has {people}; lower "
                "shards.people_per_shard or let the level spawn more"
            )
        return present[:people]

    def _numbered(self, numbers: Sequence[int]) -> list[str]:
        """Bring batch after batch until everybody wanted is there.

        The level counts its people from 0 when it is loaded and never back: who has already
        been taken away by ``DelActor`` comes again only in an engine that starts anew.
        """
        wanted, reached = set(numbers), -1
        while True:
            present = self._people()
            lost = sorted(n for n in wanted if n <= max(present, default=-1) and n not in present)
            if lost:
                raise EngineLost(
                    f"the level no longer brings person {lost[0]}: it has counted up to "
                    f"{max(present)}; people are numbered from 0 in an engine that starts anew"
                )
            if wanted <= present.keys():
                return [present[number] for number in numbers]
            if max(present, default=-1) <= reached:
                raise BadScene(
                    f"AddActor brings nobody beyond person {reached}, the recipe asks for "
                    f"{max(wanted)}; ask for fewer people"
                )
            reached = max(present)
            if not wanted & present.keys():
                self.raise_event("DelActor")
            self.raise_event("AddActor")

    def raise_event(self, event: str) -> None:
        """Call one custom event of the level's blueprint."""
        self._session.must([f"vrun ce {event}"], CommandKind.level)

    def look_through(self, camera: Camera) -> None:
        """Teleport camera 0; size and field of view are set where the plugin can."""
        location, rotation = numbers(*camera.location), numbers(*camera.rotation)
        self._session.must(
            [f"vset {_CAMERA}/location {location}", f"vset {_CAMERA}/rotation {rotation}"]
        )
        # Older plugins take both from their ini file; the size of images tells.
        view = [f"fov {number(camera.fov)}", f"size {self._width:d} {self._height:d}"]
        self._session.batch([f"vset {_CAMERA}/{value}" for value in view], CommandKind.level)

    def capture(self) -> tuple[RawFrame, list[Pose]]:
        """Pause, ask where everybody is, capture lit and mask, ask again, resume.

        Raises ``FrameRefused`` if anybody moved in between: the images would not be of one
        instant.
        """
        places = [f"vget /object/{name}/location" for name in self.actors.names]
        turns = [f"vget /object/{name}/rotation" for name in self.actors.names]
        images = [f"vget {_CAMERA}/lit png", f"vget {_CAMERA}/object_mask png"]
        pause, resume = ["vrun ce Pause"], ["vrun ce Resume"]
        paused, before, turned, drawn, after, resumed = self._session.batch_in_step(
            pause, places, turns, images, places, resume
        )
        expect_ok(pause[0], paused[0])
        expect_ok(resume[0], resumed[0])
        stood, stand, facing = (
            [expect_three_numbers(*pair) for pair in zip(commands, replies)]
            for commands, replies in ((places, before), (places, after), (turns, turned))
        )
        if stood != stand:
            raise FrameRefused(
                "people walked on while they were captured: the level's event Pause does not "
                "pause it",
                reason=Refusal.not_paused,
            )
        lit, mask = map(expect_binary, images, drawn)
        return RawFrame(lit, "png", mask, truth=None), [
            Pose((x, y, z - self._root_height), heading, "walk", 0.0)
            for (x, y, z), (_, heading, _) in zip(stood, facing)
        ]

    def _people(self) -> dict[int, str]:
        """Number -> name of everybody in the level, by number."""
        found = map(_PERSON.match, self._session.text("vget /objects").split())
        return dict(sorted((int(match[1]), match[0]) for match in found if match))

    def _paint(self, names: Sequence[str], colours: Sequence[Colour]) -> None:
        present = self._session.text("vget /objects").split()
        blacken(self._session, present, names, self._blocked)
        paint(self._session, names, colours)
        self.actors = Actors(tuple(names), tuple(colours), tuple(colours))
