"""What only the engine knows exactly about the people in a picture."""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np

from synth_workers.engine.captures import Captures
from synth_workers.engine.figures import FigureBuilder, bound_points
from synth_workers.engine.silhouettes import Silhouette
from synth_workers.engine.world import Kind, SceneCamera


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
        joints = view.project(bound_points(figure.palette, person.joint_bones, person.joints))
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
