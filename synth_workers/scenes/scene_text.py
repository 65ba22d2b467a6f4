"""A scene as the text of its file, one placement, camera or light to a line."""

from __future__ import annotations

from typing import Any

import yaml

from synth_workers.scenes.scene_file import SceneFile

_WIDEST = 1_000_000


def scene_text(scene: SceneFile) -> str:
    """YAML that reads back as the same scene, of the same version."""
    told = scene.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return "".join(f"{key}:{_block(value)}" for key, value in told.items())


def renamed(scene: SceneFile, name: str) -> SceneFile:
    """The same scene called ``name``, its cameras too."""
    old = len(scene.name)

    def new(camera: str) -> str:
        return f"{name}{camera[old:]}"

    told = scene.model_dump(by_alias=True)
    told["name"] = name
    for camera in told["cameras"]:
        camera["name"] = new(camera["name"])
    told["camera_sets"] = {
        kind: tuple(new(camera) for camera in members)
        for kind, members in scene.camera_sets.items()
    }
    return SceneFile.model_validate(told)


def _block(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "\n" + "".join(f"  - {_line(each)}" for each in value)
    if isinstance(value, dict):
        return "\n" + "".join(f"  {_line({key: each})[1:-2]}\n" for key, each in value.items())
    return " " + _line(value)


def _line(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=_WIDEST)
    return text.removesuffix("...\n")
