"""Caches are keyed by the files that build people, by all of them and by no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from synth_workers.people.code_version import mesh_sources


def test_every_file_that_builds_a_person_is_hashed() -> None:
    """Whatever of this room the builder and the cache import, at any depth."""
    program = (
        "import sys, synth_workers.people.assembly, synth_workers.people.cache\n"
        "room = 'synth_workers.people'\n"
        "print(*[m.__file__ for name, m in sys.modules.items() if name.startswith(room)])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    hashed = {path.as_posix() for path in mesh_sources()}
    loaded = {
        Path(file).as_posix().rpartition("synth_workers/people/")[2] for file in printed.split()
    }
    assert loaded == hashed
