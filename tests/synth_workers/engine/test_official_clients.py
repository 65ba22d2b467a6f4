"""All published generations of the official client connect, capture, and come back.

The old ones are looked for in ``UNREALCV_CLIENTS``: a folder with one folder per version that
contains its ``unrealcv`` package (``pip download --no-deps unrealcv==0.4.0`` and unpack it).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synth_workers.engine.processes import running

CONVERSATION = """
import io, sys, time
import numpy as np
from PIL import Image
import unrealcv

port = int(sys.argv[1])
client = unrealcv.Client(("127.0.0.1", port))

def connect():
    deadline = time.monotonic() + 120
    while not client.connect():  # whoever came before has not left
        assert time.monotonic() < deadline
        time.sleep(0.2)

def capture():
    name = client.request("vset /objects/spawn BP_Person_C")
    assert name.startswith("BP_Person_C"), name
    assert client.request(f"vset /object/{name}/location 400 0 0") == "ok"
    assert client.request(f"vset /object/{name}/color 9 8 7") == "ok"
    lit = np.asarray(Image.open(io.BytesIO(client.request("vget /camera/0/lit png"))))
    assert lit.shape == (180, 320, 4), lit.shape
    mask = Image.open(io.BytesIO(client.request("vget /camera/0/object_mask png")))
    assert (9, 8, 7) in set(mask.convert("RGB").getdata())
    depth = np.load(io.BytesIO(client.request("vget /camera/0/depth npy")))
    assert depth.shape == (180, 320)

connect()
capture()
for _ in range(3):
    client.disconnect()
    connect()
    assert client.request("vget /unrealcv/echo back") == "back"
capture()
client.disconnect()
print("done")
"""


@pytest.mark.parametrize("version", ["0.3.10", "0.4.0", "1.3.2"])
def test_connect_capture_and_reconnect(version: str, baked: Path):
    environment = dict(os.environ)
    if version != "1.3.2":
        folder = Path(os.environ.get("UNREALCV_CLIENTS", "/nonexistent")) / version
        if not (folder / "unrealcv").is_dir():
            pytest.skip(f"no client {version} in UNREALCV_CLIENTS")
        environment["PYTHONPATH"] = str(folder)
    with running(UNREALPERSON_CACHE=str(baked)) as engine:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", CONVERSATION, str(engine.port)],
            env=environment,
            cwd=baked,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.stdout.endswith("done\n"), done.stderr
        assert engine.terminate() == 0
