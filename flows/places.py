"""Where the factory keeps things on this machine: run folder, server state, caches."""

from __future__ import annotations

import os
from pathlib import Path


def output_folder() -> Path:
    """Everything local runs make: ``UNREALPERSON_OUT``, else ``out`` in the current folder."""
    return Path(os.environ.get("UNREALPERSON_OUT", "out")).resolve()


def state_folder() -> Path:
    """State that outlives runs, e.g. the local Prefect server's database.

    ``UNREALPERSON_STATE``, else the user's state folder of the XDG base directory standard.
    """
    if configured := os.environ.get("UNREALPERSON_STATE"):
        return Path(configured).resolve()
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "unrealperson"
