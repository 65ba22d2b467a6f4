"""``vbp PERSON set_mat``: other cloth, and only pictures of the folder that was named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from synth_workers.engine.commands import register_all
from synth_workers.engine.dialects import SUPERSET
from synth_workers.engine.engine import Engine, EngineSettings
from tests.synth_workers.engine.pictures import picture
from tests.synth_workers.engine.stand_ins import box_crowd, box_level


@pytest.fixture
def engine(tmp_path: Path, baked: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """One person before the camera; pictures in ``tmp_path/pictures``, a secret beside them."""
    monkeypatch.setenv("UNREALPERSON_CACHE", str(baked))
    folder = tmp_path / "pictures"
    folder.mkdir()
    checks = np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((32, 32), int))[..., None]
    cv2.imwrite(str(folder / "checks.png"), (checks * [30, 30, 250]).astype(np.uint8))
    (folder / "text.png").write_text("no picture")
    (folder / "huge.png").write_bytes(bytes(1 << 25))
    cv2.imwrite(str(tmp_path / "secret.png"), np.zeros((8, 8, 3), np.uint8))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    settings = EngineSettings(320, 180, 60.0, 1.0, device="cpu", materials=folder)
    built = Engine(box_level, "yard", box_crowd(3), settings, SUPERSET, tmp_path)
    register_all(built)
    for name in ("P", "Q"):
        built.execute(f"vset /objects/spawn BP_Person_C {name}")
        built.execute(f"vset /object/{name}/color 9 200 9")
    built.execute("vset /object/P/location 250 0 0")
    built.execute("vset /object/P/rotation 0 180 0")
    built.execute("vset /object/Q/location 250 150 0")
    yield built
    built.close()


def lit(engine: Engine) -> np.ndarray:
    return captured(engine, "lit").astype(int)


def captured(engine: Engine, what: str) -> np.ndarray:
    reply = engine.execute(f"vget /camera/0/{what} png")
    assert isinstance(reply, bytes)
    return picture(reply)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.abs(after - before).max(axis=2) > 4


def test_a_picture_is_worn_where_its_slot_is_and_by_nobody_else(engine: Engine, tmp_path: Path):
    before = lit(engine)
    mask = captured(engine, "object_mask")
    path = tmp_path / "pictures" / "checks.png"
    assert engine.execute(f"vbp P set_mat 0 1 1 1 0 0.1 0.8 1 {path}") == "{\n}"
    where = changed(before, lit(engine))
    assert (captured(engine, "object_mask") == mask).all()
    down, across = np.nonzero(where)
    shirt = lit(engine)[down, across]
    assert len(down) > 200
    assert (shirt[:, 0] > shirt[:, 2] + 40).mean() > 0.3  # the red squares
    assert across.max() < np.flatnonzero(mask[..., 0].any(axis=0)).max()  # Q is right of P
    assert engine.execute("vbp P set_mat 0 1 1 1 0 0.1 0.8 3 checks.png") == "{\n}"
    assert changed(before, lit(engine)).sum() > 200


def test_pictures_are_told_by_their_content(engine: Engine, tmp_path: Path):
    before = lit(engine)
    folder = tmp_path / "pictures"
    bitmap = cv2.imencode(".bmp", np.full((30, 30, 3), (0, 0, 250), np.uint8))[1].tobytes()
    (folder / "red.png").write_bytes(bitmap)
    assert engine.execute("vbp P set_mat 0 1 1 1 0 0 1 1 red.png") == "{\n}"
    assert changed(before, lit(engine)).sum() > 200
    (folder / "cut.png").write_bytes(bitmap[:500])
    (folder / "tiff.png").write_bytes(b"II*\0 and more")
    for name, why in (("cut.png", "truncated BMP"), ("tiff.png", "this is a TIFF; supported")):
        reply = engine.execute(f"vbp P set_mat 0 1 1 1 0 0 1 1 {name}")
        assert str(reply).startswith(f"error Argument Invalid, image {name}: {why}")


def test_a_colour_alone_keeps_the_pattern_and_set_app_takes_it_back(engine: Engine):
    before = lit(engine)
    engine.execute("vbp P set_mat 0 0.1 0.2 0.9 0 0 1 1 none")
    after = lit(engine)
    shirt = after[changed(before, after)]
    assert shirt[:, 2].mean() > shirt[:, 0].mean() + 30
    assert len(np.unique(shirt[:, 2])) > 3  # stripes of the tile are still there
    engine.execute("vbp P set_app 0")
    assert (lit(engine) == before).all()


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "link.png",
        "/etc/passwd",
        "/dev/zero",
        "sub/../../secret.png",
        "missing.png",
        "text.png",
        "huge.png",
        ".",
        "a" * 5000,
    ],
)
def test_nothing_but_pictures_of_the_folder_is_read(engine: Engine, name: str):
    before = lit(engine)
    reply = str(engine.execute(f"vbp P set_mat 0 1 1 1 0 0 1 1 {name}"))
    assert reply.startswith("error Argument Invalid")
    assert (lit(engine) == before).all()


@pytest.mark.parametrize(
    "arguments",
    ["", "0 1 1 1 0 0 1 1", "9 1 1 1 0 0 1 1 none", "0 2 1 1 0 0 1 1 none", "0 1 1 1 0 0 1 0 none",
     "x 1 1 1 0 0 1 1 none", "0 nan 1 1 0 0 1 1 none"],
)  # fmt: skip
def test_senseless_materials_are_refused(engine: Engine, arguments: str):
    reply = str(engine.execute(f"vbp P set_mat {arguments}".strip()))
    assert reply.startswith("error Argument Invalid")
