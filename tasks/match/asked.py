"""One match, before any work: what decides what is written, and whether that is there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import BadRecipe
from manifests.identity import ANNOTATION_VERSION, DATA_VERSION, digest, sha256_hex
from manifests.recipe import Recipe
from manifests.whole_files import write_whole
from synth_workers.engine import ENGINE_VERSION
from tasks.match import MATCH_VERSION
from tasks.match.photographs import Photographs

_DONE = "done.json"


@dataclass(frozen=True)
class Asked:
    """One match, before any work. ``output``: the recipe's file; ``folder``: of probes and the
    report."""

    photographs: Photographs
    base: Recipe
    output: Path
    folder: Path
    seed: int = 0
    include_photographs: bool = False

    def digest(self) -> str:
        """Of everything that decides what is written."""
        return digest(
            {
                "photographs": self.photographs.digest(),
                "base": self.base,
                "name": name_for(self.output),
                "seed": self.seed,
                "shown": self.include_photographs,
                "versions": [MATCH_VERSION, DATA_VERSION, ANNOTATION_VERSION, ENGINE_VERSION],
            }
        )

    def is_done(self) -> bool:
        """Whether it was carried out; ``BadRecipe`` if the output is somebody else's file, or was
        changed since."""
        if not self.output.exists():
            return False
        try:
            done = json.loads((self.folder / _DONE).read_text())
        except (OSError, ValueError):
            done = {}
        if done.get("written") != sha256_hex(self.output.read_bytes()):
            raise BadRecipe(
                f"{self.output}: exists, and is not what was written here last; name another file "
                "with -o, or remove it"
            )
        return done.get("asked") == self.digest()

    def finished(self, text: str) -> None:
        """Remember that the output has been written, with ``text``."""
        done = {"asked": self.digest(), "written": sha256_hex(text.encode())}
        write_whole(self.folder / _DONE, json.dumps(done))


def name_for(output: Path) -> str:
    """The name of the recipe in a file: what the file is called, as names may be. ``BadRecipe`` for
    files that nobody could build from."""
    if output.suffix.lower() not in (".yaml", ".yml") or output.is_dir():
        raise BadRecipe(f"-o {output}: name the recipe's file, ending in .yaml, e.g. mine.yaml")
    name = re.sub(r"[^a-z0-9._-]+", "-", output.stem.lower()).strip("-._")[:63]
    if not name:
        raise BadRecipe(f"{output}: name the recipe's file with letters, e.g. mine.yaml")
    return name
