"""This machine, as network programs name it: no proxy stands between a machine and itself."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from urllib.parse import urlsplit

_NAMES = ("127.0.0.1", "localhost", "::1")
_PROXIES = {"all_proxy", "http_proxy", "https_proxy"}


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine itself."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def spare_loopback() -> None:
    """Tell this process, and all that it starts, to reach this machine without a proxy.

    ``NO_PROXY`` has several spellings, of which programs read one or another: both usual ones say
    afterwards what any of them said, and this machine's names.
    """
    said = (value for name, value in os.environ.items() if name.lower() == "no_proxy")
    listed = [word.strip() for value in said for word in value.split(",")]
    spared = ",".join(dict.fromkeys(word for word in (*listed, *_NAMES) if word))
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*" if "*" in listed else spared


def forget_unusable_proxies() -> None:
    """Drop proxies of kinds that the HTTP client here cannot speak with, for a process that has
    only this machine to talk to: it would fail over them without ever using them."""
    known = {"", "http", "https"}
    if importlib.util.find_spec("socksio") is not None:
        known |= {"socks5", "socks5h"}
    for name, value in list(os.environ.items()):
        if name.lower() in _PROXIES and value.lower().rpartition("://")[0] not in known:
            del os.environ[name]
