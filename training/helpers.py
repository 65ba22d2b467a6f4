"""Helping processes on this machine: a training uses several cores without threads that wait.

Threads share out every product and meet after each, and on busy cores they spend more time waiting
than computing; processes that own cameras (``training.workers``) meet once a step. This process
stays the first of them, so that whoever called it sees its progress; it starts the others, and they
end with it. Only where there is no accelerator.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch
from torch import distributed
from torch.distributed import TCPStore  # pyright: ignore[reportPrivateImportUsage]

from manifests.errors import TrainingFailed
from training.config import BatchSettings, SamplerKind, TrainingConfig
from training.workers import Workers

Work = Callable[[Workers], object]
"""What a helper does; it is pickled."""

_JOIN = timedelta(minutes=5)
_LEAVING_SECONDS = 10.0
_SET_PDEATHSIG = 1
_LOOPBACK = "lo"


def processes_for(config: TrainingConfig, cameras: int) -> int:
    """How many processes train: one where there is an accelerator; else as ``config.processes``
    asks, or, if it is 0, as many as there are cores for this process and share out evenly the
    cameras of a batch; ``cameras``: the data's."""
    if torch.cuda.is_available():
        return 1
    if config.processes:
        return config.processes
    if config.batch.sampler is not SamplerKind.camera_balanced:
        return 1
    return shared_out(config.batch, cameras, len(os.sched_getaffinity(0)))


def shared_out(batch: BatchSettings, cameras: int, most: int) -> int:
    """The largest number up to ``most`` of processes with equally many cameras of a batch."""
    usable = min(batch.cameras, cameras)
    return max(size for size in range(1, max(1, min(most, usable)) + 1) if usable % size == 0)


@contextmanager
def helped(size: int, work: Work) -> Generator[Workers]:
    """This process as the first of ``size``; the others do ``work`` meanwhile.

    Raises ``TrainingFailed`` when a helper does not come or has not ended well.
    """
    if size == 1:
        yield Workers()
        return
    if Path(f"/sys/class/net/{_LOOPBACK}").exists():  # a host's name may be of any network
        os.environ.setdefault("GLOO_SOCKET_IFNAME", _LOOPBACK)
    meeting = TCPStore("127.0.0.1", 0, size, True, _JOIN, wait_for_workers=False)
    spawn = multiprocessing.get_context("spawn")
    helpers: list[BaseProcess] = [
        spawn.Process(target=_help, args=(rank, size, meeting.port, work), daemon=True)
        for rank in range(1, size)
    ]
    try:
        for helper in helpers:
            helper.start()
        try:
            distributed.init_process_group(
                "gloo", store=meeting, rank=0, world_size=size, timeout=_JOIN
            )
        except RuntimeError as error:
            raise _failed(helpers) from error
        try:
            yield Workers(0, size)
        except RuntimeError as error:
            # What a meeting without one of them says names sockets.
            if any(_ended(helpers)):
                raise _failed(helpers) from error
            raise
        finally:
            distributed.destroy_process_group()
        for helper in helpers:
            helper.join()
        if any(helper.exitcode for helper in helpers):
            raise _failed(helpers)
    finally:
        for helper in helpers:
            if helper.pid is not None:
                helper.kill()
                helper.join()


def _ended(helpers: list[BaseProcess]) -> list[int | None]:
    """Exit codes, of those too who are about to end: sockets and pipes are closed before they have,
    and on a busy machine a while before."""
    leaving = connection.wait([helper.sentinel for helper in helpers], _LEAVING_SECONDS)
    for helper in helpers:
        if helper.sentinel in leaving:
            helper.join()
    return [helper.exitcode for helper in helpers]


def _failed(helpers: list[BaseProcess]) -> TrainingFailed:
    codes = _ended(helpers)
    return TrainingFailed(
        f"processes that help training ended with {codes} (None: did not come in time); what they "
        "said is above; run it again to go on, or set processes to 1"
    )


def _help(rank: int, size: int, port: int, work: Work) -> None:
    """A helper, from its start to its end."""
    if sys.platform == "linux":  # nobody is left when the first one is killed
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first one is told, and ends us
    meeting = TCPStore("127.0.0.1", port, size, False, _JOIN)
    distributed.init_process_group("gloo", store=meeting, rank=rank, world_size=size, timeout=_JOIN)
    try:
        work(Workers(rank, size))
    finally:
        distributed.destroy_process_group()
