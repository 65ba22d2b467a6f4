"""FBX through Blender, an outside program that users have or have not.

Blender (and its package ``bpy``) is GPL, so it is run as a program and never imported.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path

from manifests.environment import environment, variable
from manifests.errors import MissingRequirement
from manifests.whole_files import write_whole
from synth_workers.people.export.glb import glb_bytes
from synth_workers.people.export.model import ExportedPerson

PROGRAM_VARIABLE = variable("bpy_python")
FRAMES_PER_SECOND = 180
"""Takes are sampled at this rate and last a whole number of frames."""

_HOW = (
    "FBX is written by Blender, which is not part of UnrealPerson. Either name a Blender "
    "(--blender /path/to/blender), or make an environment with its Python package and name that "
    "(python3.11 -m venv bpy && bpy/bin/pip install bpy==5.0.1, then --blender bpy/bin/python); "
    f"{PROGRAM_VARIABLE} says it once and for all. --format glb needs none of this."
)


class Blender:
    """A Blender executable, or a Python that has ``bpy``."""

    def __init__(self, program: str | None = None) -> None:
        """``program``: path; by default what ``UNREALPERSON_BPY_PYTHON`` names.

        Raises ``MissingRequirement`` when there is none or it does not run.
        """
        found = program or environment().bpy_python
        if not found:
            raise MissingRequirement(_HOW)
        self._program = found
        self.version = self._run("--check").strip().splitlines()[-1]

    def convert(self, glbs: Iterable[Path], output: Path) -> None:
        """Write one .fbx into ``output`` for each .glb."""
        self._run(str(output), *map(str, glbs))

    def _run(self, *arguments: str) -> str:
        with ExitStack() as stack:
            script = files("synth_workers.people.export") / "scripts" / "glb_to_fbx.py"
            path = str(stack.enter_context(as_file(script)))
            # A Blender executable takes scripts by an option, a Python takes them directly.
            if Path(self._program).name.lower().startswith("blender"):
                words = ["--background", "--factory-startup", "--python-exit-code", "1"]
                command = [self._program, *words, "--python", path, "--", *arguments]
            else:
                command = [self._program, path, *arguments]
            # Our own packages must not be found by the other Python.
            inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
            try:
                result = subprocess.run(
                    command, capture_output=True, text=True, check=False, env=inherited
                )
            except OSError as error:
                raise MissingRequirement(
                    f"{self._program} cannot be run ({error.strerror}). {_HOW}"
                ) from error
        if result.returncode != 0:
            lines = (result.stderr.strip() or result.stdout.strip() or "no message").splitlines()
            raise MissingRequirement(f"{self._program} failed: {lines[-1]}. {_HOW}")
        return result.stdout


def write_fbx(person: ExportedPerson, blender: Blender, path: Path) -> None:
    """Write one person; ``path`` ends in .fbx. Animations must last whole frames."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{path.stem}.glb"
        source.write_bytes(glb_bytes(person))
        blender.convert([source], Path(folder))
        write_whole(path, (Path(folder) / f"{path.stem}.fbx").read_bytes())
