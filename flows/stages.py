"""Stages as Prefect tasks: they go on from what is stored, never from Prefect's own caches, and
leave pages."""

from __future__ import annotations

from functools import partial

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows import run_logs as run_logs  # errors of every flow are told in one line

stage_task = partial(task, cache_policy=NO_CACHE, persist_result=False)
"""The decorator of every task: ``prefect.task`` without results that Prefect would keep."""


def leave_page(key: str, about: str, markdown: str) -> None:
    """Leave a page, an artifact of the run; ``about``: one line."""
    create_markdown_artifact(markdown, key=key, description=about)
