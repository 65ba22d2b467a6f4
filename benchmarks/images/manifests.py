"""What the files of a farm start: compose's services and Kubernetes' pods, as containers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.images.containers import Container

_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


def filled(value: Any, variables: Mapping[str, str]) -> Any:
    """A value of compose with its ``${NAME}``, ``${NAME:-else}`` and ``${NAME:?why}`` filled in."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _variable(found, variables), value)
    if isinstance(value, list):
        return [filled(each, variables) for each in value]
    if isinstance(value, dict):
        return {key: filled(each, variables) for key, each in value.items()}
    return value


def _variable(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, words = found.groups()
    given = variables.get(name, "")
    if not given and kind == "?":
        raise ValueError(f"{name}: {words}")
    return given or (words if kind == "-" else "")


def settings(text: str) -> dict[str, str]:
    """The variables of an environment file."""
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def of_compose(path: Path, variables: Mapping[str, str], stores: str) -> dict[str, Container]:
    """Every service that runs an image of ours; ``stores``: the text of the list of stores."""
    services = filled(yaml.safe_load(path.read_text()), variables)["services"]
    found: dict[str, Container] = {}
    for name, service in services.items():
        if "build" not in service:
            continue
        files = [service["env_file"]] if "env_file" in service else []
        environment: dict[str, str] = {}
        for file in files:
            environment |= settings((path.parent / file).read_text())
        mounts = [mount.split(":") for mount in service.get("volumes", [])]
        found[name] = Container(
            name=name,
            image=service["image"],
            command=tuple(service["command"]),
            environment=environment | service.get("environment", {}),
            volumes={m[1]: m[0] for m in mounts if "/" not in m[0]},
            files={m[1]: stores for m in mounts if "/" in m[0]},
            read_only=service.get("read_only", False),
        )
    return found


def of_kubernetes(
    folder: Path, secrets: Mapping[str, Mapping[str, str]], stores: str
) -> dict[str, Container]:
    """Every pod's container, by the name of its deployment or job.

    ``folder``: `infra`. ``secrets``: name -> keys and values. ``stores``: as above.
    """
    documents = [
        document
        for path in sorted((folder / "kubernetes").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
    ]
    maps = {
        f"{kind}-settings": settings((folder / "settings" / f"{kind}.env").read_text())
        for kind in ("server", "worker")
    }
    maps |= {d["metadata"]["name"]: d["data"] for d in documents if d["kind"] == "ConfigMap"}
    return {
        document["metadata"]["name"]: _pod(document, maps, secrets, stores)
        for document in documents
        if "template" in document.get("spec", {})
    }


def _pod(
    document: Mapping[str, Any],
    maps: Mapping[str, Mapping[str, str]],
    secrets: Mapping[str, Mapping[str, str]],
    stores: str,
) -> Container:
    spec = document["spec"]["template"]["spec"]
    (described,) = spec["containers"]
    environment: dict[str, str] = {}
    for source in described.get("envFrom", []):
        known = maps if "configMapRef" in source else secrets
        environment |= known[next(iter(source.values()))["name"]]
    kinds = {volume["name"]: volume for volume in spec.get("volumes", [])}
    mounts = {m["mountPath"]: kinds[m["name"]] for m in described.get("volumeMounts", [])}
    return Container(
        name=document["metadata"]["name"],
        image=described["image"],
        command=(*described["command"], *described.get("args", [])),
        environment=environment,
        scratch=tuple(path for path, volume in mounts.items() if "emptyDir" in volume),
        files={f"{p}/stores.yaml": stores for p, v in mounts.items() if "configMap" in v},
        read_only=described.get("securityContext", {}).get("readOnlyRootFilesystem", False),
    )
