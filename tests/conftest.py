"""What all tests share: compiled modules are kept, collecting is quick, long files come first.

Some machines ask Python to keep no compiled modules. Commands, workers, engines and flows start
by the hundred here, and each of them would compile all of the project; Git ignores what is kept.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.patching import refuse_patches_for_all_threads

with suppress(ImportError):  # not where torch is built without it
    # It crashes where Mesa's compiler was loaded before its own, and tests here may draw first.
    import triton  # noqa: F401  # pyright: ignore[reportMissingImports, reportUnusedImport]

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

TESTS = Path(__file__).parent
LONG = (
    # Those that mostly wait, beside two that compute.
    "integration/test_farm.py",
    "integration/test_factory.py",
    "integration/test_chaos.py",
    "tasks/adapt/test_main.py",
    "tasks/render/test_process.py",
    # Whoever has the one long test of `test_chaos` gets the next file along with it, for later.
    "tasks/train/test_main.py",
    "integration/test_game.py",
    "tasks/render/test_real_engine.py",
    "integration/test_examples.py",
    "integration/test_s3.py",
    "tasks/render/test_kills.py",
    "integration/test_transfer.py",
    "integration/test_farm_server.py",
    "tasks/render/test_failure_modes.py",
    "synth_workers/people/export/test_glb.py",
    "training/test_trainer.py",
    "synth_workers/unreal/test_probe.py",
    "synth_workers/contracts/test_capture.py",
    "training/adaptation/test_adapter.py",
    "tasks/publish/test_verify.py",
    "synth_workers/people/worn/test_worn_things.py",
    "tasks/train/test_fit.py",
    "tasks/evaluate/test_run.py",
)
"""Files that take long, in the order in which they are handed out; all others come after them.

Several processes share the tests file by file: one that begins a long file last leaves the others
with nothing to do."""

_RANKS = {TESTS / name: rank for rank, name in enumerate(LONG)}
assert all(path.is_file() for path in _RANKS), "a file of LONG has gone: give its new name"


refuse_patches_for_all_threads()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Every process loads all tests and keeps them to its end: no garbage is looked for in them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """What was set aside is freed at the end, or extensions say at length that it leaked."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; otherwise as they were found."""
    items.sort(key=lambda item: _RANKS.get(item.path, len(LONG)))
