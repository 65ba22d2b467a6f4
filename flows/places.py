"""Where the factory keeps things on this machine: run folder, server state, caches."""

from __future__ import annotations

import os
from pathlib import Path

from manifests.dataset import Dataset
from manifests.disks import naming_disks
from manifests.environment import environment, variable
from manifests.errors import StoreUnsuitable
from manifests.stores import Store, allowed_stores, open_store

DEFAULT_STORE = "default"
"""Stands for this machine's own store where a store is asked for."""

STORE_VARIABLE = variable("store")


def output_folder() -> Path:
    """Everything local runs make: ``UNREALPERSON_OUT``, else ``out`` in the current folder."""
    return environment().out.resolve()


def chosen_store(store: str | None = None) -> Store:
    """The store that is meant; its ``address`` is what other processes and hosts understand.

    ``None`` and ``"default"`` are ``UNREALPERSON_STORE``, else ``store`` in the output folder.
    Where a farm allows stores by name only, ``store`` is such a name.
    """
    if store in (None, "", DEFAULT_STORE):
        store = environment().store
    if store is None and allowed_stores() is not None:
        raise StoreUnsuitable(
            f"this farm chooses stores by name, and {STORE_VARIABLE} names no default: set it "
            "or name a store"
        )
    return open_store(output_folder() / "store" if store is None else store)


def chosen_dataset(name: str, store: str | None = None) -> Dataset:
    """The data set called ``name`` in the store that is meant."""
    return Dataset(name, chosen_store(store))


def state_folder() -> Path:
    """State that outlives runs, e.g. the local Prefect server's database."""
    return environment().state.resolve()


def work_folder(dataset: str) -> Path:
    """Scratch of builds of one data set: job files and logs; safe to delete between runs."""
    folder = output_folder() / "work" / dataset
    with naming_disks(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def models_folder(dataset: str | None = None) -> Path:
    """Where models lie: all, or those that were trained on one data set."""
    folder = output_folder() / "models"
    return folder if dataset is None else folder / dataset


def model_folder(dataset: str, content_digest: str, training_digest: str) -> Path:
    """Where the model of (data, training) lies; the same inputs share one folder."""
    return models_folder(dataset) / f"{content_digest[:12]}-{training_digest[:12]}"


def adaptation_folder(source: str, target: str, asked: str) -> Path:
    """Where a model adapted from one data set to another lies; ``asked``: digest of the request."""
    # Names of files may be as long as those of folders, and these are two.
    name = f"{Path(source).stem[:100]}-to-{Path(target).stem[:100]}"
    return models_folder(name) / asked[:24]


def reproduction_folder() -> Path:
    """Models, measured cells and tables of reproductions."""
    return output_folder() / "reproduce"


def transfer_folder() -> Path:
    """Models, measured cells and tables of comparisons of sources."""
    return output_folder() / "transfer"


def improvement_folder(dataset: str, asked: str) -> Path:
    """Rounds of an improvement of one data set; ``asked``: digest of the request."""
    return output_folder() / "improve" / f"{dataset}-{asked[:12]}"


def comparison_folder(first: str, second: str) -> Path:
    """What a comparison of the looks of two sets leaves, by their names."""
    return output_folder() / "looks" / f"{first}-with-{second}"


def match_folder(recipe: str) -> Path:
    """What matching a recipe to photographs leaves, by the recipe's name."""
    return output_folder() / "match" / recipe


def report_file(dataset: str) -> Path:
    """The report of the newest run on one data set."""
    return output_folder() / "reports" / dataset / "report.html"


def worker_count() -> int:
    """Shards rendered at a time on this machine: ``UNREALPERSON_WORKERS``, else its cores."""
    return environment().workers or os.cpu_count() or 1
