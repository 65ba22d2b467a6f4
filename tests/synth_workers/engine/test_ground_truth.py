"""Channels of ground truth against geometry: what a pixel says is where its surface is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import unrealcv
from numpy.typing import ArrayLike

from manifests.channels import CLASSES, FIRST_PIECE, Channel
from manifests.errors import FrameRefused
from synth_workers.calibration import Calibration, calibration, opencv_points
from synth_workers.channels import (
    decode_depth,
    decode_flow,
    decode_labels,
    decode_normals,
    stored_channels,
    with_people,
)
from synth_workers.moments import unpack_moment
from tests.synth_workers.engine.pictures import PALETTE, picture, place_people

SIZE, PLACE, TURN, FOV, LENS = (320, 180), (-300.0, 40.0, 300.0), (-15.0, 8.0, 0.0), 70.0, (-0.1, 0)


@pytest.fixture
def camera(client: unrealcv.Client) -> Calibration:
    """Of the pawn's camera, which has a lens that bends."""
    for command in (
        "vset /camera/0/location {} {} {}".format(*PLACE),
        "vset /camera/0/rotation {} {} {}".format(*TURN),
        f"vset /camera/0/fov {FOV}",
        "vset /camera/0/size {} {}".format(*SIZE),
        "vbp CameraPawn_0 set_lens {} {}".format(*LENS),
    ):
        assert not client.request(command).startswith("error")
    return calibration(PLACE, TURN, FOV, SIZE, LENS)


def channels(client: unrealcv.Client, **asked: str) -> dict[Channel, bytes]:
    """By channel, as bundles store it; ``asked``: mode and form of each."""
    moment = unpack_moment(client.request(f"vget /moment 0 {','.join(asked.values())}"))
    assert len(moment.ticks) == 1
    sent = dict(zip(asked, (part.data for part in moment.parts)))
    return stored_channels(sent, SIZE)  # pyright: ignore[reportArgumentType]


def world_points(depth: np.ndarray, camera: Calibration) -> np.ndarray:
    """(h, w, 3) cm of Unreal's world that the pixels of a depth image show."""
    pixels = np.stack(np.meshgrid(*map(np.arange, SIZE)), axis=-1).reshape(-1, 1, 2).astype(float)
    rays = cv2.undistortPoints(pixels, camera.matrix, camera.distortion).reshape(-1, 2)
    seen = np.column_stack([rays, np.ones(len(rays))]) * depth.reshape(-1, 1)
    found = (seen - camera.translation) @ camera.rotation
    return opencv_points(found).reshape(*depth.shape, 3)


def test_depth_projects_to_the_surface_and_normals_stand_on_it(client, camera):
    sent = channels(client, depth="depth.npy", normals="normal.png")
    depth, normals = decode_depth(sent["depth"]), decode_normals(sent["normals"])
    sky = np.isnan(depth)
    assert sky.any() and (sky == np.isnan(normals[..., 0])).all()

    points = world_points(depth, camera)
    near = depth < 1000
    up = near & (normals[..., 2] > 0.99)
    assert up.sum() > 5000
    heights = points[up][:, 2]  # of the ground, but for the top of the pillar
    assert np.percentile(np.abs(heights), 99) < 2.0
    wall = (normals[..., 0] < -0.99) & (np.abs(points[..., 1]) < 600) & (points[..., 2] > 20)
    wall &= depth > 1200
    assert wall.sum() > 1000
    off = np.abs(points[wall][:, 0] - 1200)  # but for a window that stands out by 10 cm
    assert np.percentile(off, 50) < 2.0 and off.max() < 14.0


def test_depth_of_people_is_where_their_joints_are(client, camera):
    (name,) = place_people(client, 1)
    empty = client.request(f"vset /object/{name}/hide")
    before = decode_depth(channels(client, depth="depth.npy")["depth"])
    assert empty == client.request(f"vset /object/{name}/show") == "ok"
    after = decode_depth(channels(client, depth="depth.npy")["depth"])
    body = after < before - 5
    points = world_points(after, camera)[body]
    assert body.sum() > 100
    assert np.linalg.norm(np.median(points[:, :2], axis=0) - (300, -200)) < 20
    assert -2 < points[:, 2].min() < 20 and 165 < points[:, 2].max() < 178


def test_boxes_hold_people_and_joints_are_where_they_are_seen(client, camera):
    names = place_people(client, 3)
    client.request(f"vset /object/{names[1]}/rotation 0 130 0")
    told = json.loads(client.request("vget /people"))
    seen = json.loads(client.request("vget /camera/0/people"))
    assert told["joint_names"] == seen["joint_names"]
    assert [person["box"][6] for person in told["people"]] == [0, 130, 80]
    pictured = {person["name"]: person for person in seen["people"]}
    for person in told["people"]:
        joints = pictured[person["name"]]["joints"]
        for (column, row, _), place in zip(joints, person["joints"]):
            found = projected([place], camera)[0]
            assert found == pytest.approx((column, row), abs=0.05)
        x0, y0, x1, y1 = pictured[person["name"]]["box"]
        around = projected(corners(person["box"]), camera)
        low, high = around.min(axis=0), around.max(axis=0)
        assert (low <= (x0 + 0.5, y0 + 0.5)).all() and (high >= (x1 - 0.5, y1 - 0.5)).all()
        # No looser than a body of boxes in one: arms and legs do not fill its corners.
        assert (high - low < (np.array([x1 - x0, y1 - y0]) * 1.35 + 3)).all()
        length, width, height = person["box"][3:6]
        assert 168 < height < 176 and 43 < width < 45 and 24 <= length < 110


