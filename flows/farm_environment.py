"""Settings of a farm's servers and workers, kept as environment files in `infra/settings/`.

``server.env`` and ``worker.env`` are what systemd and compose read as they are; the farm of one
machine reads them here. One place, so that no two ways of starting a farm differ.
"""

from __future__ import annotations

from importlib import resources


def server_environment() -> dict[str, str]:
    """Settings of a Prefect server: retention, what it does not send home."""
    return _parse("server.env")


def worker_environment() -> dict[str, str]:
    """Settings of workers and of the flow runs that they start: heartbeats, patience, logs."""
    return _parse("worker.env")


def _parse(name: str) -> dict[str, str]:
    text = (resources.files("infra") / "settings" / name).read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", maxsplit=1) for line in lines if line and not line.startswith("#"))
