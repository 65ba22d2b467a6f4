"""A run that is stopped, and what it leaves to go on from."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from training.checkpoints import Checkpoint
from training.loop import Loop


def stopped(loop: Loop[Any], checkpoints: int) -> Checkpoint:
    """What ``loop`` offers for saving when it is stopped at its so-manieth checkpoint."""
    offered: list[Checkpoint] = []

    def keep() -> None:
        remembered = copy.deepcopy(loop.remembered(complete=False))
        offered.append(Checkpoint(config=loop.config, run="", people=(), **remembered))
        if len(offered) == checkpoints:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.run(on_checkpoint=keep)
    return offered[-1]
