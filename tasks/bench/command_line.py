"""What the command lines of all questions to the bench have in common: options, the run, errors.

Loads nothing that loads torch before the device is chosen.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from manifests.errors import FactoryError
from tasks.progress import LOGGER_NAME

if TYPE_CHECKING:
    from tasks.bench.cells import Question
    from tasks.bench.making import Places

QuestionT = TypeVar("QuestionT", bound="Question")


def add_bench_options(parser: argparse.ArgumentParser, folder: Path) -> None:
    """Options of every question; ``folder``: where models and cells go unless told otherwise."""
    parser.add_argument("--store", default="out/store", help="folder or s3://bucket/prefix")
    parser.add_argument("--folder", type=Path, default=folder)
    parser.add_argument("--device", choices=["auto", "cpu"], default="auto")
    parser.add_argument("--processes", type=int, default=1, help="models made at a time")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")


def answered(
    given: argparse.Namespace,
    stage: str,
    asked: Callable[[argparse.Namespace], QuestionT],
    written: Callable[[QuestionT, Places], tuple[str, str]],
) -> int:
    """Make what is missing and print the answer; returns the exit code.

    ``asked``: the question that the options put. ``written`` leaves the answer and returns its
    text, and what the last line begins with.
    """
    if given.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # before torch looks for one
    from tasks.bench.making import Places, make_all

    logging.getLogger(LOGGER_NAME).addHandler(logging.StreamHandler(sys.stdout))
    logging.getLogger(LOGGER_NAME).setLevel(logging.INFO)
    started = time.perf_counter()
    try:
        question, places = asked(given), Places(given.folder)
        made = make_all(question, places, given.processes, stage)
        text, where = written(question, places)
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(text)
    print(f"{where}{made} models in {time.perf_counter() - started:.0f} s")
    return 0
