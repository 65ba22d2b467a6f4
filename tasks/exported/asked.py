"""What a model is exported with, refused early where it cannot be; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from manifests.errors import BadRecipe, NotFound
from manifests.files_of_others import is_folder
from training.exported.form import Form
from training.run_files import EXPORTED_SUFFIX


@dataclass(frozen=True)
class Asked:
    """What a model is exported with.

    Statistics of one training ``camera``, or estimated from the pictures in folder ``crops``; else
    those of all training cameras together. ``calibration``: a folder of pictures that give the
    ranges of 8-bit numbers; None: 32 bits.
    """

    form: Form
    camera: str | None = None
    crops: Path | None = None
    calibration: Path | None = None


def require_askable(output: Path, asked: Asked) -> None:
    """Refuse, before torch is loaded, what cannot be exported as asked: ``BadRecipe``,
    ``NotFound``."""
    if output.suffix != EXPORTED_SUFFIX:
        raise BadRecipe(f"--output {output}: must end in {EXPORTED_SUFFIX}")
    if asked.camera is not None and asked.crops is not None:
        raise BadRecipe("export: statistics of --camera or of --crops, one of both")
    for option, folder in (("--crops", asked.crops), ("--int8", asked.calibration)):
        if folder is not None and not is_folder(folder):
            raise NotFound(f"{option} {folder}: no such folder; it holds pictures of people")
