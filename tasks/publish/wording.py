"""Words of others in what we write: long lists shortened, free text made harmless."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice

# Last, at the start of a line: lists, and rules under headings.
_MARKUP = re.compile(r"[\\`*{}\[\]<>&#|~!]|(?<![^\W_])_|_(?![^\W_])|^[-+=]|(?<=^\d)[.)]")
_HTML = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def some(things: Collection[object], most: int) -> str:
    """At most so many of ``things``, with commas between them."""
    more = f" and {len(things) - most} more" if len(things) > most else ""
    return ", ".join(map(str, islice(things, most))) + more


def as_text(words: object) -> str:
    """Words that come from people or engines, as Markdown that shows them and does nothing else.

    Neither headings nor tables, HTML, links or pictures come of them; they stay on one line.
    """
    line = " ".join(str(words).split())
    return _MARKUP.sub(lambda found: _HTML.get(found[0], f"\\{found[0]}"), line)


def fence(content: str) -> str:
    """Backticks that ``content`` cannot end."""
    return "`" * max(3, 1 + max((len(run) for run in re.findall("`+", content)), default=0))
