"""Cameras with a distorting lens: picture, mask, depth and labels are moved alike."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np
import pytest
import unrealcv

from synth_workers.calibration import calibration, opencv_points
from synth_workers.coordinates import project
from tests.synth_workers.engine.pictures import PALETTE, picture, place_people

STRONG = (-0.35, 0.05)


@pytest.fixture
def bent(client: unrealcv.Client) -> Iterator[unrealcv.Client]:
    """The client with a strong lens on camera 0."""
    reply = client.request("vbp CameraPawn_0 set_lens {} {}".format(*STRONG))
    assert not reply.startswith("error")
    yield client
    client.request("vbp CameraPawn_0 set_lens 0 0")
    client.request("vset /camera/0/rotation -15 0 0")


def people(client: unrealcv.Client) -> dict[str, dict]:
    answer = json.loads(client.request("vget /camera/0/people"))
    return {person["name"]: person for person in answer["people"]}


def test_an_ideal_lens_changes_no_byte(client: unrealcv.Client):
    place_people(client, 2)
    before = client.request("vget /camera/0/lit png")
    client.request("vbp CameraPawn_0 set_lens 0.2 0")
    assert client.request("vget /camera/0/lit png") != before
    client.request("vbp CameraPawn_0 set_lens 0 0")
    assert client.request("vget /camera/0/lit png") == before


def test_joints_and_boxes_are_those_of_the_distorted_picture(bent: unrealcv.Client):
    names = place_people(bent, 4)
    bent.request("vset /camera/0/rotation -15 -14 0")
    mask = picture(bent.request("vget /camera/0/object_mask png"))
    shifts = []
    found = people(bent)
    for i, name in enumerate(names):
        down, across = np.nonzero((mask == PALETTE[i]).all(axis=2))
        assert found[name]["visible"] == len(down)
        x, y, depth = found[name]["joints"][0]
        camera = ((-300, 0, 300), (-15, -14, 0), 60, 320, 180)
        head = [[300 + 60 * i, -200 + 90 * i, 162]]
        ideal, moved = project(head, *camera)[0], project(head, *camera, STRONG)[0]
        np.testing.assert_allclose([x, y, depth], moved, atol=0.05)
        shifts.append(np.abs(ideal[:2] - moved[:2]).max())
        assert found[name]["box"][0] <= x <= found[name]["box"][2]
        if found[name]["full"] == found[name]["visible"]:
            box = (across.min(), down.min(), across.max() + 1, down.max() + 1)
            assert tuple(found[name]["box"]) == box
    assert max(shifts) > 2


def test_the_mask_is_the_silhouette_of_what_changed(bent: unrealcv.Client):
    bent.request("vset /camera/0/size 640 360")
    bent.request("vrun r.ShadowQuality 0")
    empty = picture(bent.request("vget /camera/0/lit png")).astype(int)
    place_people(bent, 4)
    changed = np.abs(picture(bent.request("vget /camera/0/lit png")) - empty).max(axis=2) > 6
    mask = picture(bent.request("vget /camera/0/object_mask png")).any(axis=2)
    bent.request("vrun r.ShadowQuality 3")
    bent.request("vset /camera/0/size 320 180")
    assert mask.sum() > 5000
    assert changed[mask].mean() > 0.97
    grown = cv2.dilate(np.asarray(mask, np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert not (changed & ~grown).any()


def test_full_counts_reach_beyond_the_border_through_the_lens(bent: unrealcv.Client):
    (name,) = place_people(bent, 1)
    bent.request(f"vset /object/{name}/location 500 0 0")
    bent.request("vset /camera/0/rotation -15 -26 0")
    whole = people(bent)[name]
    assert whole["full"] == whole["visible"]
    bent.request("vset /camera/0/rotation -15 -36 0")
    cut = people(bent)[name]
    assert cut["box"][2] > 320
    assert 0 < cut["visible"] < cut["full"]
    assert cut["full"] > 0.85 * whole["full"]


def test_depth_stays_planar(bent: unrealcv.Client):
    bent.request("vset /camera/0/rotation 0 0 0")
    depth = np.load(io.BytesIO(bent.request("vget /camera/0/depth npy")))
    assert abs(float(depth[88, 100]) - 1500) < 2
    # The floor's depth at the lower edge is that of the ideal ray through the pixel's centre.
    row = project([[float(depth[179, 160]) - 300, 0, 0]], (-300, 0, 300), (0, 0, 0), 60, 320, 180,
                  STRONG)[0, 1]  # fmt: skip
    assert row == pytest.approx(179.5, abs=0.6)


MARKS = ((500, -300, 140), (420, 30, 60), (700, 60, 180), (650, -420, 30))


@pytest.mark.parametrize(
    "pose", [((-300, 0, 300), (-15, -14, 0)), ((-120, 260, 210), (-9, -31, 4))]
)
def test_opencv_projects_known_points_onto_the_pixels_where_the_mask_shows_them(
    bent: unrealcv.Client, pose: tuple
):
    location, rotation = pose
    bent.request("vset /camera/0/location {} {} {}".format(*location))
    bent.request("vset /camera/0/rotation {} {} {}".format(*rotation))
    bent.request("vset /camera/0/size 640 360")
    camera = calibration(location, rotation, 60, (640, 360), STRONG)
    apart = []
    for i, centre in enumerate(MARKS):
        name, colour = f"mark{i}_{rotation[2]}", (200, 10 + i, 90)
        bent.request(f"vset /objects/spawn Cube_C {name}")
        bent.request("vset /object/{}/location {} {} {}".format(name, *centre))
        bent.request(f"vset /object/{name}/scale 0.4 0.4 0.4")
        bent.request("vset /object/{}/color {} {} {}".format(name, *colour))
        mask = (picture(bent.request("vget /camera/0/object_mask png")) == colour).all(axis=2)
        bent.request(f"vset /object/{name}/destroy")
        corners = np.array(list(product((-20, 20), repeat=3))) + centre
        seen, _ = cv2.projectPoints(
            opencv_points(corners),
            cv2.Rodrigues(camera.rotation)[0],
            camera.translation,
            camera.matrix,
            camera.distortion,
        )
        outline = cv2.moments(cv2.convexHull(seen.astype(np.float32)))
        assert mask.sum() > 300
        middle = np.argwhere(mask).mean(axis=0)[::-1]
        apart.append(middle - np.array([outline["m10"], outline["m01"]]) / outline["m00"])
    bent.request("vset /camera/0/size 320 180")
    bent.request("vset /camera/0/location -300 0 300")
    assert np.abs(apart).max() <= 0.5
    # Half a pixel is what mistaking corners of pixels for their centres would make of it.
    assert np.abs(np.mean(apart, axis=0)).max() < 0.2, apart


def test_senseless_lenses_are_refused(client: unrealcv.Client):
    for bad in ("set_lens", "set_lens 0.1", "set_lens nan 0", "set_lens 0 inf", "set_lens 11 0"):
        assert client.request(f"vbp CameraPawn_0 {bad}").startswith("error Argument Invalid")
