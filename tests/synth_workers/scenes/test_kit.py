"""Every piece of the kit: sound geometry, faces that look outwards, honest obstacles."""

from typing import Any

import numpy as np
import pytest

from manifests.channels import CLASSES
from manifests.errors import BadScene
from synth_workers.scenes.kit import PIECES
from synth_workers.scenes.labels import PIECES_BY_CLASS
from synth_workers.scenes.parts import Level, Part
from synth_workers.seating import SEAT_DEPTH, SEAT_HEIGHT

WITHOUT_GEOMETRY = {"glow"}


def build(name: str, seed: int = 4, **parameters: object) -> list[Part]:
    return PIECES.find(name).build(np.random.default_rng(seed), **parameters).parts


def test_every_piece_has_a_class():
    assert set(PIECES.names) == {n for names in PIECES_BY_CLASS.values() for n in names.split()}
    assert set(PIECES_BY_CLASS) <= set(CLASSES)


@pytest.mark.parametrize("name", PIECES.names)
def test_a_piece_is_sound(name: str) -> None:
    parts = build(name)
    assert bool(parts) == (name not in WITHOUT_GEOMETRY)
    for part in parts:
        assert np.isfinite(part.shape.positions).all()
        assert np.isfinite(part.shape.uv).all()
        np.testing.assert_allclose(np.linalg.norm(part.shape.normals, axis=1), 1, atol=1e-6)
        assert part.tint.min() >= 0


@pytest.mark.parametrize("name", PIECES.names)
def test_faces_that_are_culled_look_where_their_normals_point(name: str) -> None:
    for part in build(name):
        if part.two_sided:
            continue
        a, b, c = (part.shape.positions[part.shape.faces[:, k]] for k in range(3))
        face_normals = np.cross(b - a, c - a)
        area = np.linalg.norm(face_normals, axis=1)
        towards = np.sum(face_normals * part.shape.normals[part.shape.faces].mean(axis=1), axis=1)
        # Of the area: slivers of rounded shapes may disagree, sides of a box may not.
        assert area[towards < 0].sum() <= 0.01 * area.sum(), part.material


@pytest.mark.parametrize("name", PIECES.names)
def test_a_piece_is_the_same_for_the_same_seed(name: str) -> None:
    for a, b in zip(build(name, 9), build(name, 9), strict=True):
        np.testing.assert_array_equal(a.shape.positions, b.shape.positions)
        np.testing.assert_array_equal(a.tint, b.tint)


@pytest.mark.parametrize("name", PIECES.names)
def test_what_could_be_walked_into_lies_inside_the_obstacles(name: str) -> None:
    boxes = np.reshape(PIECES.find(name).boxes(), (-1, 6))
    for part in build(name):
        triangles = part.shape.positions[part.shape.faces]
        height = triangles[..., 2]
        between = (height.max(axis=1) > 0.2) & (height.min(axis=1) < 1.8)
        solid = triangles[between].reshape(-1, 1, 3)[..., :2]
        if part.level is Level.NEAR:
            continue
        outside = np.linalg.norm(solid - np.clip(solid, boxes[:, :2], boxes[:, 3:5]), axis=2)
        assert np.all(outside.min(axis=1, initial=np.inf) < 0.3), part.material


def test_pieces_that_stand_in_the_way_have_obstacles() -> None:
    for name in ("bench", "car", "shelf_run", "checkout", "kiosk", "planter", "terrace", "tree"):
        assert PIECES.find(name).boxes()


def test_lamps_shine_from_where_they_glow() -> None:
    cases: list[dict[str, Any]] = [{}, {"style": "globe"}, {"height": 6.0, "arm": 2.0}]
    for parameters in cases:
        (light,) = PIECES.find("lamp").lights(**parameters)
        glowing = [part for part in build("lamp", **parameters) if part.glow.max() > 0]
        centre = np.concatenate([part.shape.positions for part in glowing]).mean(axis=0)
        assert np.linalg.norm(centre - light.position) < 0.5


@pytest.mark.parametrize("name", ["strip_lamps", "pendants", "beams", "trusses"])
def test_a_strip_of_ceiling_narrower_than_their_pitch_gets_lamps_and_beams(name: str) -> None:
    pitch = 5.0 if name in ("beams", "trusses") else (5.0, 5.0)
    parts = build(name, rect=(0, 0, 12, 1.5), pitch=pitch)
    assert sum(len(part.shape.faces) for part in parts) > 0


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("car", {"kind": "tank"}),
        ("terrace", {"styles": ["gothic"]}),
        ("floor", {"material": "lava"}),
        ("shelf_run", {"families": ["gold"]}),
        ("pallet", {"family": "gold"}),
    ],
)
def test_unknown_choices_are_refused_with_the_known_ones(name: str, parameters: dict) -> None:
    with pytest.raises(BadScene, match="known are"):
        build(name, **parameters)


SEATED = [("bench", {"length": 0.6}), ("seat_row", {"double": True}), ("cafe_table", {})]


@pytest.mark.parametrize(("name", "parameters"), SEATED)
def test_seats_are_drawn_where_one_sits(name: str, parameters: dict[str, Any]) -> None:
    points = np.concatenate([part.shape.positions for part in build(name, **parameters)])
    seats = PIECES.find(name).seats(np.random.default_rng(4), **parameters)
    assert seats
    for seat in seats:
        ahead = np.array([np.cos(seat.heading), np.sin(seat.heading)])
        aside = np.array([-ahead[1], ahead[0]])
        offset = points[:, :2] - (seat.x, seat.y)
        forward, sideways = offset @ ahead, np.abs(offset @ aside)
        level = (np.abs(points[:, 2] - seat.z - SEAT_HEIGHT) < 0.006) & (sideways < 0.32)
        # It reaches from where one leans to below the thighs, and no farther than the calves.
        assert forward[level & (forward > -0.5)].min() < -0.3
        assert -0.06 < forward[level & (forward < 0.2)].max() < 0.055
        back = (points[:, 2] > seat.z + 0.55) & (sideways < 0.3) & (forward < -0.2)
        assert forward[back & (forward > -0.6)].max() < -SEAT_DEPTH + 0.012
