"""Licences of what goes into a data set: recognised where files state them, never guessed, and
which of them need a deliberate yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

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

_VERSION = (
    r"(?:(?:[ (]*(?:version |v\.? ?)?|, (?:version |v\.? ?))(?P<version>[0-9](?:\.[0-9])?)\b)?"
)
_TERMS = {
    "attribution": "BY", "by": "BY", "noncommercial": "NC", "non commercial": "NC", "nc": "NC",
    "noderivatives": "ND", "noderivs": "ND", "no derivatives": "ND", "no derivs": "ND", "nd": "ND",
    "sharealike": "SA", "share alike": "SA", "sa": "SA",
}  # fmt: skip
_TERM = "|".join(sorted(_TERMS, key=len, reverse=True))
_SHORT_NAMES = ("Apache", "MIT", "Unlicense")
"""Of ``_FREE``: words that mean a licence only where one is being named."""


def _plain(name: str, found: re.Match[str]) -> str:
    return name


def _creative_commons(found: re.Match[str]) -> str:
    terms = {_TERMS[term] for term in re.findall(_TERM, found["terms"])} | {"BY"}
    name = "-".join(["CC", *(term for term in ("BY", "NC", "SA", "ND") if term in terms)])
    return _with_version(name, found["version"])


def _gnu(found: re.Match[str]) -> str:
    kind = (found["letter"] or found["word"] or "").strip()[:1].upper()
    name = _with_version(f"{kind}GPL", found["version"])
    if found["version"] is None:
        return name
    return f"{name}-or-later" if found["later"] else f"{name}-only"


def _numbered(name: str, found: re.Match[str]) -> str:
    return _with_version(name, found["version"])


def _with_version(name: str, version: str | None) -> str:
    if version is None:
        return name
    return f"{name}-{version if '.' in version else f'{version}.0'}"


_Reading = Callable[[re.Match[str]], str]
_ANYWHERE: tuple[tuple[str, _Reading], ...] = (
    (r"creativecommons\.org/publicdomain/zero\b", partial(_plain, "CC0-1.0")),
    (r"creativecommons\.org/publicdomain/mark\b", partial(_plain, "CC-PDM-1.0")),
    (rf"creativecommons\.org/licenses/(?P<terms>[a-z ]+)(?:/{_VERSION})?", _creative_commons),
    (r"\bcc ?(?:0|zero)(?: 1\.0)?(?: universal)?\b", partial(_plain, "CC0-1.0")),
    (r"\bcreative commons zero\b", partial(_plain, "CC0-1.0")),
    (rf"\bcc ?(?P<terms>by(?: (?:{_TERM})\b)*){_VERSION}", _creative_commons),
    (
        rf"\bcreative commons (?P<terms>attribution(?:[ ,]+(?:{_TERM})\b)*){_VERSION}",
        _creative_commons,
    ),
    (
        rf"\b(?:gnu )?(?:(?P<letter>[al])?gpl|(?P<word>affero |lesser )?general public license)"
        rf"{_VERSION}(?P<later>\+| (?:or|and)(?: any| \(at your option\) any)? later)?",
        _gnu,
    ),
    (r"\bmit licen[sc]e\b|\bunder (?:the )?mit\b", partial(_plain, "MIT")),
    (rf"\bapache licen[sc]e,?{_VERSION}", partial(_numbered, "Apache")),
    *(
        (
            rf"(?<![\w.]){re.escape(name.lower().replace('-', ' '))}(?![\w.]*\w)",
            partial(_plain, name),
        )
        for name in sorted(_FREE - {"CC0-1.0"})
        if not name.startswith(("CC-", *_SHORT_NAMES))
    ),
)
"""What names a licence wherever it stands, and its SPDX identifier. Matched against text in small
letters whose dashes and underscores are blanks."""

_WHERE_NAMED: tuple[tuple[str, _Reading], ...] = (
    (rf"^(?:the )?apache\b(?: licen[sc]e)?,?{_VERSION}", partial(_numbered, "Apache")),
    (r"^(?:the )?mit\b(?! 0\b)", partial(_plain, "MIT")),
    (r"^(?:the )?unlicense\b", partial(_plain, "Unlicense")),
)
"""What names a licence only right after the word."""

_STATEMENT = re.compile(
    r"^[\s#*/;]*(?:spdx[- ])?licen[sc]e(?:[- ]identifier)?\s*(?P<mark>[:=]?)\s*(?P<words>\S.*)$",
    re.I,
)
_DENIED = re.compile(r"\b(?:not|never|no longer|formerly|previously|isn't|nor)\b[^.;]{0,40}$")
_DENIED_AFTER = re.compile(r" (?:is|was|does|did|may|can|must|should)(?: not|n't| no longer)\b")
_POINTS_ELSEWHERE = re.compile(r"\b(?:see|file|text|root|readme|txt|found)\b|[/\\]", re.I)
_FEW_WORDS = 4
_IDENTIFIER = re.compile(r"(?!LicenseRef-)[A-Za-z0-9][A-Za-z0-9.-]*")


def needs_acknowledgement(licence: str) -> bool:
    """Whether data made from material under ``licence`` (SPDX) may not simply be published.

    True for non-commercial, no-derivatives, proprietary and unknown terms, and for every
    identifier that is not known to allow everybody to use and change the material.
    """
    return licence not in _FREE


def spdx_name(text: str) -> str:
    """The SPDX identifier of a licence as people write it in its own field, e.g. ``CC-BY 4.0``.

    A version that is not said is not added: ``CC-BY`` stays ``CC-BY``. What is not recognised is
    returned as it is.
    """
    return _joined(_named(text)) or text.strip()


def stated_licence(header: Iterable[str]) -> str:
    """The licence that the lines of a file's header state, as an SPDX identifier.

    A line that begins with the word decides, with or without a colon after it; else identifiers
    and addresses of licences anywhere do. Several are joined by ``AND``. Short terms of one's own
    after a colon are returned as they are. ``UNKNOWN`` when nothing is stated: sentences about
    licences are no licence.
    """
    lines = list(header)
    stated: list[str] = []
    own = ""
    for line in lines:
        statement = _STATEMENT.match(line)
        if statement is None:
            continue
        words = statement["words"].strip(" #*")
        stated += _named(words)
        short = len(words.split()) <= _FEW_WORDS and not _POINTS_ELSEWHERE.search(words)
        if statement["mark"] and short:
            own = words
    # A sentence may run over the ends of lines.
    text = " ".join(line.strip(" #*\t") for line in lines)
    return _joined(stated) or own or _joined(_found(_ANYWHERE, text)) or UNKNOWN


def same_licence(stated: str, declared: str | None) -> bool:
    """Whether the licence that a file states is the declared one; one without a version is met by
    each of its versions."""
    if declared is None:
        return False
    name = spdx_name(declared)
    return name == stated or re.fullmatch(rf"{re.escape(stated)}-[0-9].*", name) is not None


def licence_url(licence: str) -> str | None:
    """Where the terms of an SPDX identifier can be read; ``None`` for what is none of SPDX's own:
    unknown terms, somebody's own, several licences together."""
    if licence == UNKNOWN or not _IDENTIFIER.fullmatch(licence):
        return None
    return f"https://spdx.org/licenses/{licence}.html"


def _named(text: str) -> list[str]:
    return list(dict.fromkeys([*_found(_WHERE_NAMED, text), *_found(_ANYWHERE, text)]))


def _found(patterns: tuple[tuple[str, _Reading], ...], text: str) -> list[str]:
    """Licences in the order in which ``patterns`` name them; what is denied does not count."""
    plain = " ".join(re.sub(r"[-_\u2010-\u2015\u00a0]", " ", text).lower().split())
    names: dict[str, None] = {}
    for pattern, reading in patterns:
        for found in re.finditer(pattern, plain):
            before, after = plain[: found.start()], plain[found.end() :]
            if not (_DENIED.search(before) or _DENIED_AFTER.match(after)):
                names.setdefault(reading(found))
    return list(names)


def _joined(names: list[str]) -> str:
    return " AND ".join(names)
