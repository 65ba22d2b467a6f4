"""Which generation of the UnrealCV plugin answers, and what it can therefore be asked to do.

``vget /unrealcv/version`` does not tell: plugins for UE 4.12 and for UE 4.27 both say 0.3.10.
So a few harmless questions are asked whose answers differ. Abilities are taken from the answers
themselves, never from the name, so that a patched or unknown plugin is judged by what it does.
Nothing here moves or spawns anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manifests.errors import BadScene
from synth_workers.worker.replies import Reply, is_error
from synth_workers.worker.session import CommandKind, Session

UNKNOWN = "unknown"
ENGINES = {
    "0310": "UE 4.12 to 4.16",
    "unrealperson": "UE 4.24, as patched for the levels of UnrealPerson",
    "427": "UE 4.19 to 4.27",
    "427s": "UE 4.27, branch 4.27-stable",
    "52": "UE 5, branch 5.2",
    "110": "UE 5, release 1.1.0",
    "superset": "the embedded engine",
    UNKNOWN: "no known engine",
}
"""The dialects that can be told apart, and where each is met."""

_NO_CAMERA = 999_999
_VERSION = "vget /unrealcv/version"
_NOTHING = "vget /unrealcv/nothing"
_COMMANDS = "vget /unrealcv/commands"
_CAMERAS = "vget /cameras"
_POSE = "vget /camera/0/pose"
_SIZE = "vget /camera/0/size"
_TRUTH = f"vget /camera/{_NO_CAMERA}/people"
_PAUSED = "vget /action/game/is_paused"
_SPAWN = "vset /objects/spawn NoSuchClass_C no_such_actor"
_BLUEPRINT = "vbp no_such_actor no_such_function"
_JPEG = "vget /camera/0/lit jpg"

QUESTIONS = (
    _VERSION,
    _NOTHING,
    _COMMANDS,
    _CAMERAS,
    _POSE,
    _SIZE,
    _TRUTH,
    _PAUSED,
    _SPAWN,
    _BLUEPRINT,
)
"""Asked of every plugin; none of them changes anything in any generation."""

ABILITIES = {
    "paints_people": "masks of people in colours that are set",
    "spawns": "spawning people by class and name",
    "calls_blueprints": "calling functions of blueprints",
    "sets_size": "setting the size of cameras",
    "resumes": "pausing and resuming",
}
"""What scene contracts may need of a plugin, in words."""

_UNHANDLED = re.compile(r"error (Can not find a handler|No handler found) for URI")
_FORBIDDEN = re.compile(r"error (Command is not allowed|Not authenticated)")


@dataclass(frozen=True)
class PluginDialect:
    """What is known of one plugin after it was asked.

    ``name``: a key of ``ENGINES``. ``version``: what it calls itself, which proves little.
    ``spawns``: brings actors of a class, under a name. ``paints_people``: masks show skeletal
    people in colours that are set. ``sets_size``: cameras take a size, else an ini file decides.
    ``resumes``: pause and resume are two commands, else a second pause resumes.
    ``calls_blueprints``: ``vbp`` exists. ``lit_formats``: in order of preference.
    ``truth``: measures people itself. ``leaves_tcp``: on Linux it serves a unix socket only once
    its first TCP connection has ended. ``advertises``: lists its commands on request.
    """

    name: str
    version: str
    spawns: bool
    paints_people: bool
    sets_size: bool
    resumes: bool
    calls_blueprints: bool
    truth: bool
    leaves_tcp: bool
    advertises: bool
    lit_formats: tuple[str, ...] = ("png",)

    @property
    def engine(self) -> str:
        """The engine versions in which this dialect is met."""
        return ENGINES[self.name]

    def lacks(self, needs: Sequence[str]) -> tuple[str, ...]:
        """What of ``needs`` (keys of ``ABILITIES``) it cannot do, in words; empty if nothing."""
        return tuple(ABILITIES[need] for need in needs if not getattr(self, need))


def identify(replies: Mapping[str, Reply]) -> PluginDialect:
    """The dialect that gave these ``replies`` to ``QUESTIONS`` (by question)."""
    version = str(replies[_VERSION])
    name = _name(replies, version)
    return PluginDialect(
        name=name,
        version="" if is_error(version) else version,
        spawns=_handled(replies[_SPAWN]),
        # Annotation components, which paint skeletal meshes, came together with this command.
        paints_people=_handled(replies[_CAMERAS]),
        sets_size=_handled(replies[_SIZE]),
        resumes=replies[_PAUSED] in ("true", "false"),
        calls_blueprints=_handled(replies[_BLUEPRINT]),
        truth=_handled(replies[_TRUTH]),
        leaves_tcp=name in ("427s", "52"),
        advertises=_handled(replies[_COMMANDS]),
        lit_formats=("jpg", "png") if _is_jpeg(replies.get(_JPEG, "")) else ("png",),
    )


def probe(session: Session, *, image: bool = True) -> PluginDialect:
    """Ask the plugin at the other end of ``session`` who it is.

    ``image``: have camera 0 draw one picture to learn about formats. ``EngineLost`` if it does
    not answer in time.
    """
    replies = dict(zip(QUESTIONS, session.batch(QUESTIONS, CommandKind.status)))
    if image and _handled(replies[_CAMERAS]):  # older ones would write a file of that name
        replies[_JPEG] = session.request(_JPEG, CommandKind.capture)
    return identify(replies)


def expect_able(session: Session, contract: str, needs: Sequence[str]) -> PluginDialect:
    """The plugin of ``session``; ``BadScene`` if it lacks some of what ``contract`` needs."""
    dialect = probe(session, image=False)
    if lacking := dialect.lacks(needs):
        raise BadScene(
            f"the UnrealCV plugin of this level (dialect {dialect.name}, {dialect.engine}) cannot "
            f"keep the contract {contract}, it lacks: {', '.join(lacking)}; install a plugin of "
            "the branches for UE 4.22 or newer"
        )
    return dialect


def _name(replies: Mapping[str, Reply], version: str) -> str:
    cameras, pose = _handled(replies[_CAMERAS]), _handled(replies[_POSE])
    newer_words = str(replies[_NOTHING]).startswith("error No handler found")
    if not cameras:
        return "0310" if pose and version == "0.3.10" else UNKNOWN
    if pose:
        return "superset" if _handled(replies[_TRUTH]) else UNKNOWN
    known = {
        ("0.3.10", False): "427" if _handled(replies[_SIZE]) else "unrealperson",
        ("1.0.1", False): "427s",
        ("1.0.1", True): "52",
        ("1.1.0", True): "110",
    }
    return known.get((version, newer_words), UNKNOWN)


def _handled(reply: Reply) -> bool:
    """Whether the plugin knows the command and lets us use it, well-formed or not."""
    return isinstance(reply, bytes) or not (_UNHANDLED.match(reply) or _FORBIDDEN.match(reply))


def _is_jpeg(reply: Reply) -> bool:
    return isinstance(reply, bytes) and reply[:2] == b"\xff\xd8"
