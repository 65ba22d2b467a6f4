"""The units of `infra/systemd` as ``systemd-analyze verify`` sees them on a host that is set up."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.images.files import PROJECT

_UNITS = PROJECT / "infra" / "systemd"
_INSTANCES = ("render-8", "cpu-10", "gpu-1")


def installed() -> bool:
    """Whether this machine has the programs."""
    return shutil.which("systemd-analyze") is not None


def verify_units() -> dict[str, str]:
    """Unit -> what is said against it, empty where nothing is.

    The user, folders and files are made by `systemd-sysusers` and `systemd-tmpfiles` from our own
    files, below a root of its own in which the programs of the units lie; ``verify`` looks there.
    """
    with tempfile.TemporaryDirectory(prefix="unrealperson-units-") as made:
        root = Path(made)
        for kind in ("sysusers", "tmpfiles"):
            where = root / "etc" / f"{kind}.d" / "unrealperson.conf"
            where.parent.mkdir(parents=True)
            shutil.copy(_UNITS / f"unrealperson.{kind}", where)
            create = ["--create"] if kind == "tmpfiles" else []
            command = [f"systemd-{kind}", *create, f"--root={root}"]
            subprocess.run(command, check=True, capture_output=True)
        for name in ("bin/prefect", "bin/python"):
            program = root / "opt" / "unrealperson" / ".venv" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
        shutil.copytree(PROJECT / "infra", root / "opt" / "unrealperson" / "infra")
        (root / "etc" / "unrealperson" / "worker.env").touch()
        places = root / "etc" / "systemd" / "system"
        places.mkdir(parents=True)
        library = root / "usr" / "lib" / "systemd"
        library.mkdir(parents=True)
        shutil.copytree("/usr/lib/systemd/system", library / "system", symlinks=True)
        found: dict[str, str] = {}
        for unit in sorted(_UNITS.glob("*.service")):
            shutil.copy(unit, places)
            at = unit.name.split("@.")
            names = [f"{at[0]}@{i}.{at[1]}" for i in _INSTANCES] if len(at) == 2 else [unit.name]
            for name in names:
                found[name] = _verified(root, name)
    return found


def _verified(root: Path, name: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", f"--root={root}", name],
        capture_output=True,
        text=True,
    )
    about = [line for line in done.stderr.splitlines() if "unrealperson" in line]
    return "\n".join(about or ([done.stderr] if done.returncode else []))
