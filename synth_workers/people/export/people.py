"""Writes the people of a recipe into a folder, one file each, and a list of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from manifests.registry import Registry
from manifests.whole_files import write_whole
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


@dataclass(frozen=True)
class ExportOptions:
    """How people are written.

    ``level``: of detail, 0 (finest) to 3; ``texture_size``: texels a side; ``root_motion``:
    walks move the root bone; ``outfit``: which of the recipe's outfits each person wears;
    ``blender``: the program that writes FBX (see ``fbx.Blender``).
    """

    format: str = "glb"
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


class Exporter:
    """What the people of one export are made with; each thing when it is first asked for."""

    def __init__(self, options: ExportOptions) -> None:
        self.options = options

    @cached_property
    def data(self) -> BodyData:
        """The bodies; ``MissingRequirement`` where there are none."""
        return BodyData.load()

    @cached_property
    def builder(self) -> PersonBuilder:
        """Builds people."""
        return PersonBuilder(self.data, GarmentCatalogue(self.data))

    @cached_property
    def blender(self) -> fbx.Blender:
        """The program that writes FBX; ``MissingRequirement`` where there is none."""
        return fbx.Blender(self.options.blender)

    def model(self, spec: PersonSpec, frames_per_second: int | None = None) -> ExportedPerson:
        """A person, rigged, textured and animated as the options say."""
        return export_model(
            spec,
            self.builder,
            level=self.options.level,
            texture_size=self.options.texture_size,
            root_motion=self.options.root_motion,
            frames_per_second=frames_per_second,
        )


Write = Callable[[Exporter, PersonSpec, Path], dict[str, Any]]
"""Writes a person's file and gives what the list says of it."""


@dataclass(frozen=True)
class PeopleFormat:
    """What people can be written as; its name ends the files'. ``needs`` refuses early."""

    name: str
    write: Write
    needs: Callable[[Exporter], object]


FORMATS: Registry[PeopleFormat] = Registry("format of people")


def people_format(
    name: str, needs: Callable[[Exporter], object] = lambda exporter: exporter.data
) -> Callable[[Write], Write]:
    """Registers a function that writes people."""

    def register(write: Write) -> Write:
        FORMATS.add(PeopleFormat(name, write, needs))
        return write

    return register


@people_format("glb")
def _glb(exporter: Exporter, spec: PersonSpec, path: Path) -> dict[str, Any]:
    person = exporter.model(spec)
    write_whole(path, glb_bytes(person))
    return {"animations": _animations(person)}


@people_format("fbx", needs=lambda exporter: (exporter.blender, exporter.data))
def _fbx(exporter: Exporter, spec: PersonSpec, path: Path) -> dict[str, Any]:
    """Importers of FBX disagree about embedded pictures, so it also lies beside the file."""
    person = exporter.model(spec, fbx.FRAMES_PER_SECOND)
    picture = path.with_suffix(".png")
    write_whole(picture, png_bytes(person.texture))
    fbx.write_fbx(person, exporter.blender, path)
    return {"animations": _animations(person), "texture": picture.name}


@people_format("mhm")
def _mhm(exporter: Exporter, spec: PersonSpec, path: Path) -> dict[str, Any]:
    write_whole(path, mhm_text(spec, exporter.data).encode())
    return {}


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
    form, exporter = FORMATS.find(options.format), Exporter(options)
    form.needs(exporter)
    specs = sample_people(recipe, seed, indices, options.outfit)
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[dict[str, Any]] = []
    for done, spec in enumerate(specs, start=1):
        path = folder / f"{file_stem(spec)}.{form.name}"
        listed.append(_entry(spec, path.name) | form.write(exporter, spec, path))
        if progress is not None:
            progress(done, len(specs))
    content = {"version": LIST_VERSION, "format": form.name, "seed": seed}
    text = json.dumps(content | {"people": listed}, indent=1)
    write_whole(folder / LIST_NAME, text.encode())
    return folder / LIST_NAME


def file_stem(spec: PersonSpec) -> str:
    """A name for a person's files that is a valid name of an Unreal asset, too."""
    outfit = f"_o{spec.outfit}" if spec.outfit else ""
    return f"p{spec.person_id}{outfit}".replace("-", "_")


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
