"""Scripts that lie beside folders called like rooms of the factory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = "import unrealperson as up\nprint(up.load_recipe('tiny').name)\n"


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(SCRIPT)
    return subprocess.run(
        [sys.executable, *options, str(script)], capture_output=True, text=True, cwd=folder
    )


@pytest.mark.parametrize("room", ["tasks", "training", "flows", "manifests"])
def test_a_package_of_ones_own_that_takes_a_name_is_named_in_the_first_line(
    tmp_path: Path, room: str
):
    (tmp_path / room).mkdir()
    (tmp_path / room / "__init__.py").touch()
    done = run(tmp_path)
    assert done.returncode == 1
    message = done.stderr[done.stderr.index("ImportError: ") :].splitlines()
    assert f"`{room}`" in message[0]
    assert str(tmp_path / room) in message[0]
    assert "Rename that folder" in message[1]


def test_a_single_file_takes_a_name_too(tmp_path: Path):
    (tmp_path / "tasks.py").write_text("QUEUE = []\n")
    done = run(tmp_path)
    assert done.returncode == 1
    assert str(tmp_path / "tasks.py") in done.stderr


def test_modules_without_a_package_file_are_in_the_way_or_not_by_how_the_factory_is_installed(
    tmp_path: Path,
):
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "loop.py").touch()
    done = run(tmp_path)
    # Python prefers a package that it finds on its path; an editable install is not on it.
    assert done.stdout == "tiny\n" or str(tmp_path / "training") in done.stderr


def test_a_folder_of_data_with_such_a_name_is_stepped_over(tmp_path: Path):
    (tmp_path / "training" / "run7").mkdir(parents=True)
    (tmp_path / "training" / "run7" / "losses.csv").touch()
    done = run(tmp_path)
    assert done.stdout == "tiny\n", done.stderr


def test_python_can_be_told_to_look_elsewhere(tmp_path: Path):
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "__init__.py").touch()
    assert run(tmp_path, "-P").stdout == "tiny\n"
