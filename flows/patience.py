"""Waiting out a Prefect server or an object store that is away.

A server that restarts and a gateway that is replaced are away for seconds to minutes; a build
that has run for hours must not end because of it. Prefect's own client insists only once it has
connected, and not for long.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from prefect.exceptions import PrefectHTTPStatusError

from manifests.errors import StoreUnavailable

T = TypeVar("T")

PATIENCE_SECONDS = 1800.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 15.0
_log = logging.getLogger("unrealperson.patience")


def insist(
    operation: Callable[[], T],
    seconds: float = PATIENCE_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The result of ``operation``, tried again while server or store are away.

    Pauses double from one to fifteen seconds, with jitter, so that the clients of a farm do not
    come back all at once. ``operation`` may run several times and must not mind.
    Raises what ``operation`` raised last when ``seconds`` have passed, and at once whatever does
    not mean that something is away.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        try:
            return operation()
        except (httpx.TransportError, PrefectHTTPStatusError, StoreUnavailable) as error:
            if not _passes(error) or time.monotonic() + pause > deadline:
                raise
            silent = f"The Prefect server does not answer ({type(error).__name__})"
            words = str(error) if isinstance(error, StoreUnavailable) else silent
            _log.warning("%s; trying again in %.0f s", words, pause)
        sleep(pause * random.uniform(0.5, 1.0))
        pause = min(_LONGEST_PAUSE, 2 * pause)


def _passes(error: Exception) -> bool:
    if isinstance(error, PrefectHTTPStatusError):
        return error.response.status_code >= 500 or error.response.status_code in (408, 429)
    return True
