"""A saved model for whoever wants features of crops of their own, and nothing else of training.

Measuring a model on a data set is the business of ``tasks.evaluate``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from manifests.arguments import LOCAL, checked, listed
from manifests.errors import BadRecipe, NotFound
from training.data.crops import crop_set
from training.data.decoding import decode_crop, resized
from training.evaluation.embedder import saved_embedder
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
        """Read a model: its folder or its ``model.pt``.

        Raises ``NotFound`` if there is none, ``CorruptData`` if it is not one.
        """
        self.path = model_file(Path(path))
        self._embedder, self._checkpoint = saved_embedder(self.path)

    def __repr__(self) -> str:
        height, width = self.size
        network = self._checkpoint.config.model.backbone
        return (
            f"<Model {str(self.path)!r}: {network}, {self.dimension} numbers of a crop, seen at "
            f"{height}x{width}>"
        )

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """The same as ``Model(path)``."""
        return cls(path)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels that crops are brought to before the network sees them."""
        return self._embedder.height, self._embedder.width

    @property
    def dimension(self) -> int:
        """How long a feature is."""
        return self._embedder.network.dimension

    @property
    def lineage(self) -> dict[str, object]:
        """Which data the model learnt from: data set, snapshot number, content digest."""
        return dict(self._checkpoint.lineage)

    @checked(crops=_PICTURES, cameras=listed(str, words="names", example='["c1", "c2"]'))
    def embed(self, crops: Sequence[Picture], cameras: Sequence[str] | None = None) -> np.ndarray:
        """(N, D) float32 features of length 1, in the order of ``crops``.

        A crop is an array (H, W, 3) uint8 sRGB, the bytes of a JPEG, PNG, BMP or WebP, or the path
        of one.
        ``cameras``: who took each crop, by name. Camera-based normalisation is estimated for
        every camera named here, from its crops: many crops of one camera at once, best. Without
        names all crops count as one camera's. Features of few crops lean on who else is there: give
        dozens of a camera at once. Raises ``BadRecipe`` for other arrays, unequal lengths and a
        camera with one crop only, ``NotFound`` and ``CorruptData`` for files.
        """
        if cameras is not None and len(cameras) != len(crops):
            raise BadRecipe(f"embed: {len(crops)} crops, but {len(cameras)} names of cameras")
        if not len(crops):
            return np.empty((0, self.dimension), np.float32)
        images = np.stack([resized(_pixels(crop, i), *self.size) for i, crop in enumerate(crops)])
        nothing = [""] * len(crops)
        labels = {
            "crop_key": [str(i) for i in range(len(crops))],
            "person_id": nothing,
            "camera": nothing if cameras is None else cameras,
            "outfit": np.zeros(len(crops)),
            "role": ["gallery"] * len(crops),
            "time": np.full(len(crops), np.nan),
            "render_id": nothing,
        }
        if self._embedder.network.camera_based:
            _expect_several(labels["camera"])
        unknown = np.zeros(len(crops), np.int64)
        return self._embedder.embed(crop_set(labels, images, unknown))


def _expect_several(cameras: Sequence[str]) -> None:
    name, count = min(Counter(cameras).items(), key=lambda entry: entry[1])
    if count < 2:
        raise BadRecipe(
            f"embed: only one crop of camera {name!r}; this model normalises by camera and needs "
            "several crops of each, best dozens of the people who passed it"
        )


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
