"""The kit: everything a scene file can place. Importing it registers all pieces."""

from synth_workers.scenes.kit import (
    facades,
    furniture,
    ground,
    market,
    plants,
    shop,
    shop_room,
    street,
    vehicles,
)
from synth_workers.scenes.kit.registry import Box, Piece, find_piece, piece_names

__all__ = [
    "Box",
    "Piece",
    "facades",
    "find_piece",
    "furniture",
    "ground",
    "market",
    "piece_names",
    "plants",
    "shop",
    "shop_room",
    "street",
    "vehicles",
]
