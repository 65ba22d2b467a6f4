"""The order in which a mesh is drawn is worked out once and read from then on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from synth_workers.engine import draw_order as module
from synth_workers.engine.draw_order import draw_order
from synth_workers.people.person import VERTEX


@pytest.fixture
def mesh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, np.ndarray]:
    """A wavy sheet, and an empty cache."""
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path))
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(12.0), np.arange(12.0)))
    vertices = np.zeros(144, VERTEX)
    vertices["position"] = np.stack([x, y, np.sin(x)], axis=1)
    vertices["normal"] = (128, 128, 255, 128)
    corner = (np.arange(11)[:, None] * 12 + np.arange(11)).ravel()
    lower = np.stack([corner, corner + 1, corner + 13], axis=1)
    upper = np.stack([corner, corner + 13, corner + 12], axis=1)
    return vertices, np.concatenate([lower, upper]).astype(np.uint32)


def test_what_is_read_is_what_was_worked_out(
    mesh: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draw_order(*mesh)
    monkeypatch.setattr(module, "_worked_out", lambda *_: pytest.fail("worked out again"))
    again = draw_order(*mesh)

    assert np.array_equal(first.vertices, again.vertices)
    assert np.array_equal(first.triangles, again.triangles)
    assert first.one_sided == again.one_sided
    assert sorted(map(set, first.vertices[first.triangles].tolist()), key=sorted) == sorted(
        map(set, mesh[1].tolist()), key=sorted
    )


def test_a_damaged_file_is_replaced(mesh: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    first = draw_order(*mesh)
    (kept,) = tmp_path.rglob("*.npy")
    kept.write_bytes(kept.read_bytes()[:-7])

    assert np.array_equal(draw_order(*mesh).triangles, first.triangles)
    assert np.load(kept).dtype == np.uint32
