"""What people can be written as. Naming the formats loads nothing that writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manifests.registry import Registry
from manifests.whole_files import write_whole

if TYPE_CHECKING:
    from synth_workers.people.export.exporter import Exporter
    from synth_workers.people.export.model import ExportedPerson
    from synth_workers.people.spec import PersonSpec

Write = Callable[["Exporter", "PersonSpec", Path], dict[str, Any]]
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
    from synth_workers.people.export.glb import glb_bytes

    person = exporter.model(spec)
    write_whole(path, glb_bytes(person))
    return {"animations": _animations(person)}


@people_format("fbx", needs=lambda exporter: (exporter.blender, exporter.data))
def _fbx(exporter: Exporter, spec: PersonSpec, path: Path) -> dict[str, Any]:
    """Importers of FBX disagree about embedded pictures, so it also lies beside the file."""
    from synth_workers.people.export import fbx
    from synth_workers.people.export.glb import png_bytes

    person = exporter.model(spec, fbx.FRAMES_PER_SECOND)
    picture = path.with_suffix(".png")
    write_whole(picture, png_bytes(person.texture))
    fbx.write_fbx(person, exporter.blender, path)
    return {"animations": _animations(person), "texture": picture.name}


@people_format("mhm")
def _mhm(exporter: Exporter, spec: PersonSpec, path: Path) -> dict[str, Any]:
    from synth_workers.people.export.mhm import mhm_text

    write_whole(path, mhm_text(spec, exporter.data).encode())
    return {}


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
