"""Things worn and carried, a module for each part of the body. Importing it registers them all.

A module that is put here is found by itself.
"""

import importlib
import pkgutil

from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Accessory,
    Place,
    accessories_at,
    accessory_parts,
    has_at,
    place_of,
)

for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

__all__ = [
    "ACCESSORIES",
    "Accessory",
    "Place",
    "accessories_at",
    "accessory_parts",
    "has_at",
    "place_of",
]
