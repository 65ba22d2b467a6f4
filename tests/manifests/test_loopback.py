"""What counts as this machine, and what its programs are told of proxies."""

from __future__ import annotations

import os
import urllib.request

import httpx
import pytest

from manifests.loopback import forget_unusable_proxies, is_loopback, spare_loopback


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any, which is as it was afterwards."""
    names = [name for name in os.environ if name.lower().endswith("_proxy")]
    for name in {*names, "NO_PROXY", "no_proxy"}:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:4200/api", True),
        ("http://127.1.2.3", True),
        ("http://localhost:9000", True),
        ("http://s3.localhost:9000", True),
        ("http://[::1]:4200/api", True),
        ("http://LOCALHOST", True),
        ("https://s3.eu-west-1.amazonaws.com", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.1", False),
        ("localhost", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_what_is_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "lab"}, "lab,127.0.0.1,localhost,::1"),
        ({"no_proxy": " lab , .corp,"}, "lab,.corp,127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "lab", "no_proxy": "localhost"}, "lab,localhost,127.0.0.1,::1"),
        ({"No_Proxy": "127.0.0.0/8"}, "127.0.0.0/8,127.0.0.1,localhost,::1"),
        ({"no_proxy": "*"}, "*"),
        ({"no_proxy": ""}, "127.0.0.1,localhost,::1"),
    ],
)
def test_both_spellings_say_what_any_of_them_said(
    proxies: pytest.MonkeyPatch, before: dict[str, str], after: str
) -> None:
    for name, value in before.items():
        proxies.setenv(name, value)
    spare_loopback()
    spare_loopback()

    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == after
    assert urllib.request.proxy_bypass("127.0.0.1:4200")
    assert urllib.request.proxy_bypass("localhost")


def test_a_client_is_not_stopped_by_a_proxy_that_it_cannot_use(proxies: pytest.MonkeyPatch) -> None:
    proxies.setenv("ALL_PROXY", "socks4://127.0.0.1:9")
    proxies.setenv("https_proxy", "http://proxy.lab:3128")
    proxies.setenv("HTTP_PROXY", "proxy.lab:3128")
    forget_unusable_proxies()

    httpx.Client().close()
    assert "ALL_PROXY" not in os.environ
    assert os.environ["https_proxy"] == "http://proxy.lab:3128"
    assert os.environ["HTTP_PROXY"] == "proxy.lab:3128"
