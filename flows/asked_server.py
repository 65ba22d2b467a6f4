"""Which Prefect server a program of ours speaks to, where Prefect's own clients would guess."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Generator
from contextlib import contextmanager

from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from flows import local_server


@contextmanager
def asked_server(parser: ArgumentParser) -> Generator[None]:
    """Speak to the server of ``PREFECT_API_URL``, or else to the one started on this machine;
    ``parser`` refuses if there is neither.

    Without an address Prefect would start a server for the moment, and tell that one.
    """
    if PREFECT_API_URL.value():
        yield
        return
    server = local_server.find()
    if server is None:
        parser.error("no Prefect server answers on this machine: set PREFECT_API_URL to the farm's")
    with speaking_to(server):
        yield


@contextmanager
def speaking_to(server: local_server.LocalServer) -> Generator[None]:
    """Have Prefect's clients of this process find ``server`` and get in."""
    wanted = server.auth_string()
    keys = {} if wanted is None else {PREFECT_API_AUTH_STRING: wanted}
    with temporary_settings({PREFECT_API_URL: server.api_url, **keys}):
        yield
