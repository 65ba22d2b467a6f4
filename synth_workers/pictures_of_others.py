"""Pictures that somebody else made, for cloth: any file, decoded or refused in words.

Pillow decodes them, as it did when the first tiles were stored; ``training`` has its own, faster
decoder, whose JPEGs differ by a grey level.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from manifests.errors import CorruptData
from manifests.picture_files import is_cut_off, picture_format, truncated


def decode_picture(data: bytes, name: str, max_pixels: int | None = None) -> np.ndarray:
    """(h, w, 3) uint8 sRGB of a JPEG, PNG, BMP or WebP, whatever it is called.

    ``CorruptData`` says what is wrong with picture ``name``: of another format, truncated,
    broken, or with more than ``max_pixels``.
    """
    kind = picture_format(data, name)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if max_pixels is not None and image.width * image.height > max_pixels:
                raise CorruptData(f"image {name}: it has over {max_pixels} pixels")
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if is_cut_off(data, kind):
            raise truncated(data, kind, name) from error
        raise CorruptData(f"image {name}: broken {kind} ({error}); get the file again") from error
