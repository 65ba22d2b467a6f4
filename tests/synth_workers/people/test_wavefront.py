"""Wavefront meshes: which faces belong to which group (the rest with the clothes files)."""

from __future__ import annotations

from synth_workers.people.mesh.wavefront import parse_obj

CORNERS = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv .5 2 0\nvt .5 .5\n"


def test_faces_belong_to_the_group_named_last_and_all_quads_of_a_fan_to_one() -> None:
    faces = "f 1 2 3\ng wall\nf 1/1 2/1 3/1 4/1\ng gable\nf 1 2 3 5 4\ng wall\nf 1 3 4\n"
    mesh = parse_obj(CORNERS + faces)
    assert [mesh["groups"][group] for group in mesh["group"]] == [
        "", "wall", "gable", "gable", "wall"
    ]  # fmt: skip
    assert mesh["quads"].tolist() == [
        [0, 1, 2, 2], [0, 1, 2, 3], [0, 1, 2, 4], [0, 4, 3, 3], [0, 2, 3, 3]
    ]  # fmt: skip
