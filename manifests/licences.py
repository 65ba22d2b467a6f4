"""Licences of what goes into a data set, and which of them need a deliberate yes."""

from __future__ import annotations

UNKNOWN = "unknown"

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


def licence_url(licence: str) -> str:
    """Where the terms of an SPDX identifier can be read."""
    return f"https://spdx.org/licenses/{licence}.html"
