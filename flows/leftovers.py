"""What killed processes of this host left behind, removed before the next build begins.

Whose it is says each leftover itself (``synth_workers.processes``): nothing of a living process or
of another host is touched. Flow runs: ``flows.killed_commands``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from flows.places import output_folder
from manifests.dataset import Dataset
from synth_workers.processes.scratch import sweep_scratch
from tasks.publish.abandoned import sweep_publications


def sweep_leftovers(dataset: Dataset) -> None:
    """Remove dead publications of ``dataset``, and dead scratch of any."""
    sweep_publications(dataset)
    for folder in (Path(tempfile.gettempdir()), *(output_folder() / "work").glob("*")):
        sweep_scratch(folder)
