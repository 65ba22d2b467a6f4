"""One container without an engine: a chroot into an image, in namespaces of its own.

What is in it is what the image holds, what is mounted, and Linux' own folders; whoever runs in it
is the image's user, can become nobody else, and can write to volumes and ``/tmp`` alone.
"""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


@dataclass(frozen=True)
class Mount:
    """A folder or file of this machine, and where it is inside."""

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Container:
    """What is started, and in what. ``image``: as the files of a farm name it; ``volumes``: target
    -> name of a volume; ``files``: target -> text of a file that is mounted read-only; ``scratch``:
    folders that are empty and writable, of this container alone; ``read_only``: whether the root
    is."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    volumes: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    scratch: tuple[str, ...] = ()
    read_only: bool = True

    def instead(self, *command: str, **environment: str) -> Container:
        """The same with another command."""
        return replace(self, command=command, environment={**self.environment, **environment})


def script(
    container: Container, root: Path, config: Mapping[str, Any], mounts: list[Mount], user: str
) -> str:
    """The shell's words that make the chroot and become the container, to be run by root in mount
    and process namespaces of their own.

    ``root``: where the image is mounted. ``config``: of the image. ``user``: ``uid:gid``.
    """
    where = shlex.quote(str(root))
    lines = ["set -e", "mount --make-rprivate /", f"mount --bind {where} {where}"]
    if container.read_only:
        lines.append(f"mount -o remount,bind,ro {where}")
    lines += [
        f"mount -t proc none {where}/proc",
        f"mount -t sysfs -o ro none {where}/sys",
        f"mount -t tmpfs -o mode=1777,size=2g none {where}/tmp",
        f"mount -t tmpfs -o mode=755,size=1m none {where}/dev",
        f"mkdir {where}/dev/shm",
        f"mount -t tmpfs -o mode=1777,size=512m none {where}/dev/shm",
        f"ln -s /proc/self/fd {where}/dev/fd",
    ]
    for device in _DEVICES:
        inside = f"{where}/dev/{device}"
        lines += [f"touch {inside}", f"mount --bind /dev/{device} {inside}"]
    for mount in mounts:
        inside = shlex.quote(f"{root}{mount.target}")
        lines.append(f"mount --bind {shlex.quote(str(mount.source))} {inside}")
        if mount.read_only:
            lines.append(f"mount -o remount,bind,ro {inside}")
    variables = dict(entry.split("=", 1) for entry in config.get("Env") or [])
    words = [f"{name}={value}" for name, value in {**variables, **container.environment}.items()]
    command = container.command or tuple(config.get("Cmd") or ())
    full = [
        *("setpriv", "--no-new-privs", "chroot", "--groups=", f"--userspec={user}", str(root)),
        *("/usr/bin/env", "-i", f"--chdir={config.get('WorkingDir') or '/'}", *words),
        *(config.get("Entrypoint") or ()),
        *command,
    ]
    return "\n".join([*lines, f"exec {shlex.join(full)}"])


def numeric_user(root: Path, user: str) -> str:
    """``uid:gid`` of the user that an image names, by its own ``/etc/passwd``."""
    name, _, group = user.partition(":")
    for line in (root / "etc" / "passwd").read_text().splitlines():
        known, _, uid, gid = line.split(":")[:4]
        if name in (known, uid):
            return f"{uid}:{group or gid}"
    if name.isdigit():
        return f"{name}:{group or 0}"
    raise RuntimeError(f"the image has no user {name!r}")


@dataclass
class Started:
    """A container that runs."""

    container: Container
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self, seconds: float) -> int:
        """Its exit status; ``RuntimeError`` with the end of its log if it has none by then."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(
                f"{self.container.name} had not ended after {seconds:.0f} s:\n{self.said(3000)}"
            ) from None

    def said(self, characters: int) -> str:
        """The end of what it printed."""
        return self.log.read_text(errors="replace")[-characters:]

    def interrupt(self) -> None:
        """SIGINT to its first process, as `stop_signal` asks for."""
        for child in psutil.Process(self.process.pid).children():
            child.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it, and with it everything in it."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Engine:
    """Starts containers. ``roots``: image -> where it is mounted; ``configs``: image -> what it
    says of itself; ``folder``: for volumes and logs; ``hosts``: names of the loopback;
    ``own_network``: whether each container has a loopback of its own and nothing else."""

    roots: Mapping[str, Path]
    configs: Mapping[str, Mapping[str, Any]]
    folder: Path
    hosts: tuple[str, ...] = ()
    own_network: bool = False

    def start(self, container: Container) -> Started:
        """Start one; its log lies in ``folder``."""
        image = container.image.removesuffix(":latest")
        root, config = self.roots[image], self.configs[image]
        user = numeric_user(root, config.get("User") or "0")
        mounts = self._mounts(container, root, user)
        words = script(container, root, config, mounts, user)
        spaces = ["--mount", "--pid", "--ipc"]
        if self.own_network:
            spaces.append("--net")
            words = f"ip link set lo up\n{words}"
        log = self.folder / f"{container.name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["unshare", *spaces, "--fork", "--kill-child", "sh", "-c", words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return Started(container, process, log)

    def run(self, container: Container, seconds: float) -> str:
        """Run one to its end; what it said. ``RuntimeError`` if it failed."""
        started = self.start(container)
        status = started.wait(seconds)
        if status:
            raise RuntimeError(f"{container.name} ended with {status}:\n{started.said(6000)}")
        return started.said(1_000_000)

    def _mounts(self, container: Container, root: Path, user: str) -> list[Mount]:
        files = {**container.files, "/etc/resolv.conf": "", "/etc/hosts": self._hosts()}
        mounts: list[Mount] = []
        for target, name in container.volumes.items():
            _make_place(root, target)
            mounts.append(Mount(self._volume(name, root, target), target))
        for number, target in enumerate(container.scratch):
            _make_place(root, target)
            place = self.folder / "scratch" / f"{container.name}-{number}"
            place.mkdir(parents=True, exist_ok=True)
            # As Kubernetes does with `fsGroup`: root's, and writable for the group.
            shutil.chown(place, 0, int(user.split(":")[1]))
            place.chmod(0o2777)
            mounts.append(Mount(place, target))
        for number, (target, text) in enumerate(files.items()):
            _make_place(root, target, file=True)
            source = self.folder / "files" / f"{container.name}-{number}"
            source.parent.mkdir(exist_ok=True)
            source.write_text(text)
            mounts.append(Mount(source, target, read_only=True))
        return mounts

    def _hosts(self) -> str:
        return f"127.0.0.1 localhost {' '.join(self.hosts)}\n"

    def _volume(self, name: str, root: Path, target: str) -> Path:
        """A named volume: a new one takes over what the image has there, owner and all."""
        place = self.folder / "volumes" / name
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            subprocess.run(["cp", "-a", f"{root}{target}", str(place)], check=True)
        return place


def _make_place(root: Path, target: str, file: bool = False) -> None:
    """What something is mounted over, where the image has nothing: root's, as engines make it."""
    place = root / target.lstrip("/")
    if place.exists():
        return
    (place.parent if file else place).mkdir(parents=True, exist_ok=True)
    if file:
        place.touch()
