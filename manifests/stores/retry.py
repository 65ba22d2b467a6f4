"""How long to insist when a store does not answer: bounded attempts, full jitter."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from manifests.environment import environment
from manifests.errors import StoreUnavailable

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """``attempts`` tries; before retry k a pause of 0 to ``first_pause`` * 2**k seconds.

    The pause is drawn uniformly (full jitter), so that many clients that failed together do
    not come back together; it never exceeds ``longest_pause`` seconds.
    """

    attempts: int = 6
    first_pause: float = 0.2
    longest_pause: float = 8.0
    sleep: Callable[[float], None] = time.sleep
    jitter: random.Random = field(default_factory=random.Random)

    @classmethod
    def of_environment(cls) -> Patience:
        """The usual patience, longer by about ``UNREALPERSON_STORE_PATIENCE`` seconds."""
        usual = cls()
        more = environment().store_patience
        return cls(attempts=usual.attempts + math.ceil(2 * more / usual.longest_pause))

    def run(self, operation: Callable[[], T]) -> T:
        """The result of ``operation``, tried again on ``StoreUnavailable`` until patience ends."""
        for attempt in range(self.attempts - 1):
            try:
                return operation()
            except StoreUnavailable:
                limit = min(self.longest_pause, self.first_pause * 2**attempt)
                self.sleep(self.jitter.uniform(0.0, limit))
        return operation()
