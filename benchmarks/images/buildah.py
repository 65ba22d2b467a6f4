"""Buildah, which builds Dockerfiles without a daemon, with a storage of this command's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROGRAMS = ("buildah", "debootstrap", "unshare", "mount", "chroot", "setpriv", "ip", "git")
INSIDE = "UNREALPERSON_IMAGES_INSIDE"


def why_not() -> str:
    """What is missing for building and running images here, in words; empty if nothing is."""
    if os.geteuid() != 0:
        return "images are built and started in chroots, which needs root"
    if missing := [program for program in _PROGRAMS if shutil.which(program) is None]:
        return (
            f"images need {', '.join(missing)}; on Debian and Ubuntu: apt-get install "
            "--no-install-recommends buildah debootstrap util-linux iproute2"
        )
    return ""


def allowed() -> bool:
    """Whether images can be built here."""
    return not why_not()


@dataclass(frozen=True)
class Buildah:
    """A storage in ``folder``. ``driver``: `overlay`, or `vfs`, which copies every layer whole."""

    folder: Path
    driver: str

    def run(self, *arguments: str, log: Path | None = None) -> str:
        """What ``buildah arguments`` printed; ``RuntimeError`` with the end of it if it failed.
        ``log``: a file that is given everything as it comes."""
        command = [
            *("buildah", "--root", str(self.folder / "storage"), "--storage-driver", self.driver),
            *("--runroot", str(self.folder / "running")),
            *arguments,
        ]
        environment = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
        if log is None:
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            said, failed = done.stdout, done.stdout + done.stderr
        else:
            with log.open("w") as output:
                done = subprocess.run(command, stdout=output, stderr=output, env=environment)
            said = failed = log.read_text(errors="replace")
        if done.returncode:
            raise RuntimeError(
                f"buildah {arguments[0]} ended with {done.returncode}:\n{failed[-3000:]}"
            )
        return said

    def describe(self, image: str) -> dict[str, Any]:
        """What an image says of itself: ``config`` (Env, User, Cmd, WorkingDir), ``rootfs``,
        ``history``."""
        return json.loads(self.run("inspect", "--type", "image", f"localhost/{image}"))["OCIv1"]


def storage_driver() -> str:
    """`overlay` where this machine mounts such, else `vfs`."""
    with tempfile.TemporaryDirectory(prefix="unrealperson-overlay-") as folder:
        parts = [Path(folder, name) for name in ("lower", "upper", "work", "merged")]
        for part in parts:
            part.mkdir()
        lower, upper, work, merged = map(str, parts)
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        mounted = subprocess.run(
            ["mount", "-t", "overlay", "none", "-o", options, merged], capture_output=True
        )
        if mounted.returncode:
            return "vfs"
        subprocess.run(["umount", merged], check=True)
    return "overlay"


def while_building(folder: Path, wheels: Path | None) -> Iterable[str]:
    """Arguments that show `RUN` steps how pip gets at its index from here: the index, certificates
    and wheels of this machine, mounted, so that no layer holds them."""
    settings = {"timeout": "180", "root-user-action": "ignore"}
    for line in subprocess.run(
        ["pip", "config", "list"], capture_output=True, text=True
    ).stdout.splitlines():
        name, _, value = line.partition("=")
        key = name.split(".", 1)[-1].strip(".")
        if key in ("index-url", "trusted-host"):
            settings[key] = value.strip("'\"")
    certificates = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    if certificates.is_file():
        settings["cert"] = "/run/building/certificates.crt"
        yield from ("--volume", f"{certificates}:/run/building/certificates.crt:ro")
    if wheels:
        settings["find-links"] = "/run/building/wheels"
        yield from ("--volume", f"{wheels.resolve()}:/run/building/wheels:ro")
    written = folder / "pip.conf"
    written.write_text("[global]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()))
    yield from ("--volume", f"{written}:/etc/pip.conf:ro")
