"""Actors by name: listing, spawning, renaming, destroying, and the errors in between."""

from __future__ import annotations

import numpy as np
import unrealcv

from tests.synth_workers.engine.pictures import colours, picture


def test_every_object_accepts_a_colour(client: unrealcv.Client):
    client.request("vset /objects/spawn BP_Person_C")
    names = client.request("vget /objects").split()
    assert len(names) >= 3
    assert client.request([f"vset /object/{n}/color 0 0 0" for n in names]) == ["ok"] * len(names)


def test_a_name_that_is_taken_is_refused_and_the_old_object_stays(client: unrealcv.Client):
    assert client.request("vset /objects/spawn BP_Person_C Anna") == "Anna"
    client.request("vset /object/Anna/location 10 20 30")
    reply = client.request("vset /objects/spawn BP_Person_C Anna")
    assert reply == "error Failed to spawn Anna, object exsit."
    assert client.request("vget /object/Anna/location") == "10.000 20.000 30.000"
    unknown = client.request("vset /objects/spawn BP_Dragon_C x")
    assert unknown == "error Can not find a class with name 'BP_Dragon_C'"


def test_names_of_destroyed_people_are_not_given_out_again(client: unrealcv.Client):
    first = client.request("vset /objects/spawn BP_Person_C")
    client.request(f"vset /object/{first}/destroy")
    assert client.request(f"vget /object/{first}/location") == "error Can not find object"
    assert client.request("vset /objects/spawn BP_Person_C") != first


def test_renaming_keeps_the_object(client: unrealcv.Client):
    client.request("vset /objects/spawn BP_Person_C Old")
    client.request("vset /object/Old/location 1 2 3")
    assert client.request("vset /object/Old/name New") == "ok"
    assert client.request("vget /object/New/location") == "1.000 2.000 3.000"
    client.request("vset /objects/spawn BP_Person_C Other")
    assert client.request("vset /object/Other/name New").startswith("error Renaming")


def test_a_painted_cube_shows_its_exact_colour(client: unrealcv.Client):
    name = client.request("vset /objects/spawn_cube")
    client.request(f"vset /object/{name}/location 400 0 100")
    for colour in ((1, 2, 3), (17, 34, 250), (255, 128, 0), (254, 255, 253)):
        client.request(f"vset /object/{name}/color {colour[0]} {colour[1]} {colour[2]}")
        assert colours(picture(client.request("vget /camera/0/object_mask png"))) == {
            colour,
            (0, 0, 0),
        }


def test_scale_and_rotation_reach_the_bounds(client: unrealcv.Client):
    name = client.request("vset /objects/spawn_cube")
    client.request([f"vset /object/{name}/location 100 50 0", f"vset /object/{name}/scale 1 2 4"])

    def bounds() -> np.ndarray:
        return np.array([float(v) for v in client.request(f"vget /object/{name}/bounds").split()])

    np.testing.assert_allclose(bounds(), [50, -50, -200, 150, 150, 200], atol=0.02)
    client.request(f"vset /object/{name}/rotation 0 90 0")
    np.testing.assert_allclose(bounds(), [0, 0, -200, 200, 100, 200], atol=0.02)


def test_scenery_does_not_move_but_says_ok(client: unrealcv.Client):
    assert client.request("vget /object/yard_scenery/mobility") == "Static"
    assert client.request("vset /object/yard_scenery/location 1 2 3") == "ok"
    assert client.request("vget /object/yard_scenery/location") == "0.000 0.000 0.000"


def test_only_so_many_people_as_can_be_told_apart_may_be_spawned(client: unrealcv.Client):
    replies = client.request(["vset /objects/spawn BP_Person_C"] * 260)
    assert sum(not reply.startswith("error") for reply in replies) == 255
    assert "at most 255" in replies[-1]


def test_events_of_the_level(client: unrealcv.Client):
    assert client.request("vrun ce Light night") == "ok"
    assert "yard has: day night" in client.request("vrun ce Light moon")
    script = client.request("vget /persistent_level/level_script_actor/id")
    assert client.request(f"vexec {script} Light day") == "ok"
    assert client.request("vrun r.MotionBlurQuality 0") == "ok"


def test_pausing(client: unrealcv.Client):
    assert client.request("vget /action/game/is_paused") == "false"
    assert client.request("vset /action/game/pause") == "ok"
    assert client.request("vget /action/game/is_paused") == "true"
    assert client.request("vset /action/game/resume") == "ok"
    assert client.request("vget /action/game/is_paused") == "false"
