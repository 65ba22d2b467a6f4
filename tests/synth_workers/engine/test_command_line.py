"""``python -m synth_workers.engine``: errors it ends with before anything is drawn."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from manifests.errors import BadRecipe, BadScene, MissingRequirement, NotFound
from tests.synth_workers.engine.processes import ROOT


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "synth_workers.engine", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert "Start listening" not in done.stdout
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--supersampling", "9"), BadRecipe.exit_code, "--supersampling 9.0 is not within 1..4"),
        (("--jpeg-quality", "0"), BadRecipe.exit_code, "--jpeg-quality"),
        (("--width", "99999"), BadRecipe.exit_code, "--width"),
        (("--dialect", "klingon"), BadRecipe.exit_code, "superset"),
        (("--crowd", "/nowhere/crowd.json"), NotFound.exit_code, "/nowhere/crowd.json"),
    ],
)
def test_bad_options_end_in_one_clear_line(arguments: tuple[str, ...], code: int, text: str):
    got, message = run("--scene", "street", "--port", "0", *arguments)
    assert got == code
    assert text in message
    assert message.count("\n") == 1


def test_an_unknown_scene_names_the_known_ones():
    code, message = run("--scene", "atlantis", "--port", "0")
    assert code == BadScene.exit_code
    assert "street" in message


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, message = run("--scene", "street", "--port", str(port))
    assert code == MissingRequirement.exit_code
    assert f"Cannot start listening on 127.0.0.1:{port}" in message


def test_a_device_that_does_not_exist():
    code, message = run("--scene", "street", "--port", "0", "--device", "77")
    assert code == MissingRequirement.exit_code
    assert "EGL device 77" in message
