"""What a camera's sensor does to a picture."""

from dataclasses import replace

import numpy as np

from synth_workers.engine.sensor import SensorSettings, expose
from synth_workers.scenes.description import CameraLook

CLEAN = CameraLook(vignette=0.0, noise=0.0)


def delivered(look: CameraLook) -> np.ndarray:
    """A picture whose left half is dark and whose right half is light, as a camera has it."""
    arriving = np.full((16, 32, 3), 80, np.uint8)
    arriving[:, 16:] = 160
    return expose(arriving, SensorSettings(look), 0.0).astype(int)


def test_sharpening_lifts_edges_and_leaves_even_ground() -> None:
    plain, sharp = delivered(CLEAN), delivered(replace(CLEAN, sharpening=0.8))
    assert sharp[:, 15].max() < plain[:, 15].min() < plain[:, 16].max() < sharp[:, 16].min()
    assert np.array_equal(sharp[:, :12], plain[:, :12])
    assert np.array_equal(delivered(replace(CLEAN, sharpening=0.0)), plain)


def test_blur_is_sharpened_back_in_part() -> None:
    def steepest(look: CameraLook) -> int:
        return int(np.diff(delivered(look)[8, :, 0]).max())

    soft = replace(CLEAN, blur=1.0)
    assert steepest(soft) < steepest(replace(soft, sharpening=1.0)) < steepest(CLEAN)
