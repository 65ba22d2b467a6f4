"""A saved model for whoever wants features of crops of their own, and nothing else of training.

Measuring a model on a data set is the business of ``tasks.evaluate``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from manifests.arguments import LOCAL, checked, listed
from manifests.errors import BadRecipe, NotFound
from training.data.decoding import decode_crop, resized
from training.embedding.network import open_network
from training.run_files import model_file

Picture = np.ndarray | bytes | str | Path
_PICTURES = listed(
    np.ndarray,
    bytes,
    str,
    Path,
    words="crops (arrays, bytes of picture files, or their paths)",
    example='["mine.jpg", "hers.jpg"]',
)


class Model:
    """A trained network with what it was made from."""

    @checked(path=LOCAL)
    def __init__(self, path: str | Path) -> None:
        """Read a model: its folder, its ``model.pt``, or the ``.onnx`` that it was exported as.

        Raises ``NotFound`` if there is none, ``CorruptData`` if it is not one,
        ``MissingRequirement`` for an exported one without onnxruntime.
        """
        self.path = model_file(Path(path))
        self.network = open_network(self.path)

    def __repr__(self) -> str:
        found = self.network.identity
        return (
            f"<Model {str(self.path)!r}: {found.network}, {self.dimension} numbers of a crop, "
            f"seen at {found.height}x{found.width}>"
        )

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """The same as ``Model(path)``."""
        return cls(path)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels that crops are brought to before the network sees them."""
        return self.network.identity.height, self.network.identity.width

    @property
    def dimension(self) -> int:
        """How long a feature is."""
        return self.network.identity.dimension

    @property
    def lineage(self) -> dict[str, object]:
        """Which data the model learnt from: data set, snapshot number, content digest."""
        return dict(self.network.identity.lineage)

    @checked(crops=_PICTURES, cameras=listed(str, words="names", example='["c1", "c2"]'))
    def embed(self, crops: Sequence[Picture], cameras: Sequence[str] | None = None) -> np.ndarray:
        """(N, D) float32 features of length 1, in the order of ``crops``.

        A crop is an array (H, W, 3) uint8 sRGB, the bytes of a JPEG, PNG, BMP or WebP, or the path
        of one.
        ``cameras``: who took each crop, by name. Camera-based normalisation is estimated for
        every camera named here, from its crops: many crops of one camera at once, best. Without
        names all crops count as one camera's. Features of few crops lean on who else is there: give
        dozens of a camera at once. Statistics of an exported model are folded in: cameras change
        nothing, and one crop will do. Raises ``BadRecipe`` for other arrays, unequal lengths and a
        camera with one crop only, ``NotFound`` and ``CorruptData`` for files.
        """
        if cameras is not None and len(cameras) != len(crops):
            raise BadRecipe(f"embed: {len(crops)} crops, but {len(cameras)} names of cameras")
        if not len(crops):
            return np.empty((0, self.dimension), np.float32)
        images = np.stack([resized(_pixels(crop, i), *self.size) for i, crop in enumerate(crops)])
        return self.network.embed(images, [""] * len(crops) if cameras is None else cameras)


def _pixels(crop: Picture, position: int) -> np.ndarray:
    if isinstance(crop, np.ndarray):
        if crop.dtype != np.uint8 or crop.ndim != 3 or crop.shape[2] != 3 or not crop.size:
            raise BadRecipe(
                f"embed: crop {position} must be (height, width, 3) uint8 sRGB, got "
                f"{crop.shape} {crop.dtype}; give a list of such arrays"
            )
        return crop
    if isinstance(crop, bytes):
        return decode_crop(crop, f"number {position}")
    try:
        return decode_crop(Path(crop).read_bytes(), str(crop))
    except (OSError, ValueError) as error:
        raise NotFound(f"embed: crop {position}: {str(crop)!r}: {error}") from error
