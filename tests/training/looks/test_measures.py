"""Measures of crops find what was drawn into them, and adding one takes one file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg

from tests.training.dropping_in import dropped_in
from tests.training.looks.pictures import dressed, measures_of, plain, textured
from training.looks.crops import Labels
from training.looks.registry import MEASURES


def test_a_grey_picture_has_nothing_but_its_level() -> None:
    found = measures_of(plain(90, 90, 90, height=60, width=20))

    assert {name: float(found[name][0]) for name in ("height", "width", "aspect")} == {
        "height": 60,
        "width": 20,
        "aspect": 3,
    }
    assert found["luminance"] == pytest.approx(90)
    for name in (
        *("contrast", "saturation", "sharpness", "fine grain", "background edges"),
        *("cast green to red", "cast blue to yellow", "background contrast", "upper chroma"),
    ):
        assert found[name] == pytest.approx(0, abs=0.5), name
    assert found["JPEG blocks"] == pytest.approx(1)
    assert np.isnan(found["detail across"]), "nowhere, since there is none"


def test_a_blurred_picture_is_softer_and_its_edges_weaker() -> None:
    sharp = textured()
    found = measures_of(sharp, cv2.GaussianBlur(sharp, (0, 0), 2))

    for name in ("sharpness", "fine grain", "background edges", "contrast"):
        clear, blurred = found[name]
        assert blurred < 0.7 * clear, name
    assert found["luminance"][1] == pytest.approx(found["luminance"][0], abs=1)


def test_sharpness_is_the_variance_of_the_laplacian_in_decibels() -> None:
    stripes = plain(100, 100, 100)
    stripes[:, ::2] = 110
    found = measures_of(stripes)

    # Every pixel differs by 10 from both neighbours across, so that the Laplacian is ±20.
    assert found["sharpness"] == pytest.approx(10 * np.log10(401), abs=0.01)
    assert found["fine grain"] == pytest.approx(20)
    assert found["background edges"] == pytest.approx(0), "upright lines are no edges of it"


def test_blocks_are_seen_in_a_jpeg_of_low_quality_on_its_grid_alone() -> None:
    picture = textured(height=160, width=80)
    coarse = simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(picture, quality=8))
    shifted = np.ascontiguousarray(coarse[4:, 4:])
    clean, blocks, elsewhere = measures_of(picture, coarse, shifted)["JPEG blocks"]

    assert clean == pytest.approx(1, abs=0.05)
    assert blocks > 1.5 * clean
    assert elsewhere < 1


@pytest.mark.parametrize(
    ("colour", "measure", "sign"),
    [
        ((140, 110, 110), "cast green to red", 1),
        ((105, 135, 105), "cast green to red", -1),
        ((130, 125, 95), "cast blue to yellow", 1),
        ((105, 110, 150), "cast blue to yellow", -1),
    ],
)
def test_a_cast_moves_the_mean_colour_its_way(
    colour: tuple[int, int, int], measure: str, sign: int
) -> None:
    assert sign * measures_of(plain(*colour))[measure][0] > 8


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((20, 20, 24), "black"),
        ((235, 235, 230), "white"),
        ((120, 122, 118), "grey"),
        ((95, 65, 40), "brown"),
        ((190, 25, 30), "red"),
        ((235, 130, 20), "orange"),
        ((230, 210, 40), "yellow"),
        ((40, 130, 60), "green"),
        ((40, 70, 150), "blue"),
        ((110, 50, 140), "purple"),
        ((235, 150, 170), "pink"),
    ],
)
def test_clothes_are_called_by_their_colour(colour: tuple[int, int, int], name: str) -> None:
    other = (40, 130, 60) if name == "red" else (190, 25, 30)
    found = measures_of(dressed(colour, other), dressed(other, colour))

    assert found[f"upper {name}"].tolist() == [1, 0]
    assert found[f"lower {name}"].tolist() == [0, 1]
    for region in ("upper", "lower"):
        shares = [
            values
            for measure, values in found.items()
            if measure.startswith(region)
            and MEASURES.find(measure).share
            and not measure.endswith(("dark", "light"))
        ]
        assert np.sum(shares, axis=0).tolist() == [1, 1], "each crop has one colour"


def test_the_place_of_the_person_comes_from_labels_and_is_else_not_known() -> None:
    labels = Labels(
        box=np.array([[0.1, 0.05, 0.7, 0.9], [np.nan] * 4]),
        filled=np.array([0.4, np.nan]),
        visibility=np.array([0.8, np.nan]),
        truncation=np.array([0.0, np.nan]),
        others=np.array([1.0, np.nan]),
    )
    found = measures_of(textured(), textured(), labels=labels)

    expected = {
        "margin beside": 0.4,
        "margin above": 0.05,
        "margin below": 0.1,
        "off centre": 0.1,
        "filled": 0.4,
        "visibility": 0.8,
        "truncation": 0.0,
        "other people": 1.0,
    }
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value), name
        assert np.isnan(found[name][1]), name


def test_detail_is_where_it_was_drawn() -> None:
    picture = plain(128, 128, 128)
    picture[64:, 32:] = textured()[64:, 32:]
    found = measures_of(picture)

    assert found["detail across"] == pytest.approx(0.75, abs=0.02)
    assert found["detail down"] == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 7), (8, 8), (700, 90)])
def test_pictures_of_any_size_are_measured(height: int, width: int) -> None:
    for name, values in measures_of(plain(9, 200, 31, height, width)).items():
        assert values.shape == (1,), name
        assert not np.isinf(values).any(), name


MODULE = '''
"""How red it is in the middle."""

from training.looks.registry import measure


@measure("redness", "0 to 255", "red of the pixel in the middle")
def redness(crops):
    return crops.pictures[:, 64, 32, 0]
'''


def test_a_file_in_the_folder_is_a_measure(tmp_path: Path) -> None:
    with dropped_in(MEASURES, tmp_path, "redness", MODULE):
        assert measures_of(plain(7, 8, 9), plain(70, 8, 9))["redness"].tolist() == [7, 70]
    assert "redness" not in measures_of(plain(7, 8, 9))
