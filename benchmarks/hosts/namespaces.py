"""Namespaces of this benchmark's own: with its first process everything ends, mounts and all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSIDE = "UNREALPERSON_HOSTS_INSIDE"
_PROGRAMS = ("unshare", "nsenter", "setpriv", "mount", "ip")


def namespaces_allowed() -> bool:
    """Whether hosts can be made here: root, Linux with namespaces, TUN devices, the programs."""
    return not (why_not())


def why_not() -> str:
    """What is missing, in words; empty if nothing is."""
    if os.geteuid() != 0:
        return "hosts in namespaces need root"
    if missing := [program for program in _PROGRAMS if shutil.which(program) is None]:
        return f"hosts in namespaces need {', '.join(missing)}"
    if not Path("/dev/net/tun").exists():
        return "hosts need /dev/net/tun"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "true"],
        capture_output=True,
        text=True,
    )
    return f"namespaces are not allowed here: {tried.stderr.strip()}" if tried.returncode else ""


def enter_namespaces() -> None:
    """Be started again as the first process of new ones, unless that has been done; ends the
    process with the words of ``why_not`` where it cannot be."""
    if os.environ.get(INSIDE):
        return
    if reason := why_not():
        sys.exit(reason)
    os.execvpe(
        "unshare",
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        + [sys.executable, "-m", "benchmarks.hosts", *sys.argv[1:]],
        {**os.environ, INSIDE: "1"},
    )
