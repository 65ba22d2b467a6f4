"""Nothing in the repository can be a photograph of somebody, or a data set of others.

Every file that is no text was made by a script of ours, and lies where these put them.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OURS = (
    "docs/pictures/",  # drawn by docs/make_*_pictures.py from our own scenes and people
    "tests/manifests/golden/",  # published by our own engine, from people of ours
    "tests/manifests/releases/",  # the same, by earlier releases
)
EMBEDDED = re.compile(
    rb"/9j/4[A-Za-z0-9+/]{60}|iVBORw0KGgo[A-Za-z0-9+/]{60}|UklGR[A-Za-z0-9+/]{60}"
)
"""How JPEG, PNG and WebP begin in base64."""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Every file in git, by its path."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z"]
    told = subprocess.run(asked, capture_output=True, check=False)
    if told.returncode:
        pytest.skip("this copy is not a git repository")
    paths = [path for path in told.stdout.decode().split("\0") if (ROOT / path).is_file()]
    return {path: (ROOT / path).read_bytes() for path in paths}


def is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def test_whatever_is_no_text_was_made_by_our_own_scripts(files: dict[str, bytes]) -> None:
    binary = [path for path, data in files.items() if not is_text(data)]
    assert binary
    assert [path for path in binary if not path.startswith(OURS)] == []


def test_no_text_holds_a_picture(files: dict[str, bytes]) -> None:
    assert [path for path, data in files.items() if EMBEDDED.search(data)] == []


def test_a_picture_would_be_found() -> None:
    assert not is_text(b"BM\x36\x48\0\0")
    assert not is_text(b"\xff\xd8\xff\xe0")
    assert EMBEDDED.search(b'<img src="data:image/jpeg;base64,/9j/4AAQSkZJRg' + b"A" * 60)
