"""Hair of head and chin. Importing it registers all styles.

A module put here is found by itself.
"""

from manifests.registry import import_modules

import_modules(__name__, __path__)
