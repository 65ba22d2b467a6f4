"""A metric is one row: added in one place, it is measured, stored, reported and printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.summary import metric_lines
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.adapt.measure import Adaptation
from tasks.adapt.tables import metric_table
from tasks.evaluate.run import Comparison, compare_methods
from tasks.report.build import cmc_markdown, write_dataset_report
from tasks.train.fit import train_snapshot
from tests.tasks.report.publishing import publish_small
from training.config import load_training
from training.evaluation.bootstrap import Interval
from training.evaluation.metrics import METRICS, Metric, in_one_line

FIRST = Metric("first", "first match", lambda ranks: float(ranks[0]), False, share=False)


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    """One more metric while these tests run: the mean rank of the first match."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(METRICS, FIRST.key, FIRST)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="module")
def published(folder: Path) -> SnapshotReader:
    return publish_small(open_store(folder / "store"), images=3)


@pytest.fixture(scope="module")
def comparison(folder: Path, published: SnapshotReader) -> Comparison:
    train_snapshot(published, load_training("tiny", {"iterations": 2}), folder)
    return compare_methods(published, folder)


def test_is_stored_with_its_interval_for_all_and_from_camera_to_camera(
    folder: Path, comparison: Comparison
) -> None:
    metrics = json.loads((folder / "metrics.json").read_text())
    trained = metrics["methods"][0]
    ranks = comparison.trained.retrieval.ranking.first_rank
    assert trained["first"] == pytest.approx(ranks[ranks > 0].mean())
    assert trained["first_interval"][0] <= trained["first"] <= trained["first_interval"][1]
    assert all(pair["first"] >= 1 for pair in trained["camera_pairs"])
    gain = metrics["trained_minus_untrained"]["first"]
    assert gain["low"] <= gain["mean"] <= gain["high"]


def test_is_in_the_report(
    comparison: Comparison, published: SnapshotReader, tmp_path: Path
) -> None:
    path = write_dataset_report(published, comparison, None, tmp_path / "report.html")
    text = path.read_text()
    value = f"{comparison.trained.mean('first'):.2f}"
    assert '<th class="num">first match</th>' in text
    assert f'<td class="num">{value}<br>' in text
    assert f"<span>first match</span><b>{value}</b>" in text


def test_is_in_artifacts_and_printed_tables(comparison: Comparison) -> None:
    trained, gain = comparison.trained, comparison.trained_minus_colour["first"]
    head, values, *_ = metric_lines(comparison)
    assert head.split()[:5] == ["rank-1", "rank-5", "rank-10", "mAP", "mINP"]
    assert head.endswith("    mINP first match")
    assert values.endswith(f" {trained.mean('first'):11.3f}")
    assert metric_lines(comparison)[-1].endswith(
        f"first match {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
    )
    assert "| mAP | 95 % | first match | 95 % |" in cmc_markdown(comparison)
    assert f", first match {gain.mean:+.2f} (95 %: {gain.low:+.2f} to" in cmc_markdown(comparison)
    adapted = metric_table(Adaptation(trained, None, None))
    assert "| method | rank-1 | mAP | mINP | first match |" in adapted
    assert in_one_line(trained.means()).endswith(f", first match {trained.mean('first'):.2f}")


def test_gains_where_its_better_way_points() -> None:
    fewer = Interval(-2.0, -3.0, -1.0)
    assert FIRST.improves(fewer)
    assert not METRICS["map"].improves(fewer)
    assert not FIRST.improves(Interval(-2.0, -4.0, 0.5))
