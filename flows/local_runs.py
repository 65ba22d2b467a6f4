"""A run of flows on this machine: its Prefect server, what a terminal shows of it, its costs."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager

import typer

from flows.console import shown_progress
from flows.expenses import ORCHESTRATION
from flows.farm_environment import worker_environment
from flows.killed_commands import end_killed_runs, owned_runs
from flows.local_server import LocalServer, find_or_start, naming_server_errors
from manifests.environment import variable
from manifests.errors import BadRecipe, StoreUnsuitable
from tasks.accounting import CostSheet, cost_sheet, process_cpu_seconds


@contextmanager
def local_run(workers: int | None) -> Generator[tuple[LocalServer, CostSheet]]:
    """A Prefect server that answers, progress on the terminal and one cost sheet for the run."""
    # Prefect's own console lines and tracebacks would drown ours; its API still gets them all.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    for name, value in worker_environment().items():
        if name.startswith("PREFECT_"):
            os.environ.setdefault(name, value)
    if workers is not None:
        if workers < 1:
            raise BadRecipe(f"workers: at least one shard at a time is needed, got {workers}")
        os.environ[variable("workers")] = str(workers)
    with cost_sheet() as costs:
        wall, cpu = time.monotonic(), process_cpu_seconds()
        server = find_or_start()
        server_cpu = server.cpu_seconds() if time.monotonic() - wall < 1.0 else 0.0
        typer.echo(f"Prefect UI: {server.ui_url}", err=True)
        end_killed_runs(lambda: server)
        try:
            with naming_server_errors(server), owned_runs(server), shown_progress():
                yield server, costs
        except KeyboardInterrupt:
            typer.echo("Interrupted; what was finished is kept. Run it again to go on.", err=True)
            raise
        except (StoreUnsuitable, OSError):
            typer.echo("What was finished is kept; run the same command again to go on.", err=True)
            raise
        # Whatever no stage was charged with: imports, orchestration and the Prefect server.
        charged = costs.total_cpu_seconds()
        spent = process_cpu_seconds() - cpu + server.cpu_seconds() - server_cpu
        costs.add(ORCHESTRATION, cpu_seconds=max(0.0, spent - charged))
