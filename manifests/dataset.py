"""A data set in a store: what everything that reads or writes one is given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from manifests.errors import BadRecipe
from manifests.layout import DatasetLayout
from manifests.stores import Store


@dataclass(frozen=True)
class Dataset(DatasetLayout):
    """The data set called ``name`` in ``store``, and its keys there; it need not exist yet.

    Another process may be sent one: it opens the same store, with credentials of its own.
    """

    store: Store

    def where(self, key: str) -> str:
        """Where the object ``key`` lies, for people."""
        return f"{self.store.uri}/{key}"


def parse_snapshot(word: str) -> tuple[str, int | None]:
    """Name and number of ``demo@3``; None is the newest of ``demo``. ``BadRecipe`` for a number
    that no snapshot has."""
    name, at, number = word.partition("@")
    if not at:
        return name, None
    if not re.fullmatch("(?!0+$)[0-9]{1,9}", number):
        raise BadRecipe(f"{word[:80]}: after @ comes the number of a snapshot, e.g. demo@3")
    return name, int(number)
