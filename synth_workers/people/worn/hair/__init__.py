"""Hair of head and chin. Importing it registers all styles.

A module put here is found by itself.
"""

from manifests.registry import import_modules
from synth_workers.people.worn.hair.parts import hair_parts, hairline
from synth_workers.people.worn.hair.registry import HAIR_STYLES

import_modules(__name__, __path__)

__all__ = ["HAIR_STYLES", "hair_parts", "hairline"]
