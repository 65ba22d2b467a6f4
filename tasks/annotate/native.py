"""The factory's own acceptance rules: people are judged against their full body."""

from __future__ import annotations

from manifests.annotation_rules import AnnotationRules
from manifests.reasons import Refusal
from tasks.annotate.candidates import Candidates, Draw, Verdicts, enlarged, first_reason


def judge(candidates: Candidates, rules: AnnotationRules, draw: Draw) -> Verdicts:
    """Accept or refuse every candidate and decide what to cut.

    Reasons, the first that applies: ``few-pixels``, ``small``, ``truncated``, ``occluded``,
    ``wide``, ``crowded``.
    """
    boxes = candidates.boxes
    width = boxes[:, 2] - boxes[:, 0]
    height = boxes[:, 3] - boxes[:, 1]
    reasons = first_reason(
        len(boxes),
        (Refusal.few_pixels, candidates.visible < rules.min_visible_pixels),
        (Refusal.small, height < rules.min_height),
        (Refusal.truncated, candidates.truncation > rules.max_truncation),
        (Refusal.occluded, candidates.visibility < rules.min_visibility),
        (Refusal.wide, width > rules.max_aspect * height),
        (Refusal.crowded, candidates.others > rules.max_others * width * height),
    )
    size = (candidates.width, candidates.height)
    crops = enlarged(boxes, candidates.person, rules.enlarge, draw, *size, rules.boxes)
    return Verdicts(reasons, boxes, crops)
