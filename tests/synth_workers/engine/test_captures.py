"""People in front of cameras: pictures, masks, labels, through the official client."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest
import unrealcv

from synth_workers.coordinates import project
from synth_workers.moments import Moment, unpack_moment
from tests.synth_workers.engine.pictures import PALETTE, colours, picture, place_people
from tests.synth_workers.engine.processes import running


def test_a_mask_holds_exactly_the_colours_of_the_people_and_black(client: unrealcv.Client):
    place_people(client)
    mask = picture(client.request("vget /camera/0/object_mask png"))
    assert mask.shape == (180, 320, 3)
    assert colours(mask) == {*PALETTE, (0, 0, 0)}


def test_colours_change_without_drawing_again_and_wrap_like_bytes(client: unrealcv.Client):
    (name,) = place_people(client, 1)
    client.request(f"vset /object/{name}/color 300 1 2")
    assert client.request(f"vget /object/{name}/color") == "(R=44,G=1,B=2,A=255)"
    assert colours(picture(client.request("vget /camera/0/object_mask png"))) == {
        (44, 1, 2),
        (0, 0, 0),
    }


def test_hidden_people_leave_picture_and_mask(client: unrealcv.Client):
    empty = picture(client.request("vget /camera/0/lit png"))
    first, second = place_people(client, 2)
    client.request(f"vset /object/{first}/hide")
    mask = picture(client.request("vget /camera/0/object_mask png"))
    assert colours(mask) == {PALETTE[1], (0, 0, 0)}
    client.request(f"vset /object/{first}/show")
    assert PALETTE[0] in colours(picture(client.request("vget /camera/0/object_mask png")))
    client.request([f"vset /object/{name}/destroy" for name in (first, second)])
    assert (picture(client.request("vget /camera/0/lit png")) == empty).all()


def test_the_mask_is_the_silhouette_of_what_changed_in_the_picture(client: unrealcv.Client):
    client.request("vset /camera/0/size 640 360")
    empty = picture(client.request("vget /camera/0/lit png")).astype(int)
    place_people(client, 3)
    changed = np.abs(picture(client.request("vget /camera/0/lit png")) - empty).max(axis=2) > 6
    mask = picture(client.request("vget /camera/0/object_mask png")).any(axis=2)
    client.request("vset /camera/0/size 320 180")
    assert mask.sum() > 5000
    assert changed[mask].mean() > 0.97
    # Beside the silhouette only shadows change; shifted by two pixels the fit is clearly worse.
    shifted = np.roll(mask, 2, axis=1)
    assert changed[shifted & ~mask].mean() < 0.7


def test_without_shadows_nothing_but_the_silhouette_changes(baked):
    with running(["--supersampling", "1"], UNREALPERSON_CACHE=str(baked)) as engine:
        client = engine.client()
        client.request("vset /camera/0/size 640 360")
        client.request("vrun r.ShadowQuality 0")
        empty = picture(client.request("vget /camera/0/lit png"))
        place_people(client, 3)
        changed = (picture(client.request("vget /camera/0/lit png")) != empty).any(axis=2)
        mask = picture(client.request("vget /camera/0/object_mask png")).any(axis=2)
        assert mask.sum() > 5000
        assert not (changed & ~mask).any()
        # A few pixels of cloth happen to have the very colour of what is behind them.
        assert changed[mask].mean() > 0.999
        client.disconnect()


def test_labels_agree_with_mask_and_with_projection(client: unrealcv.Client):
    names = place_people(client, 4)
    mask = picture(client.request("vget /camera/0/object_mask png"))
    truth = json.loads(client.request("vget /camera/0/people"))
    people = {person["name"]: person for person in truth["people"]}
    assert set(people) == set(names)
    for i, name in enumerate(names):
        covered = (mask == PALETTE[i]).all(axis=2)
        person = people[name]
        assert person["visible"] == covered.sum()
        assert person["full"] >= person["visible"] > 100
        x, y, depth = person["joints"][truth["joint_names"].index("head")]
        head = project(
            [[300 + 60 * i, -200 + 90 * i, 162]], (-300, 0, 300), (-15, 0, 0), 60, 320, 180
        )
        np.testing.assert_allclose([x, y], head[0, :2], atol=0.02)
        np.testing.assert_allclose(depth, head[0, 2], atol=0.1)


def test_full_counts_ignore_whoever_stands_in_front(client: unrealcv.Client):
    behind, before = place_people(client, 2)

    def measure() -> dict[str, dict]:
        people = json.loads(client.request("vget /camera/0/people"))["people"]
        return {person["name"]: person for person in people}

    client.request(f"vset /object/{behind}/location 500 0 0")
    client.request(f"vset /object/{before}/location 900 300 0")
    alone = measure()[behind]
    assert alone["full"] == alone["visible"]
    client.request(f"vset /object/{before}/location 400 10 0")
    hidden = measure()[behind]
    assert hidden["visible"] < alone["visible"] / 2
    assert hidden["full"] == alone["full"]
    assert hidden["box"] == alone["box"]


def test_full_counts_reach_beyond_the_border_of_the_picture(client: unrealcv.Client):
    (name,) = place_people(client, 1)
    client.request(f"vset /object/{name}/location 500 0 0")
    whole = json.loads(client.request("vget /camera/0/people"))["people"][0]
    assert whole["full"] == whole["visible"]
    client.request("vset /camera/0/rotation -15 -29.5 0")
    cut = json.loads(client.request("vget /camera/0/people"))["people"][0]
    client.request("vset /camera/0/rotation -15 0 0")
    assert cut["box"][2] > 320
    assert 0 < cut["visible"] < cut["full"]
    assert cut["full"] > 0.9 * whole["full"]


def test_a_camera_can_be_spawned_placed_and_sized(client: unrealcv.Client):
    name = client.request("vset /cameras/spawn")
    number = len(client.request("vget /cameras").split()) - 1
    assert (
        client.request(
            [
                f"vset /object/{name}/location 600 0 200",
                f"vset /camera/{number}/rotation -10 180 0",
                f"vset /camera/{number}/fov 75",
                f"vset /camera/{number}/size 200 100",
            ]
        )
        == ["ok"] * 4
    )
    assert client.request(f"vget /camera/{number}/location") == "600.000 0.000 200.000"
    assert client.request(f"vget /camera/{number}/rotation") == "-10.000 180.000 0.000"
    assert float(client.request(f"vget /camera/{number}/fov")) == 75
    assert client.request(f"vget /camera/{number}/size") == "200 100"
    assert picture(client.request(f"vget /camera/{number}/lit png")).shape == (100, 200, 3)


def test_formats_of_the_same_picture_agree(client: unrealcv.Client):
    place_people(client, 2)
    png = picture(client.request("vget /camera/0/lit png"))
    assert (np.load(io.BytesIO(client.request("vget /camera/0/lit npy"))) == png).all()
    assert (picture(client.request("vget /camera/0/lit bmp")) == png).all()
    jpeg = picture(client.request("vget /camera/0/lit jpg")).astype(int)
    assert np.abs(jpeg - png).mean() < 3
    assert "error" in client.request("vget /camera/0/lit tiff")


def test_depth_is_planar_and_in_centimetres(client: unrealcv.Client):
    client.request("vset /camera/0/rotation 0 0 0")
    depth = np.load(io.BytesIO(client.request("vget /camera/0/depth npy")))
    client.request("vset /camera/0/rotation -15 0 0")
    assert depth.dtype == np.float32 and depth.shape == (180, 320)
    # The wall's front face stands at x = 12 m, the camera at x = -3 m.
    assert abs(float(depth[88, 100]) - 1500) < 2
    assert abs(float(depth[88, 220]) - 1500) < 2


def test_night_is_darker_and_its_noise_is_that_of_the_frame_number(client: unrealcv.Client):
    place_people(client, 2)
    camera = "CameraPawn_0"
    day = picture(client.request("vget /camera/0/lit png"))
    assert client.request("vrun ce Light night") == "ok"

    def look(seed: int, frame: int) -> bytes:
        text = f"vbp {camera} set_look 1.0 1.0 1.0 0.05 0.03 0.0 0.0 90 {seed} {frame}"
        assert not client.request(text).startswith("error")
        return client.request("vget /camera/0/lit png")

    first = look(3, 1)
    assert first != look(3, 2)
    assert first != look(4, 1)
    assert first == look(3, 1)
    night = picture(first)
    assert night.mean() < 0.5 * day.mean()
    assert night.std() > 5
    assert not client.request(f"vbp {camera} set_look 1 1 1 0.06 0 0 0 95 0 0").startswith("error")


def test_poses_reach_the_picture_and_can_be_read_back(client: unrealcv.Client):
    (name,) = place_people(client, 1)
    client.request(f"vbp {name} set_anim walk 0.0000")
    standing = client.request("vget /camera/0/object_mask png")
    client.request(f"vbp {name} set_anim walk 0.2500")
    assert client.request("vget /camera/0/object_mask png") != standing
    state = json.loads(client.request(f"vbp {name} get_state"))
    assert state == {"app": "0", "anim": "walk", "phase": "0.250000"}
    for bad in ("set_anim dance 0.5", "set_anim walk 1.5", "set_app 99", "set_app x", "fly 1"):
        assert client.request(f"vbp {name} {bad}").startswith("error Argument Invalid")


def test_motion_blur_smears_those_who_walk_and_not_their_labels(client: unrealcv.Client):
    (name,) = place_people(client, 1)
    client.request(f"vset /object/{name}/location 300 0 0")
    client.request(f"vset /object/{name}/rotation 0 90 0")
    sharp = picture(client.request("vget /camera/0/lit png")).astype(int)
    mask = client.request("vget /camera/0/object_mask png")
    depth = client.request("vget /camera/0/depth npy")
    assert client.request("vset /camera/0/motion_blur 0.5 1 1 4") == "ok"
    blurred = picture(client.request("vget /camera/0/lit png")).astype(int)
    assert client.request("vget /camera/0/object_mask png") == mask
    assert client.request("vget /camera/0/depth npy") == depth
    client.request("vset /camera/0/motion_blur 0 0 0 0")
    assert (picture(client.request("vget /camera/0/lit png")) == sharp).all()
    changed = np.abs(blurred - sharp).max(axis=2) > 8
    around = picture(mask).any(axis=2)
    columns = np.flatnonzero(around.any(axis=0))
    assert changed.sum() > 300
    assert changed[:, : columns[0] - 25].sum() < 0.1 * changed.sum()


def test_a_sensor_alters_pictures_and_no_label(client: unrealcv.Client):
    place_people(client, 3)
    camera = "CameraPawn_0"

    def seen(frame: int) -> list[bytes | str]:
        client.request(f"vbp {camera} set_look 1 1 1 0.05 0.01 0 0 90 5 {frame}")
        asked = ("lit png", "object_mask png", "people", "depth npy")
        return [client.request(f"vget /camera/0/{what}") for what in asked]

    plain = seen(1)
    assert not client.request(f"vbp {camera} set_sensor cctv 7").startswith("error")
    first, second = seen(1), seen(2)
    assert first[0] != plain[0] and first[0] != second[0]
    assert first[1:] == second[1:] == plain[1:]
    assert seen(1) == first
    client.request(f"vbp {camera} set_sensor cctv 8")
    assert seen(1)[0] != first[0]
    for bad in ("set_sensor film 7", "set_sensor cctv x", "set_sensor cctv -1"):
        assert client.request(f"vbp {camera} {bad}").startswith("error Argument Invalid")
    client.request(f"vbp {camera} set_sensor scene 0")
    assert seen(1) == plain
    client.request(f"vbp {camera} set_look 1 1 1 0.06 0 0 0 95 0 0")


def test_two_processes_deliver_the_same_bytes(baked):
    digests = []
    for _ in range(2):
        with running(UNREALPERSON_CACHE=str(baked)) as engine:
            client = engine.client()
            place_people(client)
            state = hashlib.sha256()
            for light in ("day", "night"):
                client.request(f"vrun ce Light {light}")
                client.request("vbp CameraPawn_0 set_look 1 1.02 0.98 0.1 0.02 0.4 0.6 90 5 17")
                for what in ("lit jpg", "lit png", "object_mask png", "people", "depth npy"):
                    reply = client.request(f"vget /camera/0/{what}")
                    state.update(reply if isinstance(reply, bytes) else reply.encode())
            digests.append(state.hexdigest())
            client.disconnect()
            assert engine.terminate() == 0
    assert digests[0] == digests[1]


def test_a_mirrored_person_covers_what_it_covered(client: unrealcv.Client):
    (name,) = place_people(client, 1)
    client.request(f"vset /object/{name}/location 300 0 0")
    client.request(f"vbp {name} set_anim idle 0")
    before = picture(client.request("vget /camera/0/object_mask png"))
    client.request(f"vset /object/{name}/scale 1 -1 1")
    after = picture(client.request("vget /camera/0/object_mask png"))
    assert (before == after).mean() > 0.99
    lit = picture(client.request("vget /camera/0/lit png")).astype(int)
    client.request(f"vset /object/{name}/scale 1 1 1")
    plain = picture(client.request("vget /camera/0/lit png")).astype(int)
    worn = before.any(axis=2)
    assert abs(lit[worn].mean() - plain[worn].mean()) < 12


def test_a_moment_is_what_one_would_have_got_one_by_one(client: unrealcv.Client):
    name, twin, _ = place_people(client, 3)
    client.request(f"vbp {twin} set_app 0")  # two of one look: meshes keep one pose only
    client.request("vset /cameras/spawn")
    view = ["location -290 -20 300", "rotation -15 2 0", "fov 60", "size 320 180"]
    client.request([f"vset /camera/1/{value}" for value in view])
    modes = ["lit.jpg", "object_mask.png", "depth.npy", "people.json"]
    for light in ("night", "day"):
        client.request(f"vrun ce Light {light}")
        reply = client.request(f"vget /moment 0,1 {','.join(modes)}")
        moment = unpack_moment(reply)
        # Drawn anew, and not from what was worked out for both cameras.
        client.request(f"vset /object/{name}/location 300 -200 0")
        for part in moment.parts:
            form = "" if part.mode == "people" else f" {part.form}"
            alone = client.request(f"vget /camera/{part.camera}/{part.mode}{form}")
            assert part.data == (alone if isinstance(alone, bytes) else alone.encode())
    assert [(part.camera, f"{part.mode}.{part.form}") for part in moment.parts] == [
        (camera, mode) for camera in (0, 1) for mode in modes
    ]
    assert len(moment.ticks) == 1
    for damaged in (reply[:-1], reply + b"x", b"{}\n", b"lit", reply[5:]):
        with pytest.raises(ValueError):
            unpack_moment(damaged)

    def ask() -> Moment:
        return unpack_moment(client.request("vget /moment 1,0 object_mask.png"))

    client.request(f"vset /object/{name}/location 350 -200 0")
    moved = ask()
    assert moved.state != moment.state and moved.ticks != moment.ticks
    client.request([f"vset /object/{name}/location 300 -200 0", f"vset /object/{name}/color 9 9 9"])
    assert ask().state == moment.state
    client.request("vrun ce Light night")
    assert ask().state != moment.state


def test_moments_that_cannot_be_had_are_refused_before_anything_is_drawn(client: unrealcv.Client):
    for asked, complaint in {
        "0 flow.npy": "no 'flow.npy'; there are people.json lit.png",
        "0 object_mask.jpg": "no 'object_mask.jpg'",
        "0 lit.jpg,": "no ''",
        "0,x lit.jpg": "'x' is not the number of a camera",
        "0,-1 lit.jpg": "'-1' is not the number of a camera",
        "0,77 lit.jpg": "Invalid sensor id",
        f"{'0,' * 8}0 lit.jpg": "at most 8 cameras",
    }.items():
        reply = client.request(f"vget /moment {asked}")
        assert reply.startswith("error") and complaint in reply, reply


def test_an_open_shutter_blurs_the_lit_picture_and_nothing_else(client: unrealcv.Client):
    place_people(client, 3)
    views = [f"vget /camera/0/{what}" for what in ("lit png", "object_mask png", "people")]
    views.append("vget /camera/0/depth npy")
    sharp, *labels = client.request(views)
    assert client.request("vbp CameraPawn_0 set_exposure 0.05 3") == "{\n}"
    blurred, *same = client.request(views)
    assert same == labels
    worn = picture(labels[0]).any(axis=2)
    changed = (picture(blurred) != picture(sharp)).any(axis=2)
    assert changed[worn].mean() > 0.3 and changed[:40].mean() == 0 < changed[~worn].mean() < 0.05
    together = client.request("vget /moment 0 lit.png,object_mask.png")
    assert [part.data for part in unpack_moment(together).parts] == [blurred, labels[0]]
    for wrong in ("-0.1 3", "1.5 3", "0.1 -1", "nan 3", "0.1"):
        assert client.request(f"vbp CameraPawn_0 set_exposure {wrong}").startswith("error")
    client.request("vbp CameraPawn_0 set_exposure 0 3")
    assert client.request("vget /camera/0/lit png") == sharp
