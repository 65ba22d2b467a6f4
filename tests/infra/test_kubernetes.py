"""Kubernetes files: what the schemas of the API say of them, and whether they fit together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

FOLDER = Path("infra/kubernetes")
OBJECTS: list[dict[str, Any]] = [
    document
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for document in yaml.safe_load_all(path.read_text())
]
PODS = {
    each["metadata"]["name"]: each["spec"]["template"]
    for each in OBJECTS
    if each["kind"] in ("Deployment", "Job")
}
IMAGE = Path("infra/compose/Dockerfile").read_text()
_MEMORY = {"Mi": 1, "Gi": 1024}


def container(name: str) -> dict[str, Any]:
    (only,) = PODS[name]["spec"]["containers"]
    return only


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in OBJECTS if each["kind"] == kind]


def megabytes(text: str) -> int:
    return int(text[:-2]) * _MEMORY[text[-2:]]


@pytest.mark.parametrize("version", ["1.30.0", "1.33.0"])
def test_the_schemas_of_the_api_accept_every_object(version: str) -> None:
    """Strictly: a misspelt field is none that is ignored."""
    validate = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    for document in OBJECTS:
        validate.validate(document, version, strict=True)


def test_the_server_is_where_its_clients_look_for_it() -> None:
    (service,), (clients,) = of_kind("Service"), of_kind("ConfigMap")
    url = urlsplit(clients["data"]["PREFECT_API_URL"])
    (port,) = service["spec"]["ports"]
    server = PODS[service["metadata"]["name"]]
    named = {each["name"]: each["containerPort"] for each in container("prefect-server")["ports"]}

    assert (url.hostname, url.port) == (service["metadata"]["name"], port["port"])
    assert service["spec"]["selector"].items() <= server["metadata"]["labels"].items()
    assert named[port["targetPort"]] == port["port"]
    assert f"--port {port['port']}" in " ".join(container("prefect-server")["command"])
    for probe in ("readinessProbe", "livenessProbe"):
        assert container("prefect-server")[probe]["httpGet"]["port"] in named
        assert container("prefect-server")[probe]["httpGet"]["path"] == "/api/health"


@pytest.mark.parametrize("name", PODS)
def test_volumes_and_mounts_of_a_pod_belong_together(name: str) -> None:
    volumes = [volume["name"] for volume in PODS[name]["spec"].get("volumes", [])]
    mounts = {m["name"]: m["mountPath"] for m in container(name).get("volumeMounts", [])}
    (clients,) = of_kind("ConfigMap")

    assert sorted(volumes) == sorted(mounts)
    if name.startswith("worker"):
        assert clients["data"]["UNREALPERSON_STORES"] == f"{mounts['stores']}/stores.yaml"
        assert f"UNREALPERSON_OUT={mounts['scratch']}" in IMAGE


@pytest.mark.parametrize("name", PODS)
def test_a_pod_asks_for_what_it_may_have_and_is_nobody_special(name: str) -> None:
    resources, security = container(name)["resources"], PODS[name]["spec"]["securityContext"]

    assert megabytes(resources["requests"]["memory"]) <= megabytes(resources["limits"]["memory"])
    assert security["runAsNonRoot"] and f"--uid {security['runAsUser']}" in IMAGE


def test_secrets_and_settings_that_pods_read_are_made_somewhere() -> None:
    page = Path("docs/operations.md").read_text()
    made = set(re.findall(r"create secret generic (\w+)", page))
    read = [source for name in PODS for source in container(name)["envFrom"]]
    settings = yaml.safe_load(Path("infra/settings/kustomization.yaml").read_text())
    maps = {each["metadata"]["name"] for each in of_kind("ConfigMap")}
    maps |= {each["name"] for each in settings["configMapGenerator"]}

    assert {s["secretRef"]["name"] for s in read if "secretRef" in s} == made
    assert {s["configMapRef"]["name"] for s in read if "configMapRef" in s} <= maps
