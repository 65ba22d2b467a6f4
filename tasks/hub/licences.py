"""A licence in the words of the hub: its own short names, everything else as ``other``."""

from __future__ import annotations

import re

from manifests.licences import licence_url

_OTHER_NAMES = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
_KNOWN = {
    *("apache-2.0", "mit", "isc", "unlicense", "zlib", "bsd-2-clause", "bsd-3-clause", "mpl-2.0"),
    *("cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0"),
    *("cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0"),
    *("cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0"),
    *("cc-by-nc-sa-4.0", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0"),
    *("odbl", "odc-by", "pddl", "ofl-1.1", "unknown"),
}


def licence_fields(licence: str) -> dict[str, str]:
    """What the head of a card says of a licence (an SPDX identifier, or terms of one's own)."""
    name = _OTHER_NAMES.get(licence.lower(), licence.lower())
    if name in _KNOWN:
        return {"license": name}
    said = {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", name).strip("-")}
    url = licence_url(licence)
    return said if url is None else {**said, "license_link": url}
