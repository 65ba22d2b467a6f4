"""Helping processes: how many there are, and what becomes of a training whose helper ends."""

from __future__ import annotations

import os

import pytest
import torch
from torch import distributed

from manifests.errors import TrainingFailed
from training.config import BatchSettings, load_training
from training.helpers import Work, helped, processes_for, shared_out
from training.workers import Workers


def adds_its_rank(workers: Workers) -> None:
    workers.mean(torch.tensor([float(workers.rank)]))


def ends(workers: Workers) -> None:
    os._exit(3)


def ends_late(workers: Workers) -> None:
    workers.mean(torch.zeros(1))
    os._exit(3)


@pytest.mark.parametrize(
    ("cameras", "cores", "processes"), [(6, 1, 1), (6, 2, 2), (6, 4, 3), (5, 4, 1), (34, 8, 6)]
)
def test_cameras_are_shared_out_evenly(cameras: int, cores: int, processes: int) -> None:
    assert shared_out(BatchSettings(cameras=6), cameras, cores) == processes


def test_what_is_asked_for_is_done() -> None:
    assert processes_for(load_training("tiny", {"processes": 3}), cameras=6) == 3
    assert processes_for(load_training("transfer-small", {"processes": 0}), cameras=6) == 1


def test_all_work_together() -> None:
    with helped(2, adds_its_rank) as workers:
        assert workers.mean(torch.tensor([0.0])).item() == 0.5
    assert not distributed.is_initialized()


@pytest.mark.parametrize("work", [ends, ends_late])
def test_a_helper_that_ends_is_spoken_of(work: Work) -> None:
    def together() -> None:
        with helped(2, work) as workers:
            workers.mean(torch.zeros(1))

    with pytest.raises(TrainingFailed, match=r"ended with \[3\]"):
        together()
    assert not distributed.is_initialized()
