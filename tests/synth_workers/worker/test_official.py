"""The official package as it is loaded here: lighter, and nothing of it is missing."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from synth_workers.worker import official
assert "docker" not in sys.modules, "loading the package loads Docker's client"
import unrealcv.launcher
assert official.unrealcv is unrealcv
found = unrealcv.launcher.docker.from_env
import docker
assert found is docker.from_env
"""


def test_dockers_client_is_loaded_when_the_launcher_wants_it_and_not_before() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
