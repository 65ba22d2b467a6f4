"""Things worn and carried, a module for each place. Importing it registers them all.

A module put here is found by itself.
"""

from manifests.registry import import_modules
from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Accessory,
    Place,
    accessories_at,
    accessory_parts,
    has_at,
    place_of,
)

import_modules(__name__, __path__)

__all__ = [
    "ACCESSORIES",
    "Accessory",
    "Place",
    "accessories_at",
    "accessory_parts",
    "has_at",
    "place_of",
]
