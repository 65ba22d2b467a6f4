"""Which people and cameras a gallery shows."""

from __future__ import annotations

import pandas as pd

from tasks.report.gallery import plan_gallery


def row(person: int, camera: str, **labels) -> dict:
    return {
        "person_id": f"p{person:02d}",
        "scene": camera.split("_")[0],
        "camera": camera,
        "crop_key": f"{person}/{camera}/{len(labels)}",
        "visibility": 0.9,
        "viewpoint_class": "front",
        "height": 100,
    } | labels


def test_cameras_come_from_every_scene_in_turn():
    rows = [row(p, f"a_c{c}") for p in range(9) for c in range(8)]
    rows += [row(p, f"b_c{c}") for p in range(3) for c in range(3)]
    plan = plan_gallery(pd.DataFrame(rows), 4, 5, 1)
    assert [camera[0] for camera in plan.cameras] == ["a", "a", "a", "b", "b"]


def test_people_with_the_fewest_gaps_come_first_and_ties_are_spread():
    rows = [row(p, f"a_c{c}") for p in range(20) for c in range(3) if (p, c) != (5, 1)]
    rows.append(row(50, "a_c0"))
    plan = plan_gallery(pd.DataFrame(rows), 4, 3, 1)
    assert plan.people[0] == "p00" and plan.people[-1] == "p19" and len(plan.people) == 4
    assert all(all(cell) for line in plan.cells for cell in line)
    everybody = plan_gallery(pd.DataFrame(rows), 50, 3, 1)
    assert len(everybody.people) == 21
    assert everybody.cells[5][1] == () and everybody.cells[20] == (("50/a_c0/0",), (), ())


def test_a_cell_shows_the_best_visible_crops_and_other_sides_first():
    rows = [
        row(1, "a_c0", crop_key="hidden", visibility=0.5),
        row(1, "a_c0", crop_key="best", visibility=1.0),
        row(1, "a_c0", crop_key="second", visibility=0.99),
        row(1, "a_c0", crop_key="behind", visibility=0.9, viewpoint_class="back"),
        row(1, "a_c0", crop_key="legs", visibility=0.7, viewpoint_class="left"),
    ]
    frame = pd.DataFrame(rows)
    assert plan_gallery(frame, 1, 1, 1).cells == ((("best",),),)
    assert plan_gallery(frame, 1, 1, 2).cells == ((("best", "behind"),),)
    assert plan_gallery(frame.iloc[::-1], 1, 1, 4).cells == (
        (("best", "behind", "second", "legs"),),
    )
