"""The root of a host's file system: programs of this machine, read-only, and nothing else of it.

Programs (``/usr``, Python, the project) stand in for an installed image, as ``/opt/unrealperson``;
``/etc``, ``/var`` and ``/tmp`` are the host's own.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HOME = Path("/opt/unrealperson")
"""Where the project lies on every host, as the units expect it."""

USER = "unrealperson"
_LINKS = ("bin", "sbin", "lib", "lib64", "lib32", "libx32")
_OF_ETC = (
    *("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ssl", "fonts", "localtime"),
    *("nsswitch.conf", "protocols", "services", "glvnd", "vulkan", "OpenCL", "postgresql-common"),
)
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def make_root(root: Path, name: str, number: int, addresses: dict[str, str]) -> None:
    """The folders and files of a host that do not exist yet; ``number`` makes its user's id."""
    for folder in ("dev", "proc", "tmp", "run", "etc/unrealperson", "var", "root", "usr", "opt"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for link in _LINKS:
        if Path(f"/{link}").is_symlink() and not (root / link).is_symlink():
            (root / link).symlink_to(f"usr/{link}")
    ours = f"{USER}:x:{user_id(number)}:{user_id(number)}::/var/lib/{USER}:/bin/sh\n"
    accounts = [f"root:x:0:0::/root:/bin/sh\n{ours}"]
    groups = [f"root:x:0:\n{USER}:x:{user_id(number)}:\n"]
    try:
        database = pwd.getpwnam("postgres")
        accounts.append(f"postgres:x:{database.pw_uid}:{database.pw_gid}::/var/lib:/bin/sh\n")
        groups.append(f"postgres:x:{database.pw_gid}:\n")
    except KeyError:
        pass
    written = {
        "passwd": "".join(accounts),
        "group": "".join(groups),
        "hostname": f"{name}\n",
        "machine-id": f"{number:032x}\n",
        "hosts": "127.0.0.1 localhost\n"
        + "".join(f"{address} {host}\n" for host, address in addresses.items()),
    }
    for file, text in written.items():
        (root / "etc" / file).write_text(text)


def user_id(number: int) -> int:
    """The id that the farm's user has on a host: another one on each."""
    return 61_000 + number


def install(folder: Path) -> Path:
    """A copy of the project as it is now, compiled: hosts cannot write there, and whoever works on
    the project meanwhile changes nothing under their hands."""
    left_out = shutil.ignore_patterns(".git", ".venv", "out", "*_cache", ".hypothesis", ".foreign")
    shutil.copytree(PROJECT, folder, ignore=left_out)
    (folder / ".venv").symlink_to(Path(sys.prefix).resolve())
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)
    return folder


def mount_root(
    root: Path, disk: Path, over: Iterable[tuple[str, str]] = (), installed: Path = PROJECT
) -> None:
    """Mount everything below ``root``, in this process's own namespace. ``disk``: what ``/var`` is;
    ``installed``: what of the project lies on the host.

    ``over``: pairs of a file here and what it is to hide of the project there.
    """
    _mount("--make-rprivate", "/")
    _mount("--bind", root, root)
    _show(installed, root / HOME.relative_to("/"))
    for place in (Path("/usr"), *_python_homes()):
        _show(place, root / place.relative_to("/"))
    for name in _OF_ETC:
        if Path("/etc", name).exists():
            _show(Path("/etc", name).resolve(), root / "etc" / name)
    for instead, hidden in over:
        _show(Path(instead), root / (HOME / hidden).relative_to("/"))
    _mount("--bind", disk, root / "var")
    _mount("-t", "tmpfs", "-o", "mode=755,size=1m", "none", root / "dev")
    for device in _DEVICES:
        (root / "dev" / device).touch()
        _mount("--bind", f"/dev/{device}", root / "dev" / device)
    for link, target in {"fd": "/proc/self/fd", "stdout": "fd/1", "stderr": "fd/2"}.items():
        (root / "dev" / link).symlink_to(target)
    (root / "dev" / "shm").mkdir()
    _mount("-t", "tmpfs", "-o", "mode=1777,size=512m", "none", root / "dev" / "shm")
    _mount("-t", "tmpfs", "-o", "mode=1777,size=256m", "none", root / "tmp")
    _mount("-t", "tmpfs", "-o", "mode=755,size=16m", "none", root / "run")
    _mount("-t", "proc", "proc", root / "proc")


def _python_homes() -> list[Path]:
    """Where this Python and its packages lie: programs name these places."""
    homes = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()}
    return sorted(home for home in homes if not home.is_relative_to("/usr"))


def _show(place: Path, where: Path) -> None:
    """Mount something of this machine, read-only."""
    where.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        where.mkdir(exist_ok=True)
    elif not where.exists():
        where.touch()
    _mount("--bind", place, where)
    _mount("-o", "remount,bind,ro", where)


def _mount(*words: object) -> None:
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"mount {' '.join(map(str, words))}: {done.stderr.strip()}")


def own_user(number: int) -> tuple[int, dict[str, str]]:
    """The id of the farm's user on a host, and what a login of it has in its environment."""
    home = f"/var/lib/{USER}"
    return user_id(number), {"HOME": home, "USER": USER, "LOGNAME": USER, "PATH": os.defpath}
