"""Licences of what goes into a data set, and which of them need a deliberate yes."""

from __future__ import annotations

import re

UNKNOWN = "unknown"

_SPOKEN = (
    (r"(?:CC ?0|CC ZERO|PUBLIC DOMAIN)\b", "CC0-1.0"),
    *(
        (f"CC BY{terms} ?([0-9.]+)?", f"CC-BY{terms.replace(' ', '-')}-{{}}")
        for terms in (" NC SA", " NC ND", " NC", " ND", " SA", "")
    ),
    (r"AGPL ?(?:V ?)?3\b", "AGPL-3.0-only"),
    (r"GPL ?(?:V ?)?3\b", "GPL-3.0-only"),
)
"""Spellings found in clothes files, and SPDX identifiers; a version left out is the newest."""

_FREE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "MIT",
    "ODbL-1.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "Unlicense",
}


def needs_acknowledgement(licence: str) -> bool:
    """Whether data made from material under ``licence`` (SPDX) may not simply be published.

    True for non-commercial, no-derivatives, proprietary and unknown terms, and for every
    identifier that is not known to allow everybody to use and change the material.
    """
    return licence not in _FREE


def spdx_name(text: str) -> str:
    """The SPDX identifier of a licence as makers of clothes write it, e.g. ``CC-BY 4.0``.

    What is not recognised is returned as it is.
    """
    words = " ".join(text.replace("-", " ").replace("_", " ").upper().split())
    for pattern, name in _SPOKEN:
        found = re.match(pattern, words)
        if found:
            return name.format(*(group or "4.0" for group in found.groups()))
    return text.strip()


def licence_url(licence: str) -> str:
    """Where the terms of an SPDX identifier can be read."""
    return f"https://spdx.org/licenses/{licence}.html"
