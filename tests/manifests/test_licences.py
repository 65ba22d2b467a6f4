"""Licences as people write them in files: recognised, never guessed."""

from __future__ import annotations

import pytest

from manifests.licences import (
    UNKNOWN,
    licence_url,
    needs_acknowledgement,
    same_licence,
    spdx_name,
    stated_licence,
)

SPOKEN = {
    "CC0-1.0": (
        "CC0", "CC 0", "cc-zero", "CC0 1.0 Universal", "Creative Commons Zero v1.0", "CC0-1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
    ),
    "CC-PDM-1.0": ("creativecommons.org/publicdomain/mark/1.0",),
    "CC-BY": ("CC-BY", "cc by", "Creative Commons Attribution", "CC\u2011BY"),
    "CC-BY-3.0": ("CC-BY (3.0)", "http://creativecommons.org/licenses/by/3.0/de/"),
    "CC-BY-4.0": ("CC-BY 4.0", "CC BY v4", "Creative Commons Attribution 4.0 International"),
    "CC-BY-SA-4.0": ("cc_by_sa_4.0", "Creative Commons Attribution-ShareAlike 4.0"),
    "CC-BY-NC-SA-4.0": (
        "CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/",
        "Creative Commons Attribution-NonCommercial-ShareAlike 4.0",
    ),
    "CC-BY-NC-ND": ("CC-BY-NC-ND",),
    "AGPL-3.0-only": ("AGPL3", "AGPL v3 (see also: http://www.example.org/licenses)"),
    "AGPL-3.0-or-later": ("GNU Affero General Public License v3 or any later version",),
    "GPL-2.0-or-later": ("GPLv2+", "GPL-2.0-or-later"),
    "LGPL-2.1-only": ("LGPL 2.1",),
    "GPL": ("GPL", "GNU General Public License"),
    "Apache-2.0": ("Apache 2.0", "Apache License, Version 2.0"),
    "MIT": ("MIT", "the MIT license"),
    "MIT AND CC0-1.0": ("MIT AND CC0-1.0", "MIT, pictures CC0"),
    "MIT-0": ("MIT-0",),
    "BSD-3-Clause": ("BSD-3-Clause", "bsd 3-clause"),
    "ODbL-1.0": ("ODbL-1.0",),
    "my own terms": ("my own terms",),
    "Public Domain": ("Public Domain",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("spoken", "name"), [(spoken, name) for name, every in SPOKEN.items() for spoken in every]
)
def test_a_licence_is_recognised_and_gets_no_version_that_it_does_not_say(
    spoken: str, name: str
) -> None:
    assert spdx_name(spoken) == name


@pytest.mark.parametrize(
    ("header", "licence"),
    [
        ("# Released as CC0 by its makers. The license\n# text is in the root folder.", "CC0-1.0"),
        ("# Put under Creative Commons\n# Zero in 2020", "CC0-1.0"),
        ("# license CC0", "CC0-1.0"),
        ("license AGPL3", "AGPL-3.0-only"),
        ("#Licence = CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("# SPDX-License-Identifier: MIT", "MIT"),
        ("# distributed under the MIT license", "MIT"),
        ("# License: CC-BY 4.0\n# an earlier one was AGPL3", "CC-BY-4.0"),
        ("# clothes CC0, pictures CC-BY-NC 4.0", "CC0-1.0 AND CC-BY-NC-4.0"),
        ("# License: All rights reserved", "All rights reserved"),
        ("# The license text can be found in the root of the package.", UNKNOWN),
        ("# License: see the file LICENSE.txt", UNKNOWN),
        ("# No licence is needed to look at it: ask me for all else.", UNKNOWN),
        ("# license:", UNKNOWN),
        ("# This is not CC0.", UNKNOWN),
        ("# license: CC0 does not apply to it", UNKNOWN),
        ("# Free as in CC0, but not for masks", "CC0-1.0"),
        ("# licence: CCBY 4.0", "CC-BY-4.0"),
        ("# GNU General Public License, version 3", "GPL-3.0-only"),
        ("# GPL, 3 shirts", "GPL"),
        ("# made by Mit and Cc", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_header_states_its_licence_anywhere_but_prose_is_none(header: str, licence: str) -> None:
    assert stated_licence(header.splitlines()) == licence


def test_only_what_everybody_may_use_and_change_needs_no_yes() -> None:
    assert not needs_acknowledgement("CC-BY-4.0")
    for licence in ("CC-BY", "CC-BY-NC-4.0", "GPL-3.0-only", UNKNOWN, "CC0-1.0 AND GPL"):
        assert needs_acknowledgement(licence)


def test_a_declared_licence_is_compared_with_the_stated_one() -> None:
    assert same_licence("CC-BY", "CC-BY-4.0")
    assert same_licence("AGPL-3.0-only", "AGPL3")
    assert not same_licence("CC-BY", "CC-BY-SA-4.0")
    assert not same_licence("CC-BY-3.0", "CC-BY-4.0")
    assert not same_licence("CC-BY", None)


def test_only_licences_of_spdx_have_an_address_there() -> None:
    assert licence_url("CC-BY-4.0") == "https://spdx.org/licenses/CC-BY-4.0.html"
    for licence in (UNKNOWN, "LicenseRef-lab", "CC0-1.0 AND MIT", "My own | terms", ""):
        assert licence_url(licence) is None
