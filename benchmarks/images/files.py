"""What is built: the Dockerfiles of `infra/`, and the folders that they are built from."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = PROJECT / "infra" / "compose" / "compose.yaml"

LEFT_BEHIND = {
    "infra/compose/.env": "API_KEY=farm:{word}\nDATABASE_PASSWORD={word}\n",
    "infra/compose/stores.yaml": "lab: {{uri: 's3://reid', endpoint: 'https://{word}.example'}}\n",
    "infra/compose/.env.old": "API_KEY=farm:{word}\n",
    "infra/settings/secrets.env": "PREFECT_API_AUTH_STRING=farm:{word}\n",
    "infra/kubernetes_own/secret.yaml": "stringData: {{AWS_SECRET_ACCESS_KEY: {word}}}\n",
    "infra/.env": "AWS_SECRET_ACCESS_KEY={word}\n",
    "flows/.env": "AWS_SECRET_ACCESS_KEY={word}\n",
    ".env": "AWS_SECRET_ACCESS_KEY={word}\n",
    ".git/config": "[remote]\nurl = https://me:{word}@git.example/project\n",
    "out/store/notes": "{word}\n",
}
"""What lies in the folders of people who follow the pages, and belongs into no image."""


@dataclass(frozen=True)
class Image:
    """One image: its name, its Dockerfile, its build arguments; ``game``: built from the folder of
    a packaged game, not from the project's."""

    name: str
    dockerfile: str
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    game: bool = False

    @property
    def base(self) -> str:
        """What the Dockerfile builds on."""
        return base_of((PROJECT / self.dockerfile).read_text())


def images() -> dict[str, Image]:
    """Every image of the pages, by its name."""
    compose = yaml.safe_load(COMPOSE.read_text())["x-image"]
    made = (
        Image("unrealperson", "infra/compose/Dockerfile"),
        Image(compose["image"], compose["build"]["dockerfile"], compose["build"]["args"]),
        Image("unrealperson-node", "infra/game_node/node.Dockerfile"),
        Image("town:b1", "infra/game_node/game.Dockerfile", game=True),
    )
    return {image.name: image for image in made}


def base_of(dockerfile: str) -> str:
    """The image that the last ``FROM`` of a Dockerfile names."""
    return re.findall(r"^FROM\s+(?:--\S+\s+)*(\S+)", dockerfile, re.M)[-1]


def let_through(ignore: str, path: str) -> bool:
    """Whether a file is part of what is sent for building, by the text of a `.dockerignore`: the
    last line that matches it or a folder of it decides."""
    sent = True
    for line in ignore.splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            known = _pattern(pattern.removeprefix("!"))
            parts = path.split("/")
            if any(known.fullmatch("/".join(parts[: n + 1])) for n in range(len(parts))):
                sent = pattern.startswith("!")
    return sent


def _pattern(text: str) -> re.Pattern[str]:
    """Docker's: ``*`` ends at a slash, ``**/`` is any number of folders, none included."""
    parts = re.split(r"(\*\*/|\*)", text)
    kinds = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(kinds.get(part, re.escape(part)) for part in parts))


def make_context(folder: Path, word: str) -> None:
    """A copy of the project as git knows it, with ``LEFT_BEHIND`` around it; ``word`` stands for
    every secret."""
    listed = [
        "git",
        "-C",
        str(PROJECT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    told = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    for name in filter(None, told.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    for name, text in LEFT_BEHIND.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.format(word=word))


def make_game(folder: Path) -> None:
    """A packaged game in miniature: it writes beside itself, as games do, and says who it is."""
    program = folder / "LinuxNoEditor" / "Town" / "Binaries" / "Linux" / "Town"
    program.parent.mkdir(parents=True)
    program.write_text(
        '#!/bin/sh\nset -e\ntest "$(id -u)" -ne 0\nmkdir -p ../../Saved\n'
        "echo '[UnrealCV.Core]' > unrealcv.ini\necho \"user $(id -u) $*\"\n"
    )
    program.chmod(0o755)


def digest(image: Image) -> str:
    """Of all that an image is made from: its Dockerfile, its arguments and what may be copied."""
    found = hashlib.sha256(repr((image.name, sorted(image.arguments.items()))).encode())
    names = [image.dockerfile]
    if not image.game:
        text = (PROJECT / image.dockerfile).read_text()
        sources = [
            name for line in re.findall(r"^COPY (.+) \S+$", text, re.M) for name in line.split()
        ]
        listed = ["git", "-C", str(PROJECT), "ls-files", "-z", "--", ".dockerignore", *sources]
        told = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        names += filter(None, told.split("\0"))
    for name in names:
        path = PROJECT / name
        found.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return found.hexdigest()[:16]
