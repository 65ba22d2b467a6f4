"""``cameras.json``: where the cameras of a data set stand and how they see, as OpenCV says it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from manifests.checksums import check_stored
from manifests.claims import Claim
from manifests.reader import SnapshotReader

CAMERAS = "cameras.json"
WORLD = "x, -y, z of Unreal's world, centimetres"
PIXELS = "integers are the centres of pixels: boxes and joints, less half a pixel"


def cameras_document(claims: Iterable[Claim]) -> bytes:
    """JSON: by camera width, height and calibration (``manifests.schema.CALIBRATION``), of the
    cameras that the frames of ``claims`` were taken by; those of claims older than schema version 4
    are not known."""
    found: dict[str, Any] = {}
    for claim in claims:
        found |= claim.statistics.get("calibrations", {})
    return _document(found)


def cameras_of(reader: SnapshotReader, cameras: Collection[str]) -> bytes | None:
    """The document of a snapshot with the chosen ``cameras`` only; None if it has none of them."""
    for file in reader.snapshot.files:
        if file.key.endswith(f"/{CAMERAS}"):
            check_stored(reader.dataset.store, file)
            stored = json.loads(reader.dataset.store.get(file.key))["cameras"]
            found = {name: stored[name] for name in stored if name in cameras}
            return _document(found) if found else None
    return None


def _document(cameras: dict[str, Any]) -> bytes:
    told = {"world": WORLD, "pixels": PIXELS, "cameras": dict(sorted(cameras.items()))}
    return json.dumps(told, indent=1).encode()
