"""All flows and deployments as plain data, for the snapshot ``definitions.json``.

``python -m tests.flows.definitions`` writes it anew after a change that was meant.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema

SNAPSHOT = Path(__file__).with_name("definitions.json")
DEFINITIONS = yaml.safe_load(Path("infra/prefect.yaml").read_text())
DEPLOYMENTS: list[dict[str, Any]] = DEFINITIONS["deployments"]


def flow_of(deployment: dict[str, Any]) -> Flow:
    """The flow that a deployment's entry point names."""
    path, name = deployment["entrypoint"].split(":")
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    return getattr(module, name)


def definitions() -> dict[str, Any]:
    """What a server is told: flows with the schema of their forms, and deployments."""
    flows = {flow.name: flow for flow in map(flow_of, DEPLOYMENTS)}
    return {
        "flows": {
            name: {
                "description": flow.description,
                "parameters": parameter_schema(flow).model_dump(mode="json"),
            }
            for name, flow in sorted(flows.items())
        },
        "deployments": {
            f"{flow_of(deployment).name}/{deployment['name']}": deployment
            for deployment in DEPLOYMENTS
        },
    }


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(definitions(), indent=1, sort_keys=True) + "\n")
