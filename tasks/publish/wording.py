"""Long lists in messages: the first few, and how many more there are."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice


def some(things: Collection[object], most: int) -> str:
    """At most so many of ``things``, with commas between them."""
    more = f" and {len(things) - most} more" if len(things) > most else ""
    return ", ".join(map(str, islice(things, most))) + more
