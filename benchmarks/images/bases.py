"""Bases of this machine's own making, under the names that the Dockerfiles build on.

Where no registry of images is reached, Debian's packages are: ``debootstrap`` makes the smallest
Debian of the same age, and what the real base has beside that is added.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.images.buildah import Buildah

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TIDY = "rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb"


@dataclass(frozen=True)
class StandIn:
    """What stands in for a base: a suite of Debian, its packages, a Python in ``/usr/local``, a
    user who is there already."""

    suite: str
    packages: tuple[str, ...] = ()
    python: str = ""
    user: str = ""


STAND_INS = {
    "python:3.12-slim-bookworm": StandIn(
        "bookworm",
        # What that image's Python is linked to.
        (
            *("ca-certificates", "netbase", "tzdata", "libbz2-1.0", "libffi8", "liblzma5"),
            *("libncursesw6", "libreadline8", "libsqlite3-0", "libssl3", "libuuid1", "zlib1g"),
        ),
        python="3.12",
    ),
    "ubuntu:22.04": StandIn("bookworm"),
    "ubuntu:24.04": StandIn("trixie", user="ubuntu"),
}
"""Base -> stand-in. Debian has what the Dockerfiles install by the same names: libasound2 in
bookworm as in Ubuntu 22.04, libasound2t64 in trixie as in 24.04."""


def find_python(version: str, prefix: Path | None) -> Path | None:
    """The prefix of a Python of that version on this machine that can be copied elsewhere."""
    beside = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*"))
    for found in [prefix] if prefix else [*beside, Path("/usr/local")]:
        if (found / "bin" / f"python{version}").is_file():
            return found
    return None


def make_base(buildah: Buildah, name: str, folder: Path, mirror: str, python: Path | None) -> None:
    """Make one base and import it as ``name``; what debootstrap made stays in ``folder``.

    Raises ``RuntimeError`` saying what is missing.
    """
    stand_in = STAND_INS[name]
    prefix = find_python(stand_in.python, python) if stand_in.python else None
    if stand_in.python and prefix is None:
        raise RuntimeError(
            f"{name} has Python {stand_in.python}; name one with --python PREFIX (pyenv's will do)"
        )
    root = _debian(folder, stand_in.suite, mirror)
    made = buildah.run("from", "scratch").strip()
    try:
        mounted = Path(buildah.run("mount", made).strip())
        subprocess.run(["cp", "-a", f"{root}/.", str(mounted)], check=True)
        buildah.run("config", "--env", f"PATH={_PATH}", "--cmd", "bash", made)
        if stand_in.packages:
            words = f"apt-get install -qq -y --no-install-recommends {' '.join(stand_in.packages)}"
            buildah.run("run", made, "--", "sh", "-c", f"apt-get update -qq && {words} && {_TIDY}")
        if prefix:
            _add_python(mounted, prefix, stand_in.python)
            buildah.run("run", made, "--", "sh", "-c", "ldconfig && python3 -m ensurepip")
            (mounted / "usr/local/bin/pip").symlink_to("pip3")
        if stand_in.user:
            words = ("useradd", "--uid", "1000", "--create-home", stand_in.user)
            buildah.run("run", made, "--", *words)
        buildah.run("umount", made)
        buildah.run("commit", "--quiet", made, f"localhost/{name}")
    finally:
        buildah.run("rm", made)


def _debian(folder: Path, suite: str, mirror: str) -> Path:
    """The smallest Debian of a suite, made once."""
    root, done_mark = folder / suite, folder / f"{suite}.done"
    if not done_mark.exists():
        shutil.rmtree(root, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        command = ["debootstrap", "--variant=minbase", suite, str(root), mirror]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-2000:]}")
        done_mark.touch()
    for part in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / part)
        (root / part / "partial").mkdir(parents=True)
    # It copies those of this machine.
    for name in ("resolv.conf", "hostname"):
        (root / "etc" / name).write_text("")
    return root


def _add_python(root: Path, prefix: Path, version: str) -> None:
    """Python itself and pip: nothing that somebody here has installed beside them."""
    left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__", "*.a")
    place = root / "usr" / "local"
    shutil.copytree(
        prefix / "lib" / f"python{version}",
        place / "lib" / f"python{version}",
        ignore=left_out,
        symlinks=True,
    )
    for library in (prefix / "lib").glob("libpython*.so*"):
        shutil.copy2(library, place / "lib", follow_symlinks=False)
    shutil.copytree(prefix / "include", place / "include", dirs_exist_ok=True)
    shutil.copy2(prefix / "bin" / f"python{version}", place / "bin")
    for name in ("python", "python3"):
        (place / "bin" / name).symlink_to(f"python{version}")
    (place / "lib" / f"python{version}" / "site-packages").mkdir()
