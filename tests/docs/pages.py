"""What the pages tell people to type: every command in their fenced blocks and their prose."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
OURS = ("unrealperson", "python", "python3", "make", "torchrun")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_PLACEHOLDER = re.compile(r"<[^<>]+>|[A-Z][A-Z_]+|…|\.\.\.")
_OPTIONAL = re.compile(r"\[[A-Z_]+\]")
_SETTING = re.compile(r"[A-Z][A-Z_]*=\S*")


@dataclass(frozen=True)
class Command:
    """One command of a page. ``whole``: from a block, so that it must be complete as it stands;
    prose may name a command without what it needs."""

    page: str
    words: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def fenced(text: str) -> Iterator[tuple[str, str]]:
    """Language and content of every fenced block, without the indentation of its list."""
    for indent, language, content in _FENCE.findall(text):
        yield language, re.sub(f"^{indent}", "", content, flags=re.MULTILINE)


def prose(text: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> Iterator[str]:
    """What stands between single backticks in the prose, on one line."""
    for found in _SPAN.findall(prose(text)):
        yield " ".join(found.split())


def commands(page: Path) -> Iterator[Command]:
    """Every command of a page; in blocks of no stated language only those of our programs."""
    text, name = page.read_text(encoding="utf-8"), str(page.relative_to(ROOT))
    for language, content in fenced(text):
        if language not in ("console", "bash", "sh", ""):
            continue
        for line in re.sub(r"\\\n\s*", " ", content).splitlines():
            for words in _split(line):
                if language or words[0] in OURS:
                    yield Command(name, words, whole=True)
    for span in spans(text):
        if len(span.split()) > 1 and _program(span.split()) in OURS:
            for words in _split(span):
                yield Command(name, words, whole=False)


def _split(line: str) -> Iterator[tuple[str, ...]]:
    """The commands of a line, without settings of the environment, with placeholders filled."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return
    current: list[str] = []
    for word in [*words, ";"]:
        if word in (";", "&&", "|", "&"):
            while current and _SETTING.fullmatch(current[0]):
                current.pop(0)
            if current:
                yield (_program(current), *current[1:])
            current = []
        elif not _OPTIONAL.fullmatch(word):
            current.append("1" if _PLACEHOLDER.fullmatch(word) else word)


def _program(words: list[str]) -> str:
    """Its name, whether it is called by the environment's path or not."""
    first = next((word for word in words if not _SETTING.fullmatch(word)), "")
    return first.rpartition("/bin/")[2]
