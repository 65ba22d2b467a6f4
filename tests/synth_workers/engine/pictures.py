"""Decoding what the engine sends, and a crowd to look at."""

from __future__ import annotations

import io

import numpy as np
import unrealcv
from PIL import Image

PALETTE = [(250, 20, 20), (20, 250, 20), (20, 20, 250), (250, 250, 20), (20, 250, 250)]


def picture(data: bytes) -> np.ndarray:
    """(h, w, 3) uint8 RGB of any picture bytes."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def colours(mask: np.ndarray) -> set[tuple[int, ...]]:
    """The distinct colours of a picture."""
    return {tuple(int(v) for v in row) for row in np.unique(mask.reshape(-1, 3), axis=0)}


def place_people(client: unrealcv.Client, count: int = 5) -> list[str]:
    """Spawn people side by side in front of camera 0, in the colours of ``PALETTE``."""
    names = []
    for i in range(count):
        name = client.request("vset /objects/spawn BP_Person_C")
        names.append(name)
        red, green, blue = PALETTE[i]
        replies = client.request(
            [
                f"vbp {name} set_app {i}",
                f"vset /object/{name}/color {red} {green} {blue}",
                f"vset /object/{name}/location {300 + 60 * i}.0000 {-200 + 90 * i}.0000 0.0000",
                f"vset /object/{name}/rotation 0.0000 {40 * i}.0000 0.0000",
                f"vbp {name} set_anim walk {i / 10:.4f}",
            ]
        )
        assert not any(reply.startswith("error") for reply in replies)
    return names
