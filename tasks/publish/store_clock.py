"""What time it is for a store: ages of its objects are measured by no other clock."""

from __future__ import annotations

from manifests.stores import Store
from manifests.stores.base import passing_key


def store_clock(store: Store) -> float:
    """Seconds since 1970 by the clock that dates the objects of ``store``."""
    key = passing_key("clock")
    store.put(key, b"")
    try:
        return next(iter(store.list(key))).modified
    finally:
        store.delete(key)
