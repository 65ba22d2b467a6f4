"""Draws the moving picture of ``data.md``: ``python docs/make_tracks_picture.py DATASET [STORE]``.

``DATASET``: one with recordings; see ``data.md`` for how the one of the page was built.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.stores import open_store
from tasks.report.synchronised import animated_strip

PICTURE = Path(__file__).parent / "pictures" / "synchronised.webp"


def main() -> None:
    """Keep what the report shows of the newest snapshot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("store", nargs="?", default="out/store")
    options = parser.parse_args()
    strip = animated_strip(open_snapshot(Dataset(options.dataset, open_store(options.store))))
    if strip is None:
        raise SystemExit(f"{options.dataset} has no recordings")
    PICTURE.write_bytes(strip)
    print(PICTURE, f"{len(strip) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
