"""Pictures that stand in for photographs of anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tasks.reproduce.pictures import COUNT, draw_picture, drawn_pictures


def test_every_picture_is_another_one_and_the_same_again() -> None:
    first, second = draw_picture(0), draw_picture(1)

    assert np.array_equal(first, draw_picture(0))
    assert not np.array_equal(first, second)
    assert first.std() > 20


def test_a_folder_is_filled_once(tmp_path: Path) -> None:
    folder = drawn_pictures(tmp_path / "pictures")
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "000.png").unlink()

    drawn_pictures(folder)

    assert len(times) == COUNT
    again = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path for path in times if times[path] != again[path]} == {folder / "000.png"}
