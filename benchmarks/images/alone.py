"""One image by itself: what its user can do in it, a data set that it builds, a model it trains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks.images.containers import Container, Engine

_PATIENCE = 2400.0
_LOOK = """
import importlib.util, json, os, sys
from pathlib import Path

def writable(folder):
    try:
        Path(folder, "tried").touch()
        Path(folder, "tried").unlink()
        return True
    except OSError:
        return False

places = ["/", "/usr/local", "/opt/unrealperson", "/etc", "/tmp", *sys.argv[1:]]
print(json.dumps({
    "uid": os.getuid(),
    "groups": os.getgroups(),
    "privileges": int(Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0], 16),
    "interfaces": sorted(os.listdir("/sys/class/net")),
    "writable": [place for place in places if writable(place)],
    "torch": importlib.util.find_spec("torch") is not None,
}))
"""
"""What somebody in a container says of themselves."""


def alone(engine: Engine, image: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What was seen in a container of an image with a read-only root, its volumes and ``/tmp``."""
    given = dict(entry.split("=", 1) for entry in config["Env"])
    cache = given["UNREALPERSON_CACHE"]
    out = given["UNREALPERSON_OUT"]
    volumes = {cache: "cache"} if out.startswith(f"{cache}/") else {cache: "cache", out: "out"}
    container = Container(
        name="look",
        image=image,
        command=(),
        environment={"PREFECT_HOME": "/tmp/prefect", "UNREALPERSON_STATE": "/tmp/state"},
        volumes=volumes,
    )
    seen = look(engine, container)
    commands: dict[str, tuple[str, ...]] = {"build": ("build", "tiny")}
    if seen["torch"]:
        commands["train"] = ("train", "tiny", "--training", "tiny")
    commands["verify"] = ("verify", "tiny")
    for name, words in commands.items():
        said = engine.run(replace(container.instead("unrealperson", *words), name=name), _PATIENCE)
        seen[name] = said.strip().splitlines()[-1]
    return {**seen, "wrong": complaint(seen, tuple(volumes))}


def look(engine: Engine, container: Container) -> dict[str, Any]:
    """Who runs in a container, and where it can write."""
    places = (*container.volumes, *container.scratch)
    asked = container.instead("python", "-c", _LOOK, *places)
    said = engine.run(replace(asked, name=f"look-{container.name}"), 300.0)
    return json.loads(said.strip().splitlines()[-1])


def complaint(seen: Mapping[str, Any], volumes: tuple[str, ...]) -> str:
    """What is wrong with it: more than volumes and ``/tmp`` can be written, it has privileges or a
    network; empty if nothing is."""
    wrong: list[str] = []
    if seen["uid"] == 0 or seen["privileges"]:
        wrong.append(f"user {seen['uid']} has privileges {seen['privileges']:x}")
    if seen["interfaces"] != ["lo"]:
        wrong.append(f"there is a network: {seen['interfaces']}")
    if set(seen["writable"]) != {"/tmp", *volumes}:
        wrong.append(f"what can be written is {seen['writable']}")
    return "; ".join(wrong)
