"""What an exported model is given and gives, and what its file says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError, model_validator

from manifests.errors import BadRecipe, CorruptData
from manifests.model import Model, Stored
from manifests.refusals import explain

VERSION = 1
"""Of the file's description; raised when an older reader would misunderstand a newer file."""
KEY = "unrealperson_model"
"""Under which the description stands in the metadata of a file."""
PICTURES, FEATURES = "pictures", "features"
"""What the input and the output are called."""
LEAST_OPSET = 18


class PicturesAs(StrEnum):
    """What the input holds.

    ``uint8`` (N, H, W, 3) sRGB, as decoders give it; ``float`` (N, 3, H, W) float32, sRGB from 0
    to 1, or normalised colours where normalisation is outside.
    """

    uint8 = "uint8"
    float = "float"


class Form(Model):
    """What is inside an exported model besides the network."""

    pictures: PicturesAs = Field(default=PicturesAs.uint8, description="What the input holds.")
    resize: bool = Field(default=False, description="Takes pictures of any one size a batch.")
    normalise: bool = Field(default=True, description="Normalises colours itself.")
    opset: int = Field(default=LEAST_OPSET, ge=LEAST_OPSET, le=23, description="Of ONNX.")

    @model_validator(mode="after")
    def _bytes_are_normalised_inside(self) -> Form:
        if self.pictures is PicturesAs.uint8 and not self.normalise:
            raise ValueError("bytes cannot be normalised: take `float` pictures with it outside")
        return self


class About(Stored):
    """What is written into an exported file.

    ``mean`` and ``std``: of the network's colours from 0 to 1; ``statistics``: where normalisation
    takes its statistics from, in words; ``run`` and ``lineage``: of the model that was exported;
    ``versions``: of what exported it; ``calibration``: pictures that 8-bit ranges come from, 0 for
    32-bit models; ``apart``: the largest difference from torch's features that was found.
    """

    version: int
    form: Form
    network: str
    height: int = Field(ge=1, le=4096)
    width: int = Field(ge=1, le=4096)
    dimension: int = Field(ge=1, le=1 << 16)
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    statistics: str
    run: str
    lineage: dict[str, Any]
    versions: dict[str, str]
    calibration: int = Field(default=0, ge=0)
    apart: float = 0.0


def asked_form(**choices: Any) -> Form:
    """A form of what a person chose; ``BadRecipe`` for what does not go together."""
    try:
        return Form(**choices)
    except ValidationError as error:
        raise BadRecipe("export: " + "; ".join(explain(Form, error))) from None


def about_of(metadata: Mapping[str, str], where: str) -> About:
    """What a file says of itself.

    ``CorruptData`` for one that is not ours, of another version, or damaged.
    """
    if KEY not in metadata:
        raise CorruptData(
            f"{where}: an ONNX file, but none that `unrealperson export-model` wrote: its metadata "
            f"has no {KEY!r}"
        )
    try:
        found = About.model_validate_json(metadata[KEY])
    except ValidationError as error:
        told = _version(metadata[KEY])
        if told not in (None, VERSION):
            raise CorruptData(_other_version(where, told)) from None
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise CorruptData(f"{where}: its description: {field}: {first['msg']}") from None
    if found.version != VERSION:
        raise CorruptData(_other_version(where, found.version))
    return found


def _other_version(where: str, version: Any) -> str:
    return (
        f"{where}: exported models of version {version}, this code reads {VERSION}; export the "
        "model again, or take the version of unrealperson that wrote it"
    )


def _version(text: str) -> Any:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told.get("version") if isinstance(told, dict) else None
