"""Annotating one frame: mask and ground truth in, judged and labelled people out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.annotation_rules import AnnotationRules
from synth_workers.images import Foreign, Mask
from tasks.annotate import labels, native, unrealperson
from tasks.annotate.bundle import Frame
from tasks.annotate.candidates import Candidates, Draw, Verdicts
from tasks.annotate.joints import body_regions
from tasks.annotate.measure import measure, pixels_in_boxes, within
from tasks.annotate.runs import Runs, label_runs


@dataclass(frozen=True)
class FrameAnnotation:
    """The m visible people of one frame, judged; arrays over them.

    ``known``: (m,) position among the frame's known people. ``fill``: the person's share of
    the tight box. ``azimuth``: (m,) float32 degrees; ``sides``: its class. ``occluders``: positions
    among the known people, largest cover first. ``exact``: (m,) bool, whether the visibility is.
    ``extents``: (m, 4) int64 boxes of everything visible, carried things included. ``runs``: the
    mask they were measured on.
    """

    known: np.ndarray
    candidates: Candidates
    verdicts: Verdicts
    fill: np.ndarray
    azimuth: np.ndarray
    sides: list[str]
    occluders: list[list[int]]
    exact: np.ndarray
    extents: np.ndarray
    runs: Runs


def annotate_frame(
    frame: Frame, mask: Mask, rules: AnnotationRules, foreign: Foreign, draw: Draw
) -> FrameAnnotation:
    """Measure, judge and label everybody who is visible in a frame.

    Raises ``FrameRefused`` when the mask's colours are not the people's.
    """
    people = frame.people
    count = len(people.index)
    tolerance = 0 if rules.rules == "native" else unrealperson.COLOUR_TOLERANCE
    runs = label_runs(mask, people.colour, tolerance=tolerance, foreign=foreign)
    everything = measure(runs, count)
    counted = everything
    if rules.rules == "native" and not rules.props_in_box:
        counted = measure(within(runs, body_regions(people.joints)), count)
    known = np.flatnonzero(counted.visible)
    visible, boxes = everything.visible[known], counted.boxes[known]

    full, usable = labels.usable_full_boxes(people.full_box[known], boxes)
    in_tight = pixels_in_boxes(runs, boxes, count)
    own = in_tight[np.arange(len(known)), known]
    in_full = pixels_in_boxes(runs, np.rint(full).astype(np.int64), count)
    candidates = Candidates(
        person=people.index[known],
        visible=visible,
        boxes=boxes,
        others=in_tight.sum(axis=1) - own,
        visibility=labels.visibility(visible, people.full_pixels[known], full, usable),
        truncation=labels.truncation(full, frame.width, frame.height),
        width=frame.width,
        height=frame.height,
    )
    verdicts = _judge(candidates, rules, draw)
    azimuth = labels.viewpoint(frame.camera_location, people.position[known], people.yaw[known])
    return FrameAnnotation(
        known=known,
        candidates=candidates,
        verdicts=verdicts,
        fill=own / labels.areas(boxes),
        azimuth=azimuth,
        sides=labels.viewpoint_class(azimuth),
        occluders=labels.occluders(in_full, people.distance, full, known),
        exact=people.exact[known] & usable & ~np.isnan(people.full_pixels[known]),
        extents=everything.boxes[known],
        runs=runs,
    )


def _judge(candidates: Candidates, rules: AnnotationRules, draw: Draw) -> Verdicts:
    match rules.rules:
        case "native":
            return native.judge(candidates, rules, draw)
        case "unrealperson":
            return unrealperson.judge(candidates, unrealperson.IMAGE, draw)
        case "unrealperson-video":
            return unrealperson.judge(candidates, unrealperson.VIDEO, draw)
