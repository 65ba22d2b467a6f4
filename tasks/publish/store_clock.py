"""What time it is for a store: ages of its objects are measured by no other clock."""

from __future__ import annotations

import secrets

from manifests.stores import Store


def store_clock(store: Store) -> float:
    """Seconds since 1970 by the clock that dates the objects of ``store``."""
    # Not in a data set's own folder, which may be a link: nothing can be deleted there.
    key = f"clock-{secrets.token_hex(8)}"
    store.put(key, b"")
    try:
        return next(iter(store.list(key))).modified
    finally:
        store.delete(key)
