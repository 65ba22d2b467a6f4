"""Caches are keyed by the files that build people, by all of them and by no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from synth_workers.people.code_version import mesh_sources, reading_sources


def test_every_file_that_builds_a_person_is_hashed() -> None:
    """Whatever of this room the builder and the cache import, at any depth."""
    assert loaded("assembly", "cache") == named(mesh_sources())


def test_every_file_that_reads_clothes_packs_is_hashed_for_what_they_hold() -> None:
    assert loaded("clothes.packs") <= named(reading_sources())
    assert {"clothes/packs.py", "../../manifests/licences.py"} <= named(reading_sources())


def named(sources: list[Path]) -> set[str]:
    return {path.as_posix() for path in sources}


def loaded(*modules: str) -> set[str]:
    """Files of this room, relative to it, that a process has loaded after importing some."""
    room = "synth_workers.people"
    program = (
        f"import sys, {', '.join(f'{room}.{name}' for name in modules)}\n"
        f"print(*[m.__file__ for name, m in sys.modules.items() if name.startswith('{room}')])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    return {
        Path(file).as_posix().rpartition("synth_workers/people/")[2] for file in printed.split()
    }
