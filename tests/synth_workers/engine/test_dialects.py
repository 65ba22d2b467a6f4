"""Generations of UnrealCV: which commands they know and what exactly they answer."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest

from synth_workers.engine.commands import register_all
from synth_workers.engine.dialects import DIALECTS, dialect
from synth_workers.engine.engine import Engine, EngineSettings
from synth_workers.framing import encode_frame
from tests.synth_workers.engine.pictures import picture
from tests.synth_workers.engine.processes import running
from tests.synth_workers.engine.stand_ins import box_crowd, box_level
from tests.synth_workers.engine.wire import connect, receive

# One call of every command of UnrealCV 5.2, and whether this engine can carry it out.
COMMANDS_OF_52 = {
    "vbp yard_C_0 nothing": False,
    "vbp P get_state": True,
    "vbp P set_app 1": True,
    "vbp P set_anim walk 0.5": True,
    **{f"vbp P nothing{' 1' * n}": False for n in range(3, 10)},
    "vexec yard_C_0 Pause": True,
    "vexec yard_C_0 Light day": True,
    **{f"vexec yard_C_0 Pause{' 1' * n}": True for n in range(2, 6)},
    "vget /action/game/is_paused": True,
    "vget /camera/0/depth npy": True,
    "vget /camera/0/fov": True,
    "vget /camera/0/lit png": True,
    "vget /camera/0/location": True,
    "vget /camera/0/normal png": True,
    "vget /camera/0/object_mask png": True,
    "vget /camera/0/optical_flow png": False,
    "vget /camera/0/rotation": True,
    "vget /camera/0/seg png": True,
    "vget /camera/0/size": True,
    "vget /cameras": True,
    "vget /level/name": True,
    "vget /object/P/bounds": True,
    "vget /object/P/color": True,
    "vget /object/P/label": True,
    "vget /object/P/location": True,
    "vget /object/P/material": False,
    "vget /object/P/mobility": True,
    "vget /object/P/rotation": True,
    "vget /object/P/scale": True,
    "vget /object/P/uclass_name": True,
    "vget /object/P/vertex_location": True,
    "vget /objects": True,
    "vget /persistent_level/id": True,
    "vget /persistent_level/level_script_actor/id": True,
    "vget /scene/name": True,
    "vget /screenshot png": True,
    "vget /unrealcv/echo x": True,
    "vget /unrealcv/help": True,
    "vget /unrealcv/status": True,
    "vget /unrealcv/version": True,
    "vget /viewmode": True,
    "vrun ce Pause": True,
    "vrun r.Fog 0": True,
    **{f"vrun stat{' 1' * n}": True for n in range(2, 6)},
    "vset /action/eyes_distance 40": True,
    "vset /action/game/level yard": True,
    "vset /action/game/pause": True,
    "vset /action/game/resume": True,
    "vset /action/input/disable": True,
    "vset /action/input/enable": True,
    "vset /action/keyboard W 0.5": False,
    "vset /camera/0/auto_brightness 1 2": False,
    "vset /camera/0/auto_speed 1 2": False,
    "vset /camera/0/exposure_bias 0.5": True,
    "vset /camera/0/exposure_method manual": True,
    "vset /camera/0/exposure_method histogram": False,
    "vset /camera/0/focal 1 2": False,
    "vset /camera/0/fov 70": True,
    "vset /camera/0/illumination none": True,
    "vset /camera/0/lit_source ldr": True,
    "vset /camera/0/lit_source normal": False,
    "vset /camera/0/location 1 2 300": True,
    "vset /camera/0/motion_blur 0.5 1 1 25": True,
    "vset /camera/0/moveto 1 2 300": True,
    "vset /camera/0/ortho_width 500": False,
    "vset /camera/0/physical_exposure 0": True,
    "vset /camera/0/projection_type perspective": True,
    "vset /camera/0/reflection none": True,
    "vset /camera/0/rotation 0 10 0": True,
    "vset /camera/0/size 64 48": True,
    "vset /cameras/spawn": True,
    "vset /object/P/color 1 2 3": True,
    "vset /object/P/hide": True,
    "vset /object/P/label here": True,
    "vset /object/P/location 1 2 3": True,
    "vset /object/P/material 0 gold": False,
    "vset /object/P/rotation 1 2 3": True,
    "vset /object/P/scale 1 1 2": True,
    "vset /object/P/show": True,
    "vset /object/P/name P": True,
    "vset /object/P/destroy": True,
    "vset /objects/spawn BP_Person_C": True,
    "vset /objects/spawn BP_Person_C Q": True,
    "vset /objects/spawn_cube": True,
    "vset /objects/spawn_cube C": True,
    "vset /viewmode depth": True,
}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, baked: Path):
    """Engines in this process, one after another."""
    monkeypatch.setenv("UNREALPERSON_CACHE", str(baked))
    settings = EngineSettings(64, 48, 60.0, supersampling=1.0, device="cpu")

    engines: list[Engine] = []

    def build(name: str) -> Engine:
        while engines:
            engines.pop().close()  # one OpenGL context at a time
        engine = Engine(box_level, "yard", box_crowd(3), settings, dialect(name), tmp_path)
        register_all(engine)
        engines.append(engine)
        return engine

    yield build
    while engines:
        engines.pop().close()


@pytest.mark.parametrize("name", ["superset", "52", "110"])
def test_every_command_of_unreal_5_is_answered(make, name: str):
    engine = make(name)
    for command, possible in COMMANDS_OF_52.items():
        if " P" in command and "P" not in engine.world.actors:
            engine.execute("vset /objects/spawn BP_Person_C P")
        if "/P/" in command and "P" not in engine.world.actors:
            engine.execute("vset /objects/spawn BP_Person_C P")
        assert engine.dispatcher.find(command), command
        reply = engine.execute(command)
        failed = isinstance(reply, str) and reply.startswith("error")
        assert failed is not possible, (command, reply)
        if failed:
            assert "Internal" not in str(reply)


@pytest.mark.skipif("UNREALCV_UPSTREAM" not in os.environ, reason="no checkout of unrealcv")
def test_every_template_of_the_upstream_schema_has_a_handler(make):
    schema = Path(os.environ["UNREALCV_UPSTREAM"]) / "docs/reference/command_schema.json"
    known = {command.template for command in make("superset").dispatcher.commands}
    wanted = {row["command"] for row in json.loads(schema.read_text())["commands"]}
    assert len(wanted) >= 95
    assert wanted <= known


@pytest.mark.parametrize("name", DIALECTS)
def test_unknown_commands_and_objects(make, name: str):
    engine = make(name)
    old = "Can not find a handler for URI 'vget /nothing'"
    new = "No handler found for URI 'vget /nothing'"
    expected = new if name in ("52", "110") else old
    assert engine.execute("vget /nothing") == f"error {expected}"
    unknown = {"0310": "Can not find object X", "52": "Cannot find object"}
    text = unknown.get(name, unknown["52"] if name == "110" else "Can not find object")
    assert engine.execute("vget /object/X/location") == f"error {text}"


def test_lists_end_as_each_generation_ends_them(make):
    assert make("superset").execute("vget /objects") == "yard_scenery CameraPawn_0"
    assert make("0310").execute("vget /objects") == "yard_scenery CameraPawn_0"
    assert make("427").execute("vget /objects") == "yard_scenery CameraPawn_0 "
    assert make("52").execute("vget /cameras") == "PawnSensor "


def test_the_oldest_generation(make, tmp_path: Path):
    engine = make("0310")
    engine.execute("vset /camera/0/pose 1 2 300 -10 20 0")
    assert engine.execute("vget /camera/0/pose") == "1.000 2.000 300.000 -10.000 20.000 0.000"
    assert engine.execute("vget /actor/location") == "1.000 2.000 300.000"
    assert engine.execute("vget /object/CameraPawn_0/location") == "1.00 2.00 300.00"
    assert str(engine.execute("vget /cameras")).startswith("error Can not find a handler")
    first = str(engine.execute("vget /camera/0/lit"))
    assert first == str(tmp_path.resolve() / "00000000.png") or Path(first).samefile(
        tmp_path / "00000000.png"
    )
    assert picture(Path(first).read_bytes()).shape == (48, 64, 3)
    assert engine.execute("vget /camera/0/magic png") == "error Unrecognized capture mode magic"
    assert engine.execute("vset /action/game/pause") == "ok"
    assert engine.world.paused
    assert engine.execute("vset /action/game/pause") == "ok"
    assert not engine.world.paused
    depth = np.load(io.BytesIO(engine.execute("vget /camera/0/depth npy")))
    planar = np.load(io.BytesIO(engine.execute("vget /camera/0/plane_depth npy")))
    assert (depth >= planar).all() and depth[0, 0] > planar[0, 0]
    assert planar.min() < 20  # metres


def test_bitmaps_carry_unreals_stray_bytes_only_in_faithful_dialects(make):
    size = 54 + 64 * 48 * 4
    assert len(make("superset").execute("vget /camera/0/lit bmp")) == size
    engine = make("427")
    data = engine.execute("vget /camera/0/lit bmp")
    assert len(data) == size + 4
    tail = np.frombuffer(data[-64 * 48 * 4 :], np.uint8).reshape(48, 64, 4)
    assert (tail[..., 2::-1] == picture(engine.execute("vget /camera/0/lit png"))).all()


def test_formats_that_only_this_engine_has(make):
    engine = make("427")
    for name in ("jpg", "npy"):
        reply = engine.execute(f"vget /camera/0/lit {name}")
        assert reply == f"error Invalid filename type, filename {name}"
    assert str(engine.execute("vget /camera/0/people")).startswith("error Can not find a handler")
    assert engine.execute("vget /camera/0/size") == "error Argument Invalid"
    mask = engine.execute("vget /camera/0/object_mask png")
    assert mask[25] == 6  # RGBA


def test_captures_into_files_stay_in_their_folder(make, tmp_path: Path):
    engine = make("superset")
    assert engine.execute("vget /camera/0/lit sub/test.png") == "sub/test.png"
    assert picture((tmp_path / "sub/test.png").read_bytes()).shape == (48, 64, 3)
    assert engine.execute("vget /camera/0/depth test.npy") == "test.npy"
    assert np.load(tmp_path / "test.npy").shape == (48, 64)
    for name in ("../out.png", "/tmp/out.png", "sub/../../out.png"):
        assert str(engine.execute(f"vget /camera/0/lit {name}")).startswith("error Captures are")
    assert engine.execute("vget /unrealcv/status").splitlines()[4] == (
        f"Config file: {tmp_path / 'unrealcv.ini'}"
    )


def test_commands_are_advertised_by_the_newest_generation_only(make):
    assert str(make("superset").execute("vget /unrealcv/commands")).startswith("error")
    listed = str(make("110").execute("vget /unrealcv/commands")).splitlines()
    assert "vget /unrealcv/commands" in listed
    assert "vget /camera/[uint]/lit [str]" in listed


def test_bones_of_the_newest_generation(make):
    engine = make("110")
    engine.execute("vset /objects/spawn BP_Person_C P")
    engine.execute("vset /object/P/location 100 0 0")
    bones = json.loads(engine.execute("vget /object/P/bones"))
    assert [bone["name"] for bone in bones] == ["head", "left_knee", "right_knee"]
    np.testing.assert_allclose(bones[0]["location"], [0, 0, 162], atol=0.01)
    world = json.loads(engine.execute("vget /object/P/bones left_knee world"))
    np.testing.assert_allclose(world[0]["location"], [100, -11, 45], atol=0.01)
    assert engine.execute("vget /object/P/bones tail") == "error Can not find bone tail"


def test_a_stereo_pair(make):
    engine = make("superset")
    engine.execute("vset /action/eyes_distance 40")
    engine.execute("vset /camera/0/rotation 10 30 0")
    left, right = (
        np.array([float(v) for v in engine.execute(f"vget /camera/{i}/location").split()])
        for i in (0, 1)
    )
    assert abs(np.linalg.norm(left - right) - 40) < 0.01


def test_normals_point_where_unreals_axes_point(make):
    engine = make("superset")
    engine.execute("vset /camera/0/size 320 180")
    normals = picture(engine.execute("vget /camera/0/normal png")).astype(int)
    floor, wall = normals[170, 20], normals[40, 100]
    np.testing.assert_allclose(floor, [128, 128, 255], atol=2)
    np.testing.assert_allclose(wall, [0, 128, 128], atol=2)


def test_exposure_and_another_level(make):
    engine = make("superset")
    before = picture(engine.execute("vget /camera/0/lit png")).mean()
    engine.execute("vset /camera/0/exposure_bias -2")
    assert picture(engine.execute("vget /camera/0/lit png")).mean() < 0.8 * before
    engine.execute("vset /objects/spawn BP_Person_C P")
    assert engine.execute("vset /action/game/level garden") == "ok"
    assert engine.execute("vget /objects") == "garden_scenery CameraPawn_0"
    assert abs(picture(engine.execute("vget /camera/0/lit png")).mean() - before) < 0.5


def test_after_the_first_connection_it_leaves_tcp_for_a_unix_socket(baked, tmp_path: Path):
    options = ["--dialect", "427s", "--socket-folder", str(tmp_path)]
    with running(options, UNREALPERSON_CACHE=str(baked)) as engine:
        first = engine.client()
        assert first.request("vget /unrealcv/version") == "1.0.1"
        first.disconnect()
        path = tmp_path / f"unrealcv_{engine.port}.socket"
        for _ in range(2):
            client = engine.client_at(path)
            assert client.request("vget /unrealcv/echo again") == "again"
            client.disconnect()
        with connect(engine) as late, pytest.raises(TimeoutError):
            late.settimeout(0.3)
            late.recv(1)
        assert engine.terminate() == 0
        assert not path.exists()


def test_the_oldest_generation_complains_about_requests_without_an_id(baked):
    options = ["--dialect", "0310"]
    with running(options, UNREALPERSON_CACHE=str(baked)) as engine, connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"nonsense"))
        assert receive(sock) == b"error: Malformat raw message 'nonsense'"
        sock.sendall(encode_frame(b"123456789:vget /unrealcv/echo x"))
        assert receive(sock) == b"23456789:x"


def test_faithful_dialects_park_a_second_client(baked):
    with running(["--dialect", "427"], UNREALPERSON_CACHE=str(baked)) as engine:
        first, second = connect(engine), connect(engine)
        assert receive(first) == b"connected to yard"
        second.settimeout(0.3)
        with pytest.raises(TimeoutError):
            second.recv(1)
        first.close()
        second.close()
