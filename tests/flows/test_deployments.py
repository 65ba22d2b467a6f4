"""Every deployment loads, its parameters fit its flow, and the forms say what they mean."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from infra.bootstrap import WORK_POOLS

DEFINITIONS = yaml.safe_load(Path("infra/prefect.yaml").read_text())
DEPLOYMENTS: list[dict[str, Any]] = DEFINITIONS["deployments"]


def flow_of(deployment: dict[str, Any]) -> Flow:
    path, name = deployment["entrypoint"].split(":")
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    return getattr(module, name)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_a_deployment_fits_its_flow(deployment: dict[str, Any]) -> None:
    flow = flow_of(deployment)
    schema = parameter_schema(flow)
    given = deployment.get("parameters", {})
    required = set(schema.required)

    assert isinstance(flow, Flow)
    assert deployment["description"]
    assert deployment["tags"]
    assert deployment["work_pool"]["name"] in WORK_POOLS
    assert set(given) <= set(schema.properties)
    if not required:
        flow.validate_parameters(given)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_every_field_of_a_form_is_described(deployment: dict[str, Any]) -> None:
    for name, field in parameter_schema(flow_of(deployment)).properties.items():
        assert field.get("description"), name


def test_names_are_distinct() -> None:
    names = [(d["entrypoint"].split(":")[1], d["name"]) for d in DEPLOYMENTS]

    assert len(set(names)) == len(names)


def test_variants_are_a_choice_in_the_form() -> None:
    build = next(d for d in DEPLOYMENTS if d["name"] == "build")
    schema = parameter_schema(flow_of(build)).model_dump()

    assert set(schema["definitions"]["Variant"]["enum"]) == {
        "night",
        "indoor",
        "indoor-only",
        "black-clothing",
    }


def test_schedules_cover_the_night_and_every_corner_case() -> None:
    scheduled = {d["name"] for d in DEPLOYMENTS if d.get("schedules")}

    assert scheduled >= {"nightly", "weekly-night", "weekly-indoor", "weekly-black-clothing"}
