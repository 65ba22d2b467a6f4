"""What is patched for one test stays as it is for everybody else in the process."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.patching import in_this_thread


def elsewhere() -> float:
    """What the clock of another thread says."""
    said: list[float] = []
    thread = threading.Thread(target=lambda: said.append(time.time()))
    thread.start()
    thread.join()
    return said[0]


def test_other_threads_have_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    before = time.time()
    in_this_thread(monkeypatch, time, "time", lambda: 0.0)
    assert time.time() == 0.0 and elsewhere() >= before
    monkeypatch.undo()
    assert time.time() >= before


def test_whoever_patches_a_library_for_all_threads_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(AssertionError, match=r"time\.sleep belongs to every thread"):
        monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(AssertionError, match=r"time\.sleep belongs to every thread"):
        monkeypatch.setattr("tests.test_patching.time.sleep", lambda _: None)
    with pytest.raises(AssertionError, match=r"Path\.exists belongs to every thread"):
        monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr("tests.test_patching.elsewhere", lambda: 1.0)
    assert elsewhere() == 1.0
