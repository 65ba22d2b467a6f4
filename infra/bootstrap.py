"""``python -m infra.bootstrap`` for one more release; it moved to ``flows.bootstrap``."""

from __future__ import annotations

import sys

from flows.bootstrap import main

if __name__ == "__main__":
    print(
        "infra.bootstrap has moved and goes with the next release: call python -m flows.bootstrap",
        file=sys.stderr,
    )
    main()
