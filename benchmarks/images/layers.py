"""What lies in an image: every file that its build added, and what it says of itself."""

from __future__ import annotations

import json
import mmap
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SHAPES = {
    "key of AWS": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "private key": rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "password in an address": rb"\b(?:https?|postgresql\+?\w*)://[^\s/:@'\"<>{}$]+:[^\s/:@'\"<>{}$]+@[\w.-]+",
    "token": rb"\b(?:ghp_|glpat-|hf_|xox[bp]-|pypi-AgEI)[A-Za-z0-9_-]{16,}",
}
_OF_OTHERS = ("/site-packages/", "/dist-packages/", "/usr/share/", "/usr/lib/", "/usr/local/lib/")
"""Where other people's programs lie, with made-up keys in their examples."""
_PUBLIC = {"pypi.org", "files.pythonhosted.org", "deb.debian.org", "security.debian.org"}
_NAMED = re.compile(r"TOKEN|SECRET|PASSWORD|API_?KEY|ACCESS_KEY|AUTH_STRING|CREDENTIAL")


@dataclass(frozen=True)
class Finding:
    """Something that does not belong into an image. ``what`` names it without repeating it."""

    where: str
    what: str


def words_of_here(word: str, folders: Iterable[Path]) -> dict[str, bytes]:
    """What no image may hold, name -> bytes: ``word`` (every secret around the context), folders of
    this machine, hosts of its package indexes, values of its secret variables."""
    found = {"a secret beside the context": word.encode()}
    found |= {f"a folder of this machine ({n})": str(f).encode() for n, f in enumerate(folders)}
    asked = subprocess.run(["pip", "config", "list"], capture_output=True, text=True).stdout
    sources = "".join(
        path.read_text(errors="replace")
        for path in (Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*"))
        if path.is_file()
    )
    for host in hosts_in(asked + sources):
        found[f"an index of this machine ({len(found)})"] = host.encode()
    for name, value in os.environ.items():
        if _NAMED.search(name) and len(value) >= 8:
            found[f"the value of {name}"] = value.encode()
    return found


def hosts_in(text: str) -> list[str]:
    """Hosts of addresses in a text that not everybody uses."""
    addresses = re.findall(r"https?://[^\s'\"\]]+", text)
    hosts = {urlsplit(address).hostname or "" for address in addresses}
    return sorted(hosts - _PUBLIC - {""})


def search(root: Path, before: Path, words: Mapping[str, bytes]) -> Iterator[Finding]:
    """Look through every file below ``root`` that is not the same below ``before``, the base.

    ``words`` are looked for everywhere, what has the shape of a key or password outside of other
    people's programs.
    """
    for path in added(root, before):
        name = f"/{path.relative_to(root)}"
        if path.stat().st_size == 0:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for what, word in words.items():
                if data.find(word) >= 0:
                    yield Finding(name, what)
            if not any(part in name for part in _OF_OTHERS):
                for what, shape in _SHAPES.items():
                    if re.search(shape, data):
                        yield Finding(name, what)


def search_description(description: Mapping[str, Any], words: Mapping[str, bytes]) -> list[Finding]:
    """The same in what an image says of itself: environment, labels, history of its making."""
    text = json.dumps([description.get("config"), description.get("history")]).encode()
    named = [Finding("description", what) for what, word in words.items() if word in text]
    shaped = [Finding("description", w) for w, shape in _SHAPES.items() if re.search(shape, text)]
    return named + shaped


def added(root: Path, before: Path) -> Iterator[Path]:
    """Regular files below ``root`` that are not in ``before``, or not of the same size and time."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file():
                continue
            old = before / path.relative_to(root)
            if not old.is_symlink() and old.is_file():
                one, other = path.stat(), old.stat()
                if (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns):
                    continue
            yield path


def megabytes(root: Path, before: Path) -> int:
    """What a build added, in megabytes."""
    return round(sum(path.stat().st_size for path in added(root, before)) / 1e6)
