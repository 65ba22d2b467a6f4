"""Writes docs/third_party.md, the packages that an installation brings and their licences:
``python -m docs.make_notices``.

Packages say themselves under which licence they are; those that are installed beside this program
are asked, whatever their versions (``constraints.txt`` has these).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from manifests.whole_files import write_whole

PAGE = Path(__file__).with_name("third_party.md")
EXTRAS = ("worker", "training", "zoo", "onnx", "video", "cuhk03")
_US = "unrealperson"
_CUDA = re.compile(r"(nvidia|cuda)-|triton$")
_HEAD = """# Third-party notices

What an installation brings besides our own code, and the licences that the packages state. Written
by `python -m docs.make_notices`; [constraints.txt](../constraints.txt) has the versions. Tools of
developers (`.[dev]`) are not listed, nor what CUDA's builds of PyTorch bring (`nvidia-*` and
`cuda-*` under NVIDIA's own terms, `triton` under MIT): PyTorch for processors comes without.

Body data is MakeHuman's base mesh and targets (CC0), fetched by `unrealperson assets install`.
Weights that a backbone downloads have their authors' licences. The wheels of `av` (PyAV) carry
FFmpeg (LGPL) with x264 and x265 (GPL); they are wanted for MP4 of recordings alone (`video.mp4`).

| package | licence | needed for |
|---|---|---|
"""


def main() -> None:
    """Write the page."""
    lines = [
        f"| {_linked(found)} | {licence(found)} | {', '.join(needed)} |"
        for found, needed in sorted(_brought().values(), key=lambda one: one[0].name.lower())
    ]
    write_whole(PAGE, _HEAD + "\n".join(lines) + "\n")


def licence(found: Distribution) -> str:
    """What a package states: an expression, its classifiers, or the first line in words."""
    said = found.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    classified = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier") or ()
        if line.startswith("License :: OSI Approved ::")
    ]
    words = str(said.json.get("license", "")).strip().partition("\n")[0]
    return "; ".join(classified) or words or "see the package"


def _brought() -> dict[str, tuple[Distribution, list[str]]]:
    """Every package that is installed with us, and for which of our parts."""
    found: dict[str, tuple[Distribution, list[str]]] = {}
    for extra in ("", *EXTRAS):
        for package in _below(_US, extra, set()):
            known = found.setdefault(canonicalize_name(package.name), (package, []))
            known[1].append(extra or "everything")
    return {
        name: (package, ["everything"] if "everything" in needed else needed)
        for name, (package, needed) in found.items()
    }


def _below(name: str, extra: str, seen: set[tuple[str, str]]) -> Iterator[Distribution]:
    """What a package with an extra needs, each once."""
    for text in distribution(name).requires or ():
        wanted = Requirement(text)
        if wanted.marker is not None:
            if not wanted.marker.evaluate({"extra": extra}):
                continue
            if name == _US and extra == "" and "extra" in str(wanted.marker):
                continue
        elif name == _US and extra:
            continue  # what everything needs is no part of an extra
        plain = canonicalize_name(wanted.name)
        if _CUDA.match(plain):
            continue
        for more in ("", *wanted.extras):
            if (plain, more) in seen:
                continue
            seen.add((plain, more))
            try:
                if not more:
                    yield distribution(plain)
                yield from _below(plain, more, seen)
            except PackageNotFoundError:
                continue  # for other systems or Pythons


def _linked(found: Distribution) -> str:
    """Its name, and its page at the index that everybody has."""
    return f"[{found.name}](https://pypi.org/project/{found.name}/)"


if __name__ == "__main__":
    main()
