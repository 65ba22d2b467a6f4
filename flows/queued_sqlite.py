"""``python -m flows.queued_sqlite prefect server start …``: Prefect's server, whose writers queue.

On SQLite a server of Prefect 3.8 begins a transaction as a reader and becomes a writer when it
first writes. Whoever finds that another has written since cannot become one and is refused at once
(503), in the middle of a change of state too; its client tries again after 2, 4, 8 s. Runs that
begin or wait at the same time are enough for it. Here transactions that may write take their turn
before they read: nobody is refused, everybody waits some milliseconds. PostgreSQL knows neither.
"""

from __future__ import annotations

import runpy
import sys
from contextlib import AbstractAsyncContextManager
from typing import Any


def let_writers_queue() -> None:
    """Begin every transaction of a server on SQLite in the way that Prefect keeps for updates."""
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction

    def begin_as_writer(
        self: AioSqliteConfiguration, session: Any, with_for_update: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_as_writer  # pyright: ignore[reportAttributeAccessIssue]


if __name__ == "__main__":
    let_writers_queue()
    sys.argv = sys.argv[1:]
    runpy.run_module("prefect", run_name="__main__")
