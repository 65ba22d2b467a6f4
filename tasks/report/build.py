"""Reports and artifacts of a published snapshot: gathers rows and crops, lays out one file."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from manifests.reader import SnapshotReader
from manifests.sealed import sealed_text
from manifests.snapshots import Snapshot
from manifests.whole_files import write_whole
from tasks.report import content, distributions, failures
from tasks.report.charts import Curve, cmc_chart, loss_chart
from tasks.report.markdown import gallery_table, inlined_card, metrics_table
from tasks.report.synchronised import animated_strip
from tasks.report.thumbnails import Images, snapshot_images
from training.evaluation.metrics import headline_metrics

if TYPE_CHECKING:
    from tasks.accounting import CostSheet
    from tasks.evaluate.run import Comparison

_MOST_CROPS = 1_000_000


def write_dataset_report(
    reader: SnapshotReader,
    comparison: Comparison | None,
    costs: CostSheet | None,
    path: Path,
    run_url: str | None = None,
) -> Path:
    """Write the standalone report of a snapshot, atomically; returns ``path``.

    Without a ``comparison`` the report has no recognition part, without ``costs`` no cost part.
    """
    rows, images = _open(reader)
    strip = animated_strip(reader)
    page = report_page(reader.snapshot, rows, images, comparison, costs, run_url, strip)
    write_whole(path, sealed_text(page))
    return path


def store_report(reader: SnapshotReader) -> None:
    """Store a report of the data alone beside a snapshot, unless it has one.

    A run that measures a model replaces it by one that says how well people are recognised.
    Very large data sets get theirs on request alone: their rows take much memory.
    """
    store, snapshot = reader.dataset.store, reader.snapshot
    key = reader.dataset.published_key(snapshot.publish_id, "report.html")
    if snapshot.crops <= _MOST_CROPS and not store.exists(key):
        rows, images = _open(reader)
        page = report_page(snapshot, rows, images, strip=animated_strip(reader))
        store.put_if_absent(key, sealed_text(page))


def report_page(
    snapshot: Snapshot,
    rows: pd.DataFrame,
    images: Images,
    comparison: Comparison | None = None,
    costs: CostSheet | None = None,
    run_url: str | None = None,
    strip: bytes | None = None,
) -> str:
    """The report as HTML text. ``rows``: the columns ``content.COLUMNS`` of the manifest;
    ``strip``: an animated WebP of its recordings."""
    recognition = comparison and {
        "methods": content.methods(comparison),
        "gains": content.gains(comparison),
        "chart": _cmc(comparison),
        "pairs": failures.camera_heat_map(comparison.trained),
        "metrics": headline_metrics(),
        "breakdowns": failures.breakdowns(comparison.failures),
        "reasons": comparison.failures.reasons,
        "confused": len(comparison.failures.confusions),
        "asked": comparison.failures.queries,
        "mistakes": failures.mistakes(comparison.failures.worst(), images),
        "queries": content.ranked_queries(comparison.trained, rows, images),
        "map": content.feature_map(comparison.sample),
        "people": comparison.trained.people,
        "gallery": comparison.trained.gallery,
        "junk": comparison.trained.junk,
    }
    template = _environment().get_template("report.html.j2")
    return template.render(
        style=Markup(Path(__file__).with_name("report.css").read_text()),
        snapshot=snapshot,
        run_url=run_url,
        facts=content.headline(snapshot, rows, comparison, costs),
        gallery=content.gallery(rows, images),
        strip=strip and "data:image/webp;base64," + base64.b64encode(strip).decode(),
        recognition=recognition,
        figures=distributions.figures(rows),
        checks=distributions.quality_checks(rows),
        cameras=distributions.camera_bars(rows),
        lights=distributions.light_bars(rows),
        refusals=distributions.refusal_bars(snapshot.statistics),
        costs=costs,
        lineage=content.lineage_lines(snapshot),
    )


@cache
def _environment() -> Environment:
    """Values are escaped unless they are ``Markup``."""
    environment = Environment(
        loader=PackageLoader("tasks.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["percent"] = content.percent
    return environment


def gallery_markdown(reader: SnapshotReader) -> str:
    """A gallery of at most twelve small inlined crops, for a run's artifacts."""
    rows, images = _open(reader)
    return gallery_table(content.gallery(rows, images, people=3, cameras=4), reader.snapshot)


def card_markdown(reader: SnapshotReader) -> str:
    """The card of a data set as it was published, with the gallery inlined, for artifacts."""
    key = reader.dataset.published_key(reader.snapshot.publish_id, "README.md")
    card = reader.dataset.store.get(key).decode()
    return inlined_card(card, gallery_markdown(reader))


def cmc_markdown(comparison: Comparison) -> str:
    """The metrics as a table with the CMC curves as an inlined picture."""
    picture = _inlined(_cmc(comparison, standalone=True))
    return metrics_table(content.methods(comparison), content.gains(comparison), picture)


def failures_markdown(reader: SnapshotReader, comparison: Comparison) -> str:
    """Where the trained model fails: tables, a heat map of cameras and the surest mistakes as
    pictures."""
    _, images = _open(reader)
    found = comparison.failures
    shown = failures.mistakes_markdown(failures.mistakes(found.worst(), images))
    pairs = failures.camera_heat_map(comparison.trained, standalone=True)
    return failures.failures_markdown(found, pairs, shown)


def loss_markdown(losses: Sequence[float], seconds: float) -> str:
    """The loss of a training run as an inlined picture, with where it ended."""
    recent = losses[-20:]
    ended = f"{len(losses):,} iterations, loss {sum(recent) / max(1, len(recent)):.3f} at the end"
    picture = _inlined(loss_chart(losses, standalone=True))
    return f"{ended}, {seconds:.0f} s\n\n![Training loss]({picture})"


def _inlined(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _cmc(comparison: Comparison, standalone: bool = False) -> str:
    curves = [
        Curve(content.METHOD_NAMES.get(e.method, e.method), e.method, e.cmc)
        for e in comparison.evaluations
    ]
    return cmc_chart(curves, standalone=standalone)


def _open(reader: SnapshotReader) -> tuple[pd.DataFrame, Images]:
    """Label rows of a snapshot, and a way to read some of its crops."""
    rows = reader.table(content.COLUMNS).to_pandas()
    return rows, snapshot_images(reader, rows["crop_key"])
