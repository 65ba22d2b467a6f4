"""The seventeen body joints of the COCO keypoint convention, tied to bones of the rig."""

from __future__ import annotations

import numpy as np

from synth_workers.people.body.fitted_body import BODY_VERTICES, FittedBody
from synth_workers.people.body.template_fields import TemplateFields

_LIMBS = ("upperarm", "lowerarm", "hand", "thigh", "calf", "foot")


def face_landmarks(fields: TemplateFields) -> tuple[int, int, int]:
    """Return the base vertices of nose tip, left ear and right ear."""
    x, _, z = fields.vertices[:BODY_VERTICES].T
    skull = fields.head_share[:BODY_VERTICES] > 0.9
    height = fields.head_height[:BODY_VERTICES]
    middle = skull & (np.abs(x) < 0.15) & (height > 0.25) & (height < 0.6)
    side = skull & (height > 0.3) & (height < 0.6)
    return (
        int(np.argmax(np.where(middle, z, -np.inf))),
        int(np.argmax(np.where(side, x, -np.inf))),
        int(np.argmin(np.where(side, x, np.inf))),
    )


def keypoints(body: FittedBody, landmarks: tuple[int, int, int]) -> tuple[np.ndarray, list[int]]:
    """Return rest positions (17, 4) float32 homogeneous metres and their bone rows."""
    nose, left_ear, right_ear = (body.vertices[row] for row in landmarks)
    points = [nose, body.eyes[0], body.eyes[1], left_ear, right_ear]
    bones = [body.bone("head")] * len(points)
    for limb in _LIMBS:
        for side in "lr":
            name = f"{limb}_{side}"
            points.append(body.joint(name))
            bones.append(body.bone(name))
    positions = np.ones((len(points), 4), np.float32)
    positions[:, :3] = points
    return positions, bones
