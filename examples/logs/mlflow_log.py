"""Trainings in MLflow: ``unrealperson train demo --logs examples/logs/mlflow_log.py:MlflowLog``.

Runs go where ``MLFLOW_TRACKING_URI`` says. Weights & Biases is hung in the same way: ``wandb.init``
in place of ``start_run``, ``run.log(values, step=iteration)`` in place of ``log_metrics``.
"""

from __future__ import annotations

from collections.abc import Mapping

import mlflow  # pyright: ignore[reportMissingImports]

import unrealperson as up


class MlflowLog(up.RunLog):
    """Settings as parameters, what is told as metrics, the table of the loss as a file."""

    def __init__(self, run: up.LoggedRun) -> None:
        self._folder = run.folder
        mlflow.start_run(run_name=run.name, tags={"unrealperson.run": run.digest})
        mlflow.log_params(run.flat_settings())

    def scalars(self, iteration: int, values: Mapping[str, float]) -> None:
        mlflow.log_metrics(dict(values), step=iteration)

    def close(self, finished: bool) -> None:
        if finished:
            mlflow.log_artifact(str(self._folder / "loss.csv"))
        mlflow.end_run("FINISHED" if finished else "KILLED")
