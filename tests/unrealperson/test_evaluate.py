"""``evaluate`` on a data set of one's own: its test part, or its training part as a test."""

from __future__ import annotations

from pathlib import Path

import unrealperson as up
from tests.training.small_model import save_small_model
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader


def test_the_training_part_is_a_test_when_somebody_asks_for_it(tmp_path: Path) -> None:
    save_small_model(tmp_path)
    write_striped_list(tmp_path / "own.csv", StripedReader(people=5, cameras=2, test_people=3))

    usual = up.evaluate(tmp_path / "model", "own.csv", tmp_path)
    other = up.evaluate(tmp_path / "model", "own.csv", tmp_path, test_on="train")

    # Everybody is asked for once in each of two cameras.
    assert [usual.metrics()["splits"][0][key] for key in ("people", "queries")] == [3, 6]
    assert [other.metrics()["splits"][0][key] for key in ("people", "queries")] == [5, 10]
    assert other.metrics()["tested_on"] == "train"
    assert {path.name for path in (tmp_path / "model").glob("on-*")} == {"on-own", "on-own-train"}
