"""What a run leaves in its folder, by name; apart from the runs, which import torch."""

from __future__ import annotations

from pathlib import Path

MODEL_FILE = "model.pt"
CHECKPOINT_FILE = "checkpoint.pt"
RECORD_FILE = "run.json"


def model_file(path: Path) -> Path:
    """A model's file, from it or the folder of its run."""
    return path / MODEL_FILE if path.is_dir() else path