def projected(points: ArrayLike, camera: Calibration) -> np.ndarray:
    """(n, 2) column and row, as boxes count them, of points of Unreal's world."""
    pixels, _ = cv2.projectPoints(
        opencv_points(points), camera.rotation, camera.translation, camera.matrix, camera.distortion
    )
    return pixels[:, 0] + 0.5


def corners(box: Sequence[float]) -> np.ndarray:
    """(8, 3) of an upright box in Unreal's world."""
    middle, half, yaw = np.array(box[:3]), np.array(box[3:6]) / 2, np.radians(box[6])
    along = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return middle + (signs * half) @ along


def test_labels_of_scenery_are_where_it_stands_and_people_where_the_mask_has_them(client, camera):
    place_people(client, 2)
    modes = "object_mask.png,semantics.png,instances.npy,depth.npy"
    moment = unpack_moment(client.request(f"vget /moment 0 {modes}"))
    mask, semantics, instances, depth = (part.data for part in moment.parts)
    painted = picture(mask)
    people = np.zeros(painted.shape[:2], np.uint8)
    for number, colour in enumerate(PALETTE[:2], start=1):
        people[(painted == colour).all(axis=2)] = number
    classes = decode_labels(stored_channels({"semantics": semantics}, SIZE)["semantics"])
    numbers = decode_labels(with_people(instances, people))
    assert ((classes == CLASSES.index("person")) == (people > 0)).all()
    assert (numbers[people > 0] == people[people > 0]).all() and len(np.unique(people)) == 3
    sky = np.isnan(decode_depth(stored_channels({"depth": depth}, SIZE)["depth"]))
    assert ((classes == 0) == sky).all() and ((numbers == 0) == sky).all()
    # The yard's pieces, in their order.
    names = np.array(["ground", "building", "building", "light", "sign"])
    scenery = (people == 0) & ~sky
    pieces = numbers[scenery].astype(int) - FIRST_PIECE
    assert set(pieces.tolist()) >= {0, 1, 2}
    assert (np.array(CLASSES)[classes[scenery]] == names[pieces]).all()
    pillar = projected([(400, -80, 20), (400, -80, 280), (440, -120, 150)], camera)
    column, row = pillar.mean(axis=0).astype(int)
    assert numbers[row, column] == FIRST_PIECE + 2
    with pytest.raises(FrameRefused, match="elsewhere than in the mask"):
        with_people(instances, np.roll(people, 3, axis=1))


def test_flow_leads_from_one_frame_to_the_next(client, camera):
    names = place_people(client, 3)
    client.request(f"vset /object/{names[0]}/rotation 0 30 0")

    def seen() -> tuple[np.ndarray, np.ndarray, list[dict]]:
        asked = "vget /moment 0 object_mask.png,optical_flow.npy,people.json"
        mask, flow, people = (part.data for part in unpack_moment(client.request(asked)).parts)
        stored = decode_flow(stored_channels({"flow": flow}, SIZE)["flow"])
        return picture(mask), stored, json.loads(people)["people"]

    mask, flow, _ = seen()
    assert (flow == 0).all()  # nobody said where they will be
    place = (325, -212, 0), 30, 0.3
    where = "{} {} {}".format(*place[0])
    assert client.request(f"vbp {names[0]} set_next {where} {place[1]} walk {place[2]}") == "{\n}"
    assert client.request(f"vbp {names[1]} set_gone") == "{\n}"
    again, flow, before = seen()
    assert (again == mask).all()  # flow is the only one that shows it
    bodies = [(mask == PALETTE[i]).all(axis=2) for i in range(3)]
    assert np.isnan(flow[bodies[1]]).all() and (flow[bodies[2]] == 0).all()
    assert (flow[~mask.any(axis=2)] == 0).all()

    client.request(f"vset /object/{names[0]}/location {where}")
    client.request(f"vset /object/{names[0]}/rotation 0 {place[1]} 0")
    client.request(f"vbp {names[0]} set_anim walk {place[2]}")
    after, _, later = seen()
    rows, columns = np.nonzero(bodies[0])
    warped = np.rint(np.column_stack([columns, rows]) + flow[bodies[0]]).astype(int)
    assert np.linalg.norm(flow[bodies[0]], axis=1).mean() > 4
    arrived = (after[warped[:, 1], warped[:, 0]] == PALETTE[0]).all(axis=1)
    # But for what turns away from the camera, and edges.
    assert arrived.mean() > 0.85
    stayed = (after[rows, columns] == PALETTE[0]).all(axis=1)
    assert stayed.mean() < arrived.mean() - 0.2
    heads = [people[0]["joints"][0][:2] for people in (before, later)]
    moved = np.subtract(heads[1], heads[0])
    column, row = (int(value) for value in heads[0])
    assert flow[row, column] == pytest.approx(moved, abs=0.3)
