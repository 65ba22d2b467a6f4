"""Two people as files: one with something in hand, one without."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.export.glb import glb_bytes
from synth_workers.people.export.model import ExportedPerson, export_model
from synth_workers.people.person import BuiltPerson
from synth_workers.people.spec import PersonSpec
from synth_workers.people.worn.accessories.registry import Place, has_at
from tests.synth_workers.people.export.gltf_reader import read_gltf
from tests.synth_workers.people.export.skinned import SkinnedFile


@pytest.fixture(scope="session")
def pair(specs: list[PersonSpec]) -> tuple[PersonSpec, PersonSpec]:
    """Somebody whose hand holds a thing, somebody whose hands hold none."""

    def carries(spec: PersonSpec) -> bool:
        return has_at(spec, Place.hand)

    loaded = next(spec for spec in specs if carries(spec))
    return loaded, next(spec for spec in specs if not carries(spec))


@pytest.fixture(scope="session", params=[0, 1], ids=["carrying", "free"])
def exported(
    request: pytest.FixtureRequest,
    pair: tuple[PersonSpec, PersonSpec],
    builder: PersonBuilder,
) -> ExportedPerson:
    return export_model(pair[request.param], builder)


@pytest.fixture(scope="session")
def person(exported: ExportedPerson, builder: PersonBuilder) -> BuiltPerson:
    """The same person as the engine has it."""
    return builder.build(exported.spec)


@pytest.fixture(scope="session")
def glb(exported: ExportedPerson, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("glb") / "person.glb"
    path.write_bytes(glb_bytes(exported))
    return path


@pytest.fixture(scope="session")
def read(glb: Path) -> SkinnedFile:
    return read_gltf(glb)
