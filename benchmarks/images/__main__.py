"""``python -m benchmarks.images``."""

import sys

from benchmarks.images import main

if __name__ == "__main__":
    sys.exit(main())
