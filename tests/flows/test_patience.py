"""Waiting out a server or a store that is away, and nothing else."""

from __future__ import annotations

import httpx
import pytest
from prefect.exceptions import PrefectHTTPStatusError

from flows.patience import insist
from manifests.errors import BadRecipe, StoreUnavailable
from manifests.stores.retry import Patience


def answering(status: int) -> PrefectHTTPStatusError:
    request = httpx.Request("GET", "http://server/api")
    response = httpx.Response(status, request=request)
    return PrefectHTTPStatusError(f"{status}", request=request, response=response)


class Away:
    """An operation that fails with each of ``errors`` before it succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.pauses = list(errors), []

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def run(self, seconds: float = 1800.0) -> str:
        return insist(self, seconds, sleep=self.pauses.append)


def test_what_is_away_is_waited_for_with_growing_pauses() -> None:
    away = Away(
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        answering(503),
        StoreUnavailable("s3://reid: connection refused"),
    )

    assert away.run() == "done"
    assert len(away.pauses) == 4
    for pause, longest in zip(away.pauses, (1, 2, 4, 8)):
        assert longest / 2 <= pause <= longest


@pytest.mark.parametrize("error", [BadRecipe("no"), answering(404), answering(409)])
def test_what_will_not_pass_is_raised_at_once(error: Exception) -> None:
    away = Away(error)

    with pytest.raises(type(error)):
        away.run()
    assert away.pauses == []


def test_patience_ends() -> None:
    away = Away(*[httpx.ConnectError("refused")] * 50)

    with pytest.raises(httpx.ConnectError):
        away.run(seconds=0.5)


def test_a_farm_insists_longer_on_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Patience.of_environment()
    monkeypatch.setenv("UNREALPERSON_STORE_PATIENCE", "600")
    longer = Patience.of_environment()

    assert usual.attempts == Patience().attempts
    more = (longer.attempts - usual.attempts) * longer.longest_pause / 2
    assert 600 <= more <= 610
