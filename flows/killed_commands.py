"""Flow runs of a command that was killed: the next command tells the Prefect server.

A process that is killed cannot say that its runs have ended, and without a farm nobody reconciles.
So each command notes whose its runs are, and gives them a tag. Runs of deployments have neither:
these are a worker's, and ``flows.reconcile``'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from flows.local_server import LocalServer
from flows.places import state_folder
from synth_workers.processes.host import Owner
from synth_workers.processes.notes import Note, abandoned, noted

_log = logging.getLogger(__name__)


@contextmanager
def owned_runs(server: LocalServer) -> Generator[None]:
    """Runs that begin in the block are this process's, and so known when it is killed."""
    from prefect import tags

    tag = _tag(Owner.own())
    with noted(_folder(), {"tag": tag, "server": _name(server)}), tags(tag):
        yield


def end_killed_runs(find: Callable[[], LocalServer | None]) -> list[str]:
    """Crash what killed commands of this host left unfinished; the names of these flow runs.

    ``find``: the server, asked for only if there was such a command. Whose runs are of another
    server, or of one that does not answer now, is looked at another time.
    """
    left = abandoned(_folder())
    server = find() if left else None
    if server is None:
        return []
    notes = [note for note in left if note.about.get("server") == _name(server)]
    ended = _crash(server, notes) if notes else []
    for name in ended:
        _log.warning("flow run %s was left by a process that was killed: now Crashed", name)
    return ended


def _crash(server: LocalServer, notes: Iterable[Note]) -> list[str]:
    # Prefect reads its server's address when it is imported.
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.states import Crashed

    from flows.asked_server import speaking_to
    from flows.flow_runs import OPEN, read_flow_runs, read_task_runs, runs_in, task_runs_in

    ended: list[str] = []
    with (
        suppress(httpx.HTTPError),
        speaking_to(server),
        get_client(sync_client=True) as client,
    ):
        for note in notes:
            tag = note.about["tag"]
            crashed = Crashed(message=f"Its process ended without a word: {tag}.")
            for run in read_task_runs(client, task_runs_in(*OPEN, tags={"all_": [tag]})):
                client.set_task_run_state(run.id, crashed, force=True)
            for run in read_flow_runs(client, runs_in(*OPEN, tags={"all_": [tag]})):
                if run.deployment_id is None:
                    client.set_flow_run_state(run.id, crashed, force=True)
                    ended.append(run.name)
            note.put_away()
    return ended


def _tag(owner: Owner) -> str:
    since = datetime.fromtimestamp(owner.process.started).astimezone()
    return f"{owner.host.split()[0]}, process {owner.process.pid} of {since:%Y-%m-%d %H:%M:%S}"


def _name(server: LocalServer) -> str:
    """This machine's own server has another port each time."""
    return server.api_url if server.pid is None else "own"


def _folder() -> Path:
    return state_folder() / "commands"
