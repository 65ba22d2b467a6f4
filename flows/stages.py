"""Stages as Prefect tasks: they go on from what is stored, never from Prefect's own caches."""

from __future__ import annotations

from functools import partial

from prefect import task
from prefect.cache_policies import NO_CACHE

stage_task = partial(task, cache_policy=NO_CACHE, persist_result=False)
"""The decorator of every task: ``prefect.task`` without results that Prefect would keep."""
