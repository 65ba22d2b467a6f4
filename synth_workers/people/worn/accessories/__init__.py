"""Things worn and carried, a module for each place. Importing it registers them all.

A module put here is found by itself.
"""

from manifests.registry import import_modules

import_modules(__name__, __path__)
