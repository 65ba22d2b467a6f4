"""Writes the people of a recipe into a folder, one file each, and a list of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from manifests.whole_files import write_whole
from synth_workers.people.export.exporter import Exporter, ExportOptions
from synth_workers.people.export.formats import FORMATS
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import PersonSpec

LIST_NAME = "people.json"
LIST_VERSION = 1


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
