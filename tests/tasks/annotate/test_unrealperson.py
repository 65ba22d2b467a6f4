"""The paper's rules against a literal, pixel-by-pixel re-statement of them."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.images import decode_mask
from tasks.annotate import unrealperson
from tasks.annotate.candidates import Candidates
from tasks.annotate.measure import measure
from tasks.annotate.runs import label_runs
from tests.synth_workers.encoding import encode_mask
from tests.tasks.annotate.drawing import colour_of
from tests.tasks.annotate.reference import paper_annotation


def draw_for(person: int) -> np.random.Generator:
    return np.random.default_rng([11, person])


def ours(image: np.ndarray, colours: list[int], thresholds: unrealperson.Thresholds):
    """Verdict words and crops by person, from an (h, w) image of mask colours."""
    height, width = image.shape
    runs = label_runs(
        decode_mask(encode_mask(image, "rgba"), (width, height)),
        np.array(colours),
        tolerance=unrealperson.COLOUR_TOLERANCE,
        foreign="background",
    )
    measured = measure(runs, len(colours))
    seen = np.flatnonzero(measured.visible)
    unused = np.zeros(len(seen))
    candidates = Candidates(
        seen, measured.visible[seen], measured.boxes[seen], unused, unused, unused, width, height
    )
    verdicts = unrealperson.judge(candidates, thresholds, draw_for)
    crops = [tuple(crop) for crop in verdicts.crops.tolist()]
    return dict(zip(seen.tolist(), zip(verdicts.reasons, crops, strict=True), strict=True))


def literally(image: np.ndarray, colours: list[int], video: bool):
    channels = np.stack([image >> 16 & 255, image >> 8 & 255, image & 255], axis=2)
    result = {}
    for person, colour in enumerate(colours):

        def moves(across: int, down: int, person: int = person) -> tuple[int, int, int, int]:
            rng = draw_for(person)
            left, top, right, bottom = rng.integers(0, [across, down, across, down], endpoint=True)
            return int(left), int(top), int(right), int(bottom)

        parts = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
        word, crop = paper_annotation(channels, parts, moves, video)
        if word != "unseen":
            result[person] = (word, crop)
    return result


def assert_equal_decisions(image: np.ndarray, colours: list[int], video: bool) -> set[str | None]:
    found = ours(image, colours, unrealperson.VIDEO if video else unrealperson.IMAGE)
    expected = literally(image, colours, video)
    assert {person: word for person, (word, _) in found.items()} == {
        person: word for person, (word, _) in expected.items()
    }
    for person, (word, crop) in expected.items():
        if not word:
            assert found[person][1] == crop
    return {word for word, _ in expected.values()}


@pytest.mark.parametrize("video", [False, True])
def test_random_crowds_are_decided_alike(video):
    met: set[str | None] = set()
    for seed in range(4):
        rng = np.random.default_rng(seed)
        image = np.zeros((200, 260), np.uint32)
        colours = [colour_of(i) for i in range(6)]
        for colour in colours[:5]:
            y, x = rng.integers(-10, 150), rng.integers(-10, 220)
            h, w = rng.integers(60, 130), rng.integers(20, 70)
            image[max(y, 0) : y + h, max(x, 0) : x + w] = colour
        if seed % 2:
            image[::2, ::2] = 0
            image[::3] = 0
        met |= assert_equal_decisions(image, colours, video)
    assert {None, "few-pixels", "edge"} <= met


@pytest.mark.parametrize("video", [False, True])
@pytest.mark.parametrize(
    "box",
    [
        (20, 20, 60, 70),  # exactly 2000 pixels: not enough
        (20, 20, 61, 70),
        (5, 20, 60, 130),  # at the edge rule's limit on the left
        (4, 20, 60, 130),
        (20, 5, 60, 130),
        (20, 4, 60, 130),
        (40, 20, 135, 130),  # right index 134 = 140 - 6
        (40, 20, 136, 130),
        (40, 20, 90, 145),  # bottom index 144 = 150 - 6
        (40, 20, 90, 146),
        (20, 20, 76, 99),  # enlarged aspect on both sides of 0.7
        (20, 20, 72, 101),
    ],
)
def test_limits_are_decided_alike(box, video):
    image = np.zeros((150, 140), np.uint32)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = colour_of(4)
    assert_equal_decisions(image, [colour_of(4)], video)


@pytest.mark.parametrize("rows_kept", [28, 29, 30, 31, 32])
def test_fill_of_the_visible_box_decides_about_occlusion(rows_kept):
    """Comb-shaped silhouettes that fill about 30 % of their box."""
    image = np.zeros((150, 140), np.uint32)
    image[10:140, 10:12] = colour_of(1)
    for row in range(rows_kept):
        image[10 + row * 4, 10:130] = colour_of(1)
    assert_equal_decisions(image, [colour_of(1)], False)


def test_neighbouring_colours_within_the_tolerance_belong_to_the_person():
    image = np.zeros((150, 140), np.uint32)
    image[20:120, 30:70] = colour_of(1)
    image[20:60, 30:70] += 0x020202
    image[60:80, 30:70] += 0x040000
    assert_equal_decisions(image, [colour_of(1)], False)


def test_boxes_miss_the_last_row_and_column():
    image = np.zeros((150, 140), np.uint32)
    image[20:130, 30:70] = colour_of(0)
    assert assert_equal_decisions(image, [colour_of(0)], False) == {None}
    only = Candidates(
        np.array([0]),
        np.array([4400]),
        np.array([[30, 20, 70, 130]]),
        *(np.zeros(1),) * 3,
        width=140,
        height=150,
    )
    boxes = unrealperson.judge(only, unrealperson.IMAGE, draw_for).boxes
    assert boxes.tolist() == [[30, 20, 69, 129]]
