"""The kit: everything a scene file can place. Importing it registers all pieces.

A module put here is found by itself.
"""

from manifests.registry import import_modules
from synth_workers.scenes.kit.registry import PIECES, Box, Piece

import_modules(__name__, __path__)

__all__ = ["PIECES", "Box", "Piece"]
