"""Whoever asks for help waits for no library that computes, stores or checks settings."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("cv2", "numpy", "pandas", "prefect", "pyarrow", "pydantic_settings", "scipy", "torch")


@pytest.mark.parametrize("command", ["", "build", "train", "people gallery"])
def test_help_loads_nothing_heavy(command: str) -> None:
    words = ["unrealperson", *command.split(), "--help"]
    look = (
        "import sys\n"
        f"sys.argv = {words!r}\n"
        "from flows.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"print('loaded:', *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )

    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert "Usage:" in said.stdout
    assert said.stdout.splitlines()[-1] == "loaded:"
