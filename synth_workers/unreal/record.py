"""Takes camera poses and places out of a running game into a level's manifest.

The paper's tool kit kept them as pickled strings (``caminfo``); here they become entries of the
manifest, which is written whole or not at all. A manifest that does not exist yet is begun.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from manifests.errors import BadScene, ProtocolError
from manifests.whole_files import write_whole
from synth_workers.worker.replies import expect_binary, expect_three_numbers, is_error
from synth_workers.worker.session import CommandKind, Session

_CAMERA = "/camera/0"
_USUAL_FOV = 90.0
_NUMBER = re.compile(r"(\d+)$")


@dataclass(frozen=True)
class PawnView:
    """Where the player looks from and to: cm, pitch yaw roll, horizontal degrees."""

    location: tuple[float, float, float]
    rotation: tuple[float, float, float]
    fov: float


class ManifestDraft:
    """A manifest on its way; need not be complete yet.

    ``path``: where it is or will be. A new one is called ``name``, by default like its file.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.content: dict[str, Any] = {"format": 1, "name": name or path.stem}
        if path.exists():
            try:
                content = json.loads(path.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise BadScene(f"{path} cannot be added to: {error}") from error
            if not isinstance(content, dict):
                raise BadScene(f"{path} is no level manifest: it must be a JSON object")
            self.content = content
            if name is not None and self.content.get("name") != name:
                raise BadScene(f"{path} is of level {self.content.get('name')!r}, not {name!r}")

    @property
    def cameras(self) -> list[dict[str, Any]]:
        """Its cameras, to be added to."""
        return self.content.setdefault("cameras", [])

    def add_camera(self, view: PawnView, name: str | None = None) -> str:
        """Put a camera in, called ``name`` or by the next free number; returns its name."""
        taken = {camera.get("name") for camera in self.cameras}
        chosen = name or self._next_name(taken)
        if chosen in taken:
            raise BadScene(f"{self.path} has a camera {chosen} already")
        self.cameras.append(
            {
                "name": chosen,
                "location": list(view.location),
                "rotation": list(view.rotation),
                "fov": view.fov,
            }
        )
        return chosen

    def remove_last_camera(self) -> str | None:
        """Take the newest camera out again; its name, None if there was none."""
        return self.cameras.pop()["name"] if self.cameras else None

    def add_points(self, places: dict[str, tuple[float, float, float]], width: float) -> None:
        """Put walk nodes and target points in, joined one after the other by their numbers."""
        walk = self.content.setdefault("walk", {"nodes": {}, "edges": []})
        points = self.content.setdefault("target_points", [])
        for name, place in places.items():
            if name not in walk["nodes"]:
                points.append(list(place))
            walk["nodes"][name] = list(place)
        known = {(edge["from"], edge["to"]) for edge in walk["edges"]}
        for a, b in pairwise(places):
            if (a, b) not in known and (b, a) not in known:
                walk["edges"].append({"from": a, "to": b, "width": width})

    def save(self) -> None:
        """Write it."""
        write_whole(self.path, json.dumps(self.content, indent=2) + "\n")

    def _next_name(self, taken: set[Any]) -> str:
        number = 1
        while (name := f"{self.content['name']}_c{number:02d}") in taken:
            number += 1
        return name


def pawn_view(session: Session) -> PawnView:
    """Where the player of a running game looks from; ``ProtocolError`` if it does not say."""
    location, rotation = (
        _triple(session, f"{_CAMERA}/{what}") for what in ("location", "rotation")
    )
    reply = session.request(f"vget {_CAMERA}/fov")
    fov = _USUAL_FOV  # of plugins that cannot tell, unless their ini says otherwise
    if isinstance(reply, str) and not is_error(reply):
        try:
            fov = round(float(reply), 3)
        except ValueError:
            raise ProtocolError(
                f"`vget {_CAMERA}/fov` must answer degrees, got {reply!r:.80}"
            ) from None
    return PawnView(location, rotation, fov)


def pawn_picture(session: Session) -> bytes:
    """What the player sees, as PNG."""
    command = f"vget {_CAMERA}/lit png"
    return expect_binary(command, session.request(command, CommandKind.capture))


def map_name(session: Session) -> str | None:
    """The name of the map that is loaded, where the plugin tells."""
    reply = session.request("vget /level/name")
    return reply if isinstance(reply, str) and not is_error(reply) and reply != "ok" else None


def actor_places(session: Session, prefix: str) -> dict[str, tuple[float, float, float]]:
    """Places of all actors whose names begin with ``prefix``, by the numbers at their ends."""
    names = [name for name in session.text("vget /objects").split() if name.startswith(prefix)]
    if not names:
        raise BadScene(f"the level has no actor whose name begins with {prefix}")

    def number(name: str) -> tuple[int, str]:
        match = _NUMBER.search(name)
        return (int(match.group(1)) if match else -1, name)

    names.sort(key=number)
    return {name: _triple(session, f"/object/{name}/location") for name in names}


def _triple(session: Session, what: str) -> tuple[float, float, float]:
    command = f"vget {what}"
    return expect_three_numbers(command, session.text(command))
