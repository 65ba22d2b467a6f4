"""One builder and a handful of people for all tests of this room."""

from __future__ import annotations

import pytest

from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import PersonSpec


@pytest.fixture(scope="session")
def body_data() -> BodyData:
    return BodyData.load()


@pytest.fixture(scope="session")
def catalogue(body_data: BodyData) -> GarmentCatalogue:
    return GarmentCatalogue(body_data)


@pytest.fixture(scope="session")
def fitter(body_data: BodyData, catalogue: GarmentCatalogue) -> Fitter:
    return Fitter(body_data, catalogue)


@pytest.fixture(scope="session")
def builder(body_data: BodyData, catalogue: GarmentCatalogue) -> PersonBuilder:
    return PersonBuilder(body_data, catalogue)


@pytest.fixture(scope="session")
def specs() -> list[PersonSpec]:
    return sample_people(PeopleRecipe(count=40), dataset_seed=3, indices=range(12))
