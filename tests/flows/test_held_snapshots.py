"""Flows that read for hours hold what they read, so that nobody prunes it meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.adapt import adapt
from flows.reproduce import reproduce
from flows.transfer import transfer
from manifests.dataset import Dataset
from manifests.stores import open_store
from tasks.adapt.places import DataPlace
from tasks.publish.leases import leases
from tasks.transfer.questions import Transfer
from tasks.transfer.targets import TargetChoice
from tests.tasks.report.publishing import publish_small


@pytest.mark.parametrize("flow", ["adapt", "reproduce", "transfer"])
def test_what_is_learnt_from_and_tested_on_is_held(
    flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path / "out"))
    store = str(tmp_path / "store")
    publish_small(open_store(store), people=4, images=1)
    small = Dataset("small", open_store(store))

    def holding(*_: Any) -> set[int | None]:
        return {one.snapshot for one in leases(small)}

    mine = {"mine": TargetChoice(dataset="small")}
    monkeypatch.setattr("flows.adapt.adapt_to_target", holding)
    for module, last in (("reproduce", "publish_tables"), ("transfer", "publish_answer")):
        monkeypatch.setattr(f"flows.{module}.work_left", lambda *_: [])
        monkeypatch.setattr(f"flows.{module}.{last}", holding)
    for module in ("flows.reproduce", "tasks.reproduce.questions"):
        monkeypatch.setattr(f"{module}.needed_worlds", lambda _: ())
    monkeypatch.setattr(Transfer, "pinned", lambda asked: asked)
    place = DataPlace(name="small", store=store)
    held = {
        "adapt": lambda: adapt.fn(place, place, "tiny"),
        "reproduce": lambda: reproduce.fn(
            ["table2"], store=store, photographs=mine, pictures=tmp_path
        ),
        "transfer": lambda: transfer.fn(["small"], mine, "tiny", store=store),
    }[flow]()
    assert held == {1} and leases(small) == []
