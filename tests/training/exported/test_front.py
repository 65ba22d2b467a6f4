"""Pictures that a graph of ONNX resizes are those that the loader resizes."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from training.data.decoding import resized
from training.exported.form import asked_form
from training.exported.front import front

SIZE = 64, 32


@pytest.fixture(scope="module")
def levels() -> onnxruntime.InferenceSession:
    """Resizes, and leaves grey levels as they are."""
    graph = front(asked_form(resize=True), SIZE, (0.0,) * 3, (1 / 255,) * 3, ir_version=10)
    onnx.checker.check_model(graph, full_check=True)
    return onnxruntime.InferenceSession(graph.SerializeToString())


@pytest.mark.parametrize(
    ("shape", "differing"),
    [
        ((64, 32), 0.0),
        ((128, 64), 0.0),
        ((200, 90), 0.0),
        ((97, 40), 0.0),
        # OpenCV interpolates in whole numbers, and now and then ends beside the nearest level.
        ((95, 47), 0.1),
        ((40, 20), 0.1),
        ((300, 20), 0.1),
        ((20, 300), 0.1),
        ((1, 1), 0.0),
    ],
)
def test_resized_as_by_the_loader(
    levels: onnxruntime.InferenceSession, shape: tuple[int, int], differing: float
):
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)

    found = np.asarray(levels.run(None, {"pictures": picture[None]})[0])[0]

    off = np.abs(found.transpose(1, 2, 0) - resized(picture, *SIZE))
    assert off.max() <= 1
    assert abs((found.transpose(1, 2, 0) - resized(picture, *SIZE)).mean()) < 0.1, "not lighter"
    assert (off > 0).mean() <= differing
