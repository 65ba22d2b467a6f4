"""Runs the tutorial as it stands, with shorter trainings: ``python -m tests.docs.tutorial``.

Its files are written and its ``unrealperson`` commands run in order by a shell, in a folder that
goes away. Ends with the exit code of the first command that fails.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.smoke import Scratch
from tests.docs.pages import ROOT, fenced

SHORTER = {"--training demo": "--training tiny", "--adaptation short": "--adaptation tiny"}


def files(text: str) -> dict[str, str]:
    """The files that the page tells people to write: blocks that begin with ``# name.yaml``."""
    blocks = [content for language, content in fenced(text) if language == "yaml"]
    return {found[1]: block for block in blocks if (found := re.match(r"# (\S+\.yaml)\n", block))}


def commands(text: str) -> list[str]:
    """Lines of the page that a shell can run, shortened."""
    found = []
    for language, content in fenced(text):
        for line in content.splitlines() if language == "console" else ():
            if line.startswith("unrealperson "):
                for long, short in SHORTER.items():
                    line = line.replace(long, short)
                found.append(line)
    return found


def main() -> int:
    """Run it; returns the exit code."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="unrealperson-tutorial-") as folder:
        scratch = Scratch(Path(folder))
        for name, content in files(text).items():
            (scratch.folder / name).write_text(content)
        try:
            for command in commands(text):
                print(f"$ {command}", flush=True)
                asked = command.replace("unrealperson", f"{sys.executable} -m flows.cli", 1)
                done = subprocess.run(asked, shell=True, cwd=folder, env=scratch.variables)
                if done.returncode != 0:
                    return done.returncode
        finally:
            scratch.run("flows.cli", "server", "stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
