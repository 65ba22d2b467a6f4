"""What a run leaves in its folder, by name; apart from the runs, which import torch."""

from __future__ import annotations

from pathlib import Path

MODEL_FILE = "model.pt"
SAFE_MODEL_FILE = "model.safetensors"
"""Of a model that was published as a folder (``training.safe_files``)."""
MODEL_FILES = (MODEL_FILE, SAFE_MODEL_FILE)
EXPORTED_SUFFIX = ".onnx"
"""Of the file that a model was exported as."""
CHECKPOINT_FILE = "checkpoint.pt"
RECORD_FILE = "run.json"
LOSS_FILE = "loss.csv"


def model_file(path: Path) -> Path:
    """A model's file, from it, the folder of its run or one that it was published as."""
    if not path.is_dir():
        return path
    there = (path / name for name in MODEL_FILES if (path / name).is_file())
    return next(there, path / MODEL_FILE)
