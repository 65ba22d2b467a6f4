"""How people are written, and what all writers of them share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from manifests.errors import BadRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.export import fbx
from synth_workers.people.export.model import TEXTURE_SIZE, ExportedPerson, export_model
from synth_workers.people.mesh.parts import LEVELS
from synth_workers.people.spec import PersonSpec

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
