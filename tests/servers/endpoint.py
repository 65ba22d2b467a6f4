"""What a client needs to know of a running S3 server."""

from __future__ import annotations

import random
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PORTS = range(15_000, 32_000)


@dataclass(frozen=True)
class S3Endpoint:
    """Address and credentials of one test server; ``kind`` names the implementation."""

    kind: str
    url: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    def environment(self) -> dict[str, str]:
        """Variables with which every AWS client talks to this server."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def deaf_port() -> Generator[int]:
    """A loopback port at which nobody listens, and which nobody else can have meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def free_ports(count: int) -> list[int]:
    """``count`` distinct loopback ports that are free now and likely to stay so.

    They lie below the range from which systems take the ports of outgoing connections: a server
    that is killed and started again would otherwise now and then find its port in use.
    """
    chosen: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        if len(chosen) == count:
            break
        if _is_free(port):
            chosen.append(port)
    if len(chosen) < count:
        raise RuntimeError(f"fewer than {count} ports of {_PORTS} are free on 127.0.0.1")
    return chosen


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
