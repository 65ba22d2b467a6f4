"""Shards that failed for good: a build ends with them, but only when the others are done.

Otherwise one shard that cannot be rendered would cost a whole night, and every night again.
"""

from __future__ import annotations

from manifests.errors import (
    BadRecipe,
    BadScene,
    FactoryError,
    MissingRequirement,
    StoreUnavailable,
    StoreUnsuitable,
)

_OF_ALL = (BadRecipe, BadScene, MissingRequirement, StoreUnavailable, StoreUnsuitable)
"""What is wrong with one shard is wrong with all of them."""

MOST_LOST = 5
"""With so many lost, the rest would only waste time."""


class LostShards:
    """Keeps the errors of a round's lost shards until the others have ended."""

    def __init__(self) -> None:
        self._errors: list[FactoryError] = []

    def add(self, error: FactoryError) -> None:
        """Keep the last error of a shard; raise it if the rest of the round is hopeless too."""
        self._errors.append(error)
        if isinstance(error, _OF_ALL) or len(self._errors) >= MOST_LOST:
            self.report()

    def report(self) -> None:
        """Raise the last error, naming how many shards were lost; nothing if none was."""
        if not self._errors:
            return
        error, count = self._errors[-1], len(self._errors)
        if count == 1:
            raise error
        message = "\n".join([f"{count} shards failed for good:", *map(str, self._errors)])
        raise error.saying(message)
