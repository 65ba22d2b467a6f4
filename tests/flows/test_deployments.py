"""Every deployment loads, its parameters fit its flow, and the forms say what they mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from flows.bootstrap import WORK_POOLS
from flows.reconcile import RESUMABLE
from tests.flows.definitions import DEPLOYMENTS, SNAPSHOT, definitions, flow_of


def test_definitions_are_those_of_the_snapshot() -> None:
    """Meant to change it? `python -m tests.flows.definitions` writes the snapshot anew."""
    assert definitions() == json.loads(SNAPSHOT.read_text())


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
    assert scheduled >= {"reconcile", "gc"}


def test_what_is_scheduled_or_long_is_started_again_after_a_crash() -> None:
    resumable = {d["name"] for d in DEPLOYMENTS if RESUMABLE in d["tags"]}
    maintenance = {d["name"] for d in DEPLOYMENTS if "maintenance" in d["tags"]}

    # Shards are submitted again by their build, which counts their attempts.
    assert resumable == {d["name"] for d in DEPLOYMENTS} - maintenance - {"render"}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_numbers_of_a_form_have_bounds_and_words_have_examples_or_a_pattern(
    deployment: dict[str, Any],
) -> None:
    for name, field in parameter_schema(flow_of(deployment)).properties.items():
        kinds = [field, *field.get("anyOf", [])]
        for kind in kinds:
            if kind.get("type") in ("integer", "number"):
                assert "minimum" in kind, name
            if kind.get("type") == "string" and kind.get("format") != "path":
                assert kind.keys() & {"examples", "pattern", "enum"}, name


def test_no_deployment_has_a_limit_that_locks_the_servers_database() -> None:
    assert [d["name"] for d in DEPLOYMENTS if "concurrency_limit" in d] == []
