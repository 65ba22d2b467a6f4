"""Draws what annotation sees in one frame.

``python docs/make_annotation_picture.py <bundle.parquet> <frame>`` writes
``docs/pictures/annotation.jpg``: accepted people with mask, joints and box, refused ones with the
reason.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from manifests.annotation_rules import AnnotationRules
from synth_workers.images import decode_lit, decode_mask
from tasks.annotate.bundle import Frame, read_frames
from tasks.annotate.frames import annotate_frame
from tasks.annotate.joints import visible_joints
from tasks.annotate.measure import drawn

PICTURE = Path(__file__).parent / "pictures" / "annotation.jpg"
ACCEPTED, REFUSED, SEEN, HIDDEN = (214, 140, 60), (60, 130, 235), (80, 220, 80), (60, 60, 230)


def draw_frame(frame: Frame) -> np.ndarray:
    """The lit image with annotations on top, uint8 BGR."""
    picture = decode_lit(frame.lit, frame.lit_format)
    mask = decode_mask(frame.mask)
    found = annotate_frame(frame, mask, AnnotationRules(), "refuse", np.random.default_rng)
    judged = list(enumerate(found.verdicts.reasons))
    for i, reason in judged:
        extent = found.extents[i]
        region = picture[extent[1] : extent[3], extent[0] : extent[2]]
        inside = drawn(found.runs, int(found.known[i]), extent)
        tint = np.array(REFUSED if reason else ACCEPTED)
        region[inside] = (0.75 * region[inside] + 0.25 * tint).astype(np.uint8)
    for i, reason in judged:
        x0, y0, x1, y1 = (int(value) for value in found.verdicts.boxes[i])
        colour = REFUSED if reason else ACCEPTED
        cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), colour, 1, cv2.LINE_AA)
        if not reason:
            known = int(found.known[i])
            joints = visible_joints(frame.people.joints[known], known, found.runs)
            for x, y, seen in joints[np.isfinite(joints).all(axis=1)]:
                cv2.circle(picture, (round(x), round(y)), 2, SEEN if seen else HIDDEN, -1)
    for i, reason in judged:
        words = reason or f"{found.sides[i]} {100 * found.candidates.visibility[i]:.0f}%"
        x0, y0 = (int(value) for value in found.verdicts.boxes[i, :2])
        (width, height), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 0.36, 1)
        y0 = max(y0, height + 4)
        colour = REFUSED if reason else ACCEPTED
        cv2.rectangle(picture, (x0, y0 - height - 5), (x0 + width + 4, y0), colour, -1)
        place, white = (x0 + 2, y0 - 3), (255, 255, 255)
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.36, white, 1, cv2.LINE_AA)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("frame", type=int)
    arguments = parser.parse_args()
    frame = next(f for f in read_frames(arguments.bundle) if f.frame == arguments.frame)
    cv2.imwrite(str(PICTURE), draw_frame(frame), [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
