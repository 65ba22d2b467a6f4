"""Charts draw the numbers they are given."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from tasks.report.charts import Curve, cmc_chart, columns, compact, histogram, nice_ceiling, rose
from tasks.report.distributions import quality_checks, refusal_bars

NAMESPACE = "{http://www.w3.org/2000/svg}"


def elements(svg: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(NAMESPACE + tag))


def test_histogram_columns_are_as_high_as_their_counts():
    svg = histogram(np.array([1, 1, 1, 2, 99, -5]), [0, 2, 4, 6], "px", "Heights")
    heights = [float(bar.get("height", "")) for bar in elements(svg, "rect")]
    assert heights == pytest.approx([heights[2] * 4, heights[2], heights[2]], abs=0.2)
    assert "0 to 2 px: 4" in svg


def test_histogram_of_nothing_is_empty():
    svg = histogram(np.array([]), [0, 1, 2], "px", "Heights")
    assert {bar.get("height") for bar in elements(svg, "rect")} == {"0.0"}


def test_columns_name_what_they_count():
    svg = columns({"2": 10, "3": 20}, "Cameras")
    texts = [text.text for text in elements(svg, "text")]
    assert texts[-2:] == ["2", "3"]


def test_rose_area_is_proportional_to_the_count():
    svg = rose({"front": 100, "right": 25, "back": 0, "left": 100}, "Sides")
    radii = [float(re.findall(r"A([\d.]+),", p.get("d", ""))[0]) for p in elements(svg, "path")]
    assert radii == pytest.approx([84, 42, 0, 84], abs=0.1)


def test_cmc_rises_to_the_top_for_a_perfect_method():
    svg = cmc_chart([Curve("Perfect", "trained", np.ones(50)), Curve("N", "x", np.zeros(50))])
    perfect, none = (line.get("points", "").split() for line in elements(svg, "polyline"))
    assert len(perfect) == 20
    assert {point.split(",")[1] for point in perfect} == {"10.0"}
    assert {point.split(",")[1] for point in none} == {"250.0"}


def test_cmc_of_a_tiny_gallery_shows_all_its_ranks():
    svg = cmc_chart([Curve("Short", "trained", np.array([0.5, 1.0, 1.0]))])
    (line,) = elements(svg, "polyline")
    assert len(line.get("points", "").split()) == 3


@pytest.mark.parametrize("value, ceiling", [(1, 1), (3, 4), (7, 8), (9, 10), (61, 80), (100, 100)])
def test_axes_end_at_round_numbers(value, ceiling):
    assert nice_ceiling(value) == ceiling


def test_short_numbers():
    assert [compact(v) for v in (0, 50, 1500, 2_000_000)] == ["0", "50", "1.5k", "2M"]


def test_reasons_are_sorted_by_frequency():
    bars = refusal_bars({"rejected": {"small": 5, "wide": 9, "frame:black": 1}})
    assert [(bar.label, bar.value) for bar in bars] == [
        ("wide", 9),
        ("small", 5),
        ("frame:black", 1),
    ]
    assert bars[0].share == 1.0


def test_checks_count_what_a_trainer_should_know():
    row = {
        "person_id": "a",
        "camera": "c1",
        "scene": "s",
        "render_id": "r",
        "time": 0.0,
        "viewpoint": 10.0,
        "visibility": 1.0,
        "look_alike_group": "g",
        **dict(zip(("box_x0", "box_y0", "box_x1", "box_y1"), (0, 0, 40, 100))),
    }
    rows = [
        row,
        row | {"time": 1.0},
        row | {"time": 2.0, "camera": "c2", "scene": "t", "visibility": 0.6},
        row | {"person_id": "b", "look_alike_group": None},
    ]
    checks = dict(quality_checks(pd.DataFrame(rows)))
    assert checks["images per person"] == "1 to 3, mean 2.0"
    assert checks["people seen by one camera only"] == "1"
    assert checks["people seen in one scene only"] == "1"
    assert checks["near-duplicates (same person, camera, place and side)"] == "1 of 4 crops"
    assert checks["crops that show less than 70% of the body"] == "1 of 4"
    assert checks["people in groups of look-alikes"] == "1 in 1 groups"
