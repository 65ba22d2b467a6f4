"""A data set in a store: what everything that reads or writes one is given."""

from __future__ import annotations

from dataclasses import dataclass

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
