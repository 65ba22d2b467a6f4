"""Writes the people of a recipe into a folder, one file each, and a list of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.export import fbx
from synth_workers.people.export.glb import glb_bytes, png_bytes
from synth_workers.people.export.mhm import mhm_text
from synth_workers.people.export.model import TEXTURE_SIZE, ExportedPerson, export_model
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.mesh.parts import LEVELS
from synth_workers.people.spec import PersonSpec

LIST_NAME = "people.json"
LIST_VERSION = 1
TEXTURE_SIZES = (256, 512, 1024, 2048, 4096)


class PeopleFormat(StrEnum):
    """What people can be written as."""

    glb = "glb"
    fbx = "fbx"
    mhm = "mhm"


@dataclass(frozen=True)
class ExportOptions:
    """How people are written.

    ``level``: of detail, 0 (finest) to 3; ``texture_size``: texels a side; ``root_motion``:
    walks move the root bone; ``outfit``: which of the recipe's outfits each person wears;
    ``blender``: the program that writes FBX (see ``fbx.Blender``).
    """

    format: PeopleFormat = PeopleFormat.glb
    level: int = 0
    texture_size: int = TEXTURE_SIZE
    root_motion: bool = False
    outfit: int = 0
    blender: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.level < LEVELS:
            raise BadRecipe(f"--level: 0 (finest) to {LEVELS - 1}; got {self.level}")
        if self.texture_size not in TEXTURE_SIZES:
            sizes = ", ".join(map(str, TEXTURE_SIZES))
            raise BadRecipe(f"--texture: one of {sizes}; got {self.texture_size}")


def parse_indices(text: str) -> list[int]:
    """``"0,4,10-12"`` to ``[0, 4, 10, 11, 12]``; each once, in the order given."""
    found: dict[int, None] = {}
    for word in text.split(","):
        first, dash, last = word.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise BadRecipe(f"--indices takes numbers and ranges, e.g. 0,4,10-12; got {text!r}")
        start, end = int(first), int(last) if dash else int(first)
        if end < start:
            raise BadRecipe(f"--indices: the range {word.strip()} runs backwards")
        found |= dict.fromkeys(range(start, end + 1))
    return list(found)


def export_people(
    recipe: PeopleRecipe,
    seed: int,
    indices: Sequence[int],
    folder: Path,
    options: ExportOptions,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write people and ``people.json``; returns the list's path.

    People are exactly those that a data set with this recipe and seed shows. Each file is
    complete or absent, the list is written last. Raises ``BadRecipe`` for a folder that already
    holds something and ``MissingRequirement`` without body data or, for FBX, without Blender.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadRecipe(f"--output {folder}: exists and is not empty; name a new folder")
    blender = fbx.Blender(options.blender) if options.format is PeopleFormat.fbx else None
    specs = sample_people(recipe, seed, indices, options.outfit)
    data = BodyData.load()
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[dict[str, Any]] = []
    if options.format is PeopleFormat.mhm:
        for done, spec in enumerate(specs, start=1):
            path = folder / f"{file_stem(spec)}.mhm"
            _write(path, mhm_text(spec, data).encode())
            listed.append(_entry(spec, path.name))
            if progress is not None:
                progress(done, len(specs))
    else:
        builder = PersonBuilder(data, GarmentCatalogue(data))
        for done, spec in enumerate(specs, start=1):
            listed.append(_export_mesh(spec, builder, folder, options, blender))
            if progress is not None:
                progress(done, len(specs))
    content = {"version": LIST_VERSION, "format": str(options.format), "seed": seed}
    text = json.dumps(content | {"people": listed}, indent=1)
    _write(folder / LIST_NAME, text.encode())
    return folder / LIST_NAME


def file_stem(spec: PersonSpec) -> str:
    """A name for a person's files that is a valid name of an Unreal asset, too."""
    outfit = f"_o{spec.outfit}" if spec.outfit else ""
    return f"p{spec.person_id}{outfit}".replace("-", "_")


def _export_mesh(
    spec: PersonSpec,
    builder: PersonBuilder,
    folder: Path,
    options: ExportOptions,
    blender: fbx.Blender | None,
) -> dict[str, Any]:
    person = export_model(
        spec,
        builder,
        level=options.level,
        texture_size=options.texture_size,
        root_motion=options.root_motion,
        frames_per_second=fbx.FRAMES_PER_SECOND if blender else None,
    )
    path = folder / f"{file_stem(spec)}.{options.format}"
    entry = _entry(spec, path.name) | {"animations": _animations(person)}
    if blender is None:
        _write(path, glb_bytes(person))
        return entry
    # Importers of FBX disagree about embedded pictures, so it also lies beside the file.
    picture = path.with_suffix(".png")
    _write(picture, png_bytes(person.texture))
    fbx.write_fbx(person, blender, path)
    return entry | {"texture": picture.name}


def _entry(spec: PersonSpec, name: str) -> dict[str, Any]:
    about = {"file": name, "person_id": spec.person_id, "index": spec.index, "spec": spec.digest()}
    return about | spec.attributes()


def _animations(person: ExportedPerson) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "seconds": round(float(animation.seconds[-1]), 6),
            "metres_per_cycle": round(float(animation.travel[-1]), 6),
            "own": [use for use, own in person.own.items() if own == name],
        }
        for name, animation in person.animations.items()
    ]


def _write(path: Path, content: bytes) -> None:
    scratch = path.with_name(f".{path.name}")
    scratch.write_bytes(content)
    scratch.replace(path)
