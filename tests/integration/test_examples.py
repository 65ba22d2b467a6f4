"""The example scripts run as they stand, beside folders that could be taken for our packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.local_server import LocalServer
from tests.integration.conftest import environment_in

pytestmark = [pytest.mark.integration, pytest.mark.slow]

LEFT_BEHIND = {
    "one_frame": ["boxes.png", "depth.png", "lit.png", "mask.png"],
    "one_person": ["person.png"],
    "build_and_open": ["store/tiny/snapshots/0000000001.json"],
    "train_and_measure": ["model/model.pt"],
    "own_scene": ["yard.png"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where research code keeps modules of its own; one folder, so that one build serves all."""
    folder = tmp_path_factory.mktemp("research")
    for name in ("tasks", "training"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise SystemExit('this is not the factory')")
    return folder


def test_every_example_is_run():
    assert {script.stem for script in Path("examples").glob("*.py")} == set(LEFT_BEHIND)


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_example(name: str, folder: Path, prefect_server: LocalServer):
    done = subprocess.run(
        [sys.executable, str(Path("examples", f"{name}.py").resolve()), "made"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment_in(folder, prefect_server),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout
    for left in LEFT_BEHIND[name]:
        assert (folder / "made" / left).stat().st_size
