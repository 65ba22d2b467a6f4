"""Manifests of levels for tests: a shipped scene as if a studio had built it in Unreal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synth_workers.scenes.library import load_scene


def manifest_of(scene: str, name: str, **changes: Any) -> dict[str, Any]:
    """The manifest of a level that looks like a shipped scene, called ``name``."""
    shown = load_scene(scene)
    cameras = [shown.camera(camera) for camera in shown.camera_sets["demo"]]
    nodes = {f"n{i}": [round(float(v), 2) for v in node] for i, node in enumerate(shown.walk.nodes)}
    edges = [
        {"from": f"n{a}", "to": f"n{b}", "width": float(width)}
        for (a, b), width in zip(shown.walk.edges, shown.walk.widths)
    ]
    return {
        "name": name,
        "map": f"{name.title()}Map",
        "indoor": shown.indoor,
        "cameras": [
            {
                "name": f"{name}_c{number:02d}",
                "location": list(camera.location),
                "rotation": list(camera.rotation),
                "fov": camera.fov,
            }
            for number, camera in enumerate(cameras, 1)
        ],
        "walk": {"nodes": nodes, "edges": edges},
        "lights": list(shown.lights),
        "obstacles": [list(obstacle.box) for obstacle in shown.obstacles],
        "blocked": [f"{scene}_scenery_*"],
        **changes,
    }


def write_manifest(folder: Path, manifest: dict[str, Any]) -> Path:
    """Put a manifest where a scene of its name is looked for."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{manifest['name']}.json"
    path.write_text(json.dumps(manifest))
    return path
