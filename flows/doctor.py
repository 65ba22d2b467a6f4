"""What this machine has and lacks: the checks behind ``unrealperson doctor``.

Each check is independent, takes well under a second (the renderer's: about one) and never
raises; ``require_ready`` turns the failed ones into one error before any work starts.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from manifests.errors import FactoryError, MissingRequirement

_GL_PROBE = (
    "import moderngl; context = moderngl.create_context(standalone=True, backend='egl'); "
    "print(context.info['GL_RENDERER'], '/ OpenGL', context.info['GL_VERSION'])"
)
_MIN_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Check:
    """One finding: whether ``what`` is in order, what was seen, and how to get it if not.

    ``for_training``: hosts that only render do without it.
    """

    what: str
    ok: bool
    found: str
    remedy: str = ""
    for_training: bool = False


def check_python() -> Check:
    """Python is new enough."""
    found, remedy = platform.python_version(), "make PYTHON=python3.11 setup"
    return Check("Python 3.11 or newer", sys.version_info >= (3, 11), found, remedy)


def check_packages() -> Check:
    """What renders and publishes is importable (found, not imported)."""
    wanted = ("prefect", "pyarrow", "cv2", "unrealcv", "moderngl", "scipy")
    return Check("Python packages", *_importable(wanted, "worker"))


def check_training() -> Check:
    """What trains and measures is importable."""
    found = _importable(("torch", "torchvision", "matplotlib"), "training")
    return Check("Python packages of training", *found, for_training=True)


def _importable(wanted: Sequence[str], extra: str) -> tuple[bool, str, str]:
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    found = f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} found"
    return not missing, found, f'pip install -c constraints.txt -e ".[{extra}]"'


def check_renderer() -> Check:
    """A headless OpenGL context comes up; run in a child, since broken drivers crash."""
    remedy = "sudo apt-get install --no-install-recommends libegl1 libgl1 libgl1-mesa-dri"
    check = partial(Check, "OpenGL for the embedded engine", remedy=remedy)
    try:
        probe = subprocess.run(
            [sys.executable, "-c", _GL_PROBE], capture_output=True, text=True, timeout=60
        )
    except subprocess.TimeoutExpired:
        return check(ok=False, found="no answer within 60 s")
    if probe.returncode == 0:
        return check(ok=True, found=probe.stdout.strip())
    lines = probe.stderr.strip().splitlines() or [f"ended with code {probe.returncode}"]
    return check(ok=False, found=lines[-1])


def check_people_data() -> Check:
    """MakeHuman's body data is installed in the user's cache."""
    from synth_workers.people.body.assets import assets_installed, assets_path

    installed = assets_installed()
    found = str(assets_path()) if installed else "not installed"
    return Check("People data (MakeHuman, CC0)", installed, found, "unrealperson assets install")


def check_disk() -> Check:
    """Enough room for a demo."""
    free = shutil.disk_usage(os.curdir).free
    remedy = "free at least 2 GiB in this folder's file system"
    return Check("Free disk", free >= _MIN_FREE_BYTES, f"{free / 1024**3:.1f} GiB", remedy)


ALL_CHECKS = (
    *(check_python, check_packages, check_renderer, check_people_data, check_disk),
    check_training,
)


def run_checks() -> list[Check]:
    """Every check, in order; one that fails to run at all counts as failed."""
    findings = []
    for check in ALL_CHECKS:
        try:
            findings.append(check())
        except FactoryError as error:
            findings.append(Check(check.__name__.removeprefix("check_"), False, str(error)))
    return findings


def require_ready(training: bool = False) -> None:
    """Refuse to start work on a machine that cannot finish it: ``MissingRequirement`` names
    everything that is missing and how to get it. ``training``: whether that is part of it."""
    failed = [c for c in run_checks() if not c.ok and (training or not c.for_training)]
    if failed:
        lines = [f"{check.what}: {check.found}. To get it: {check.remedy}" for check in failed]
        raise MissingRequirement("This machine is not ready.\n  " + "\n  ".join(lines))
