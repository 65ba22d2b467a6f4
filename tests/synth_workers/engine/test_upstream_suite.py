"""UnrealCV's own server tests, run against this engine when a checkout is at hand.

They speak to ``localhost:9000`` through the client that is called ``unrealcv.client`` and show
pictures in windows; a start-up file leads them to the engine's port and closes the windows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synth_workers.engine.processes import running

START_UP = """
import os, socket

_connect = socket.socket.connect

def connect(self, address):
    if isinstance(address, tuple) and address[1] == 9000:
        address = ("127.0.0.1", int(os.environ["ENGINE_PORT"]))
    return _connect(self, address)

socket.socket.connect = connect

import cv2
import unrealcv

cv2.imshow = lambda *arguments: None
cv2.waitKey = lambda *arguments: -1
if not hasattr(unrealcv, "client"):
    unrealcv.client = unrealcv.Client(("localhost", 9000))
    unrealcv.client._command_capabilities_checked = True
"""


@pytest.mark.slow
@pytest.mark.skipif("UNREALCV_UPSTREAM" not in os.environ, reason="no checkout of unrealcv")
@pytest.mark.parametrize("version", ["0.3.10", "0.4.0", "1.3.2"])
def test_upstreams_server_tests_pass(version: str, baked: Path, tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(START_UP)
    folders = [str(tmp_path)]
    if version != "1.3.2":
        folder = Path(os.environ.get("UNREALCV_CLIENTS", "/nonexistent")) / version
        if not (folder / "unrealcv").is_dir():
            pytest.skip(f"no client {version} in UNREALCV_CLIENTS")
        folders.append(str(folder))
    suite = Path(os.environ["UNREALCV_UPSTREAM"]) / "test/server"
    with running(UNREALPERSON_CACHE=str(baked)) as engine:
        environment = dict(
            os.environ, PYTHONPATH=os.pathsep.join(folders), ENGINE_PORT=str(engine.port)
        )
        done = subprocess.run(
            [
                *(sys.executable, "-W", "ignore", "-m", "pytest", "-q", "--tb=short"),
                *("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(suite)),
                *sorted(str(path) for path in suite.glob("*_test.py")),
            ],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
