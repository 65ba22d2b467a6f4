"""What only the engine knows exactly about the people in a picture."""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any

import cv2
import numpy as np

from synth_workers.coordinates import to_world
from synth_workers.engine.captures import Captures
from synth_workers.engine.drawing import Figure
from synth_workers.engine.figures import FigureBuilder, joint_places
from synth_workers.engine.person_meshes import BONES
from synth_workers.engine.posed_meshes import PosedMesh, upright_box
from synth_workers.engine.silhouettes import Silhouette
from synth_workers.engine.world import Kind, SceneCamera

_KEPT_MESHES = 128


def people_in_view(captures: Captures, builder: FigureBuilder, camera: SceneCamera) -> str:
    """JSON: per person the visible and full pixel counts, full box and 2D joints.

    ``full`` counts the pixels the person would cover if nothing hid it, beyond the border of
    the picture too; ``box`` is their half-open bounding box. ``joints`` are column, row
    (pixels) and planar depth (cm), null when behind the camera. ``exact`` is false for people
    so close that they do not fit the picture's size or reach behind the camera.
    """
    visible = np.bincount(captures.ids(camera).ravel(), minlength=256)
    view = camera.view()
    people: list[dict[str, Any]] = []
    names: tuple[str, ...] = ()
    for silhouette in _complete(captures, camera, visible):
        actor = captures.drawn[silhouette.row]
        if actor.kind is not Kind.PERSON:
            continue
        x0, y0, x1, y1 = silhouette.box
        if x1 <= 0 or y1 <= 0 or x0 >= camera.width or y0 >= camera.height:
            continue
        figure = builder.figure(actor.name)
        person = figure.person
        names = person.joint_names
        joints = view.project(joint_places(figure))
        people.append(
            {
                "name": actor.name,
                "visible": int(visible[silhouette.row + 1]),
                "full": silhouette.full,
                "box": list(silhouette.box),
                "exact": silhouette.exact,
                "joints": [
                    [round(x, 2), round(y, 2), round(depth * 100, 1)] if depth > 0 else None
                    for x, y, depth in joints.tolist()
                ],
            }
        )
    return json.dumps({"people": people, "joint_names": list(names)}, separators=(",", ":"))


class Solids:
    """Boxes and joints of people in the world, as they are drawn."""

    def __init__(self, captures: Captures, builder: FigureBuilder) -> None:
        self._captures, self._builder = captures, builder
        self._meshes: dict[Hashable, PosedMesh] = {}

    def told(self) -> str:
        """JSON: the tick that is shown, and of everybody who is drawn ``box`` (centre, length,
        width, height, yaw; all that is worn and carried is in it) and ``joints``. World: Unreal's,
        cm, degrees."""
        self._captures.sync()
        people: list[dict[str, Any]] = []
        names: tuple[str, ...] = ()
        for actor in self._captures.drawn:
            if actor.kind is not Kind.PERSON:
                continue
            figure = self._builder.figure(actor.name)
            names = figure.person.joint_names
            vertices = self._mesh(figure).vertices(figure.palette)
            box = upright_box(to_world(vertices), actor.rotation[1])
            joints = to_world(joint_places(figure))
            people.append(
                {
                    "name": actor.name,
                    "box": [round(value, 3) for value in box],
                    "joints": joints.round(3).tolist(),
                }
            )
        told = {"tick": self._captures.tick, "people": people, "joint_names": list(names)}
        return json.dumps(told, separators=(",", ":"))

    def _mesh(self, figure: Figure) -> PosedMesh:
        found = self._meshes.get(figure.key)
        if found is None:
            if len(self._meshes) >= _KEPT_MESHES:
                self._meshes.clear()
            found = self._meshes[figure.key] = PosedMesh.of(figure.person, BONES)
        return found


def _complete(captures: Captures, camera: SceneCamera, visible: np.ndarray) -> list[Silhouette]:
    """The measured silhouettes, plus what is visible of people who reach behind the camera."""
    found = captures.silhouettes(camera)
    measured = {silhouette.row for silhouette in found}
    extra: list[Silhouette] = []
    for row in range(len(captures.drawn)):
        if visible[row + 1] and row not in measured:
            x, y, wide, high = cv2.boundingRect((captures.ids(camera) == row + 1).astype(np.uint8))
            box = (x, y, x + wide, y + high)
            extra.append(Silhouette(row, int(visible[row + 1]), box, exact=False))
    return sorted([*found, *extra], key=lambda silhouette: silhouette.row)
