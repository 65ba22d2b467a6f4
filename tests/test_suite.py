"""The second look at tests that failed: what fails alone, too, has failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import suite

ONCE = """
from pathlib import Path

def test_that_fails_at_first():
    seen = Path(__file__).with_name("seen")
    before = seen.exists()
    seen.touch()
    assert before
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_right.py").write_text("def test_right():\n    pass\n")
    return tmp_path


def test_what_passes_alone_is_named_and_no_failure(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "test_chance.py").write_text(ONCE)
    assert suite.run(["-q"], folder) == 0
    named = "passed alone:\n  test_chance.py::test_that_fails_at_first"
    assert named in capfd.readouterr().out


def test_what_fails_twice_has_failed(folder: Path) -> None:
    (folder / "test_chance.py").write_text(ONCE)
    (folder / "test_wrong.py").write_text("def test_wrong():\n    assert False\n")
    assert suite.run(["-q"], folder) == 1


def test_a_file_that_cannot_be_read_has_no_second_look(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "test_broken.py").write_text("def")
    assert suite.run(["-q"], folder) == 2
    assert "once more" not in capfd.readouterr().out


def test_many_failures_have_no_second_look(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tests = (f"def test_{number}():\n    assert False\n" for number in range(suite.MOST + 1))
    (folder / "test_wrong.py").write_text("\n".join(tests))
    assert suite.run(["-q"], folder) == 1
    assert "once more" not in capfd.readouterr().out
