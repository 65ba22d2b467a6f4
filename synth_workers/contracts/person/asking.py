"""What engines are asked for: modes and commands of pictures, labels and channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manifests.channels import Channel
from synth_workers.planning.coverage import Pose
from synth_workers.scenes.description import Camera
from synth_workers.worker.replies import number, numbers

TRUTH: dict[Channel, tuple[str, str]] = {
    "depth": ("depth", "npy"),
    "normals": ("normal", "png"),
    "semantics": ("semantics", "png"),
    "instances": ("instances", "npy"),
    "flow": ("optical_flow", "npy"),
}
"""Mode and format by which an engine is asked for a channel of every camera."""

OF_WORLD: tuple[Channel, ...] = ("boxes3d", "joints3d")
SOLIDS = "vget /people"
"""What is the same for all cameras, and how an engine is asked for it."""

FIRST = ("depth",)
"""Modes that are read of what was drawn last, before anything else is drawn."""


@dataclass(frozen=True)
class PlacedCamera:
    """A camera of the scene and the engine's id and actor name for it."""

    camera: Camera
    number: int
    actor: str


def capture_commands(camera: int, modes: Sequence[tuple[str, str]]) -> list[str]:
    """Each of ``modes`` (with their formats) of one camera, by a command of its own."""
    return [f"vget /camera/{camera}/{mode} {form}".rstrip() for mode, form in modes]


def moment_commands(
    cameras: Sequence[PlacedCamera], modes: Sequence[tuple[str, str]], together: int
) -> list[str]:
    """All ``modes`` of ``together`` cameras by each command."""
    wanted = ",".join(f"{mode}.{form or 'json'}" for mode, form in modes)
    return [
        f"vget /moment {','.join(str(camera.number) for camera in some)} {wanted}"
        for some in (cameras[i : i + together] for i in range(0, len(cameras), together))
    ]


def next_commands(
    names: Sequence[str], poses: Sequence[Pose], following: Sequence[Pose]
) -> list[str]:
    """Commands that say where those of ``names`` who are there will be at the next tick."""
    commands: list[str] = []
    for name, pose, then in zip(names, poses, following):
        if pose.present and then.present:
            place = numbers(*then.position, then.yaw)
            commands.append(f"vbp {name} set_next {place} {then.animation} {number(then.phase)}")
        elif pose.present:
            commands.append(f"vbp {name} set_gone")
    return commands
