"""One run in one folder: found finished, gone on with, or begun; its checkpoints and its record.

What is learnt comes from outside: nothing here knows a training from an adaptation.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from manifests.disks import naming_disks
from manifests.errors import CorruptData, NotFound, TrainingFailed
from manifests.identity import digest
from training.artifacts import write_json
from training.checkpoints import Checkpoint, fitting, load_checkpoint, restore, save_checkpoint
from training.config import TrainingConfig
from training.data.fingerprints import united
from training.logs.chosen import chosen_logs
from training.logs.run_log import LoggedRun
from training.logs.telling import telling
from training.loop import Loop, ProgressT
from training.loss_table import write_losses
from training.models.person_net import PersonNet, build_network, rehearsed_network
from training.run_files import CHECKPOINT_FILE, LOSS_FILE, MODEL_FILE, RECORD_FILE
from training.workers import Workers

_log = logging.getLogger(__name__)


class Run:
    """What makes the model of ``folder``.

    ``config`` is what the model carries. ``asked`` (which settings) and ``lineage`` (which data,
    which ``initial`` model to start from) identify the run: what another one left in the folder
    is replaced, and so is everything unless it may ``resume``. Raises ``NotFound`` or
    ``CorruptData`` for an ``initial`` that is no saved model.
    """

    def __init__(
        self,
        folder: Path,
        config: TrainingConfig,
        asked: dict[str, Any],
        lineage: dict[str, Any],
        initial: Path | None,
        resume: bool,
        workers: Workers | None,
    ) -> None:
        self._began = _clocks()
        self._openings = chosen_logs()
        with naming_disks(folder):
            folder.mkdir(parents=True, exist_ok=True)
        _remove_empty(folder)  # it could be made; a run that is refused leaves none
        self.folder, self.config, self.resume = folder, config, resume
        self.workers = workers or Workers()
        self.initial = None if initial is None else load_checkpoint(initial)
        of_initial = {} if self.initial is None else {"initial": self.initial.run}
        self.lineage = {**lineage, **of_initial}
        self.digest = digest({**asked, "lineage": self.lineage})

    @property
    def model(self) -> Path:
        """Where the finished model is."""
        return self.folder / MODEL_FILE

    def finished(self) -> Checkpoint | None:
        """The model, if this very run made it before and may be resumed."""
        return self._own(MODEL_FILE)

    def started(self) -> Checkpoint | None:
        """What to go on from, if this very run was interrupted and may be resumed."""
        return self._own(CHECKPOINT_FILE)

    def rehearse(self, anew: tuple[str, ...]) -> None:
        """Refuse what ``network`` would refuse, while no crop is decoded yet.

        Raises ``BadRecipe``, ``NotFound`` or ``CorruptData`` for a network that cannot be had or
        does not take pictures of this size, first weights and an initial model that do not fit.
        """
        network = rehearsed_network(self.config.model)
        if self.initial is not None:
            fitting(network, self.initial, anew)

    def network(self, people: int, anew: tuple[str, ...]) -> PersonNet:
        """The network for so many people as the run begins.

        ``anew``: what is not taken over from an initial model; see ``restore``. Raises
        ``BadRecipe`` for an initial model of another architecture.
        """
        if self.config.threads is not None:
            torch.set_num_threads(self.config.threads)
        network = build_network(self.config.model, people, self.config.seed)
        if self.initial is not None:
            restore(network, self.initial, anew)
        return network

    def carry_out(
        self,
        loop: Loop[ProgressT],
        people: tuple[str, ...],
        pictures: Sequence[np.ndarray],
        on_progress: Callable[[ProgressT], None] | None,
        record: Callable[[], dict[str, Any]],
    ) -> tuple[float, float]:
        """Learn to the end; the model, checkpoints and run record go to the folder.

        ``people``: the classifier's; ``pictures``: fingerprints (N,) of what is learnt from;
        ``record``: what ``run.json`` says beside what all runs say.
        Returns wall-clock and CPU seconds.
        """

        before = None if self.initial is None else self.initial.fingerprints
        seen = united(*pictures, *([] if before is None else [before.numpy()]))

        def save(name: str, complete: bool) -> None:
            checkpoint = Checkpoint(
                config=self.config,
                run=self.digest,
                people=people,
                lineage=self.lineage,
                fingerprints=torch.from_numpy(seen) if complete else None,
                **loop.remembered(complete),
            )
            save_checkpoint(self.folder / name, checkpoint)
            optimiser = self.config.optimiser
            write_losses(self.folder / LOSS_FILE, loop.losses, loop.parts, loop.budget, optimiser)

        if not self.workers.leads:
            loop.run()
            return self._spent()
        with telling(self._openings, self._logged(loop.iteration), loop, on_progress) as told:
            try:
                loop.run(told.progress, lambda: save(CHECKPOINT_FILE, complete=False))
            except TrainingFailed:
                # It would end there again.
                (self.folder / CHECKPOINT_FILE).unlink(missing_ok=True)
                (self.folder / LOSS_FILE).unlink(missing_ok=True)
                _remove_empty(self.folder)
                raise
            seconds, cpu_seconds = self._spent()
            common: dict[str, Any] = {
                "lineage": self.lineage,
                "arithmetic": loop.arithmetic.describe(),
                "processes": self.workers.size,
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "torch": torch.__version__,
                "torchvision": version("torchvision"),
            }
            write_json(self.folder / RECORD_FILE, record() | common)
            save(MODEL_FILE, complete=True)
            (self.folder / CHECKPOINT_FILE).unlink(missing_ok=True)
            told.ended()
        return seconds, cpu_seconds

    def _logged(self, iteration: int) -> LoggedRun:
        settings = self.config.model_dump(mode="json")
        parts = [self.lineage.get(part, {}) for part in ("source", "target")]
        data = " to ".join(part["dataset"] for part in parts if part) or self.lineage["dataset"]
        name = f"{self.config.name} on {data}"
        return LoggedRun(self.folder, name, settings, self.lineage, self.digest, iteration)

    def _spent(self) -> tuple[float, float]:
        """By the clock, and of all processes together, which all ask."""
        now = _clocks()
        cpu = torch.tensor([now[1] - self._began[1]], device=self.workers.device())
        return now[0] - self._began[0], self.workers.mean(cpu).item() * self.workers.size

    def _own(self, name: str) -> Checkpoint | None:
        """A stored checkpoint, if it belongs to this run."""
        if not self.resume:
            return None
        try:
            checkpoint = load_checkpoint(self.folder / name)
        except NotFound:
            return None
        except CorruptData as error:
            _log.warning("%s; this run starts from the beginning", error)
            return None
        return checkpoint if checkpoint.run == self.digest else None


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
