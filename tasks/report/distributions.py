"""Distributions of a data set's crops as charts and bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from manifests.reasons import counts_today
from tasks.annotate.labels import VIEWPOINTS
from tasks.annotate.statistics import near_duplicates
from tasks.report.charts import columns, histogram, rose

_POORLY_VISIBLE = 0.7


@dataclass(frozen=True)
class Figure:
    """One chart with its caption."""

    title: str
    note: str
    chart: Markup
    round: bool = False


@dataclass(frozen=True)
class Bar:
    """One labelled bar; ``share`` of the longest one, 0..1."""

    label: str
    value: int
    share: float
    note: str = ""


def figures(rows: pd.DataFrame) -> list[Figure]:
    """Charts of the labels every crop has."""
    heights = (rows["box_y1"].astype(int) - rows["box_y0"]).to_numpy()
    sides = rows["viewpoint_class"].value_counts().reindex(VIEWPOINTS, fill_value=0)
    cameras = rows.groupby("person_id")["camera"].nunique().to_numpy()
    metres = rows["distance"].to_numpy() / 100.0
    tallest = 80 + float(np.ceil(max(np.quantile(heights, 0.99) - 80, 60) / 60) * 60)
    farthest = float(np.ceil(max(np.quantile(metres, 0.99), 6.0) / 6) * 6)
    numbers, people = np.unique(cameras, return_counts=True)
    seen_by = dict(zip(map(str, numbers.tolist()), people.tolist(), strict=True))
    return [
        Figure(
            "Height of the body in the frame",
            f"pixels; median {np.median(heights):.0f}",
            histogram(heights, np.linspace(80, tallest, 13).tolist(), "px", "Box heights"),
        ),
        Figure(
            "Distance to the camera",
            f"metres; median {np.median(metres):.1f}",
            histogram(metres, np.linspace(0, farthest, 13).tolist(), "m", "Distances"),
        ),
        Figure(
            "Side seen by the camera",
            "area of a sector = number of crops",
            rose(dict(zip(VIEWPOINTS, sides.astype(int).tolist(), strict=True)), "Viewpoints"),
            round=True,
        ),
        Figure(
            "Visible share of the body",
            f"mean {rows['visibility'].mean():.2f}",
            histogram(
                rows["visibility"].to_numpy(), np.linspace(0.4, 1, 13).round(2).tolist(), "", "Seen"
            ),
        ),
        Figure(
            "Brightness of the crop",
            f"mean grey level; median {rows['luminance'].median():.0f}",
            histogram(rows["luminance"].to_numpy(), list(range(0, 257, 16)), "", "Luminance"),
        ),
        Figure(
            "Cameras that see a person",
            f"people; at least {int(cameras.min())} each",
            columns(seen_by, "Cameras per person"),
        ),
    ]


def camera_bars(rows: pd.DataFrame) -> list[Bar]:
    """Crops and people per camera."""
    table = rows.groupby("camera").agg(crops=("crop_key", "size"), people=("person_id", "nunique"))
    return _bars(
        dict(zip(map(str, table.index), table["crops"].tolist(), strict=True)),
        {str(name): f"{n} people" for name, n in zip(table.index, table["people"].tolist())},
    )


def light_bars(rows: pd.DataFrame) -> list[Bar]:
    """Crops per scene and light."""
    counts = rows.groupby(["scene", "light"]).size()
    return _bars({" · ".join(map(str, name)): int(n) for name, n in zip(counts.index, counts)})


def refusal_bars(statistics: dict[str, Any]) -> list[Bar]:
    """Why visible people (``frame:`` whole frames) were refused, most frequent first."""
    counts = counts_today(statistics.get("rejected", {}))
    return _bars(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))))


def quality_checks(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """What to look at before training: counts in words, whether good or bad."""
    per_person = rows.groupby("person_id")
    cameras, scenes = per_person["camera"].nunique(), per_person["scene"].nunique()
    images = per_person.size()
    twins = int(near_duplicates(rows).sum())
    hidden = int((rows["visibility"] < _POORLY_VISIBLE).sum())
    groups = rows.drop_duplicates("person_id")["look_alike_group"].dropna()
    return [
        ("images per person", _from_to(images.to_numpy())),
        ("cameras per person", _from_to(cameras.to_numpy())),
        ("people seen by one camera only", f"{int((cameras == 1).sum()):,}"),
        ("people seen in one scene only", f"{int((scenes == 1).sum()):,}"),
        (
            "near-duplicates (same person, camera, place and side)",
            f"{twins:,} of {len(rows):,} crops",
        ),
        (
            f"crops that show less than {_POORLY_VISIBLE:.0%} of the body",
            f"{hidden:,} of {len(rows):,}",
        ),
        ("people in groups of look-alikes", f"{len(groups):,} in {groups.nunique():,} groups"),
    ]


def _from_to(numbers: np.ndarray) -> str:
    least, most = int(numbers.min()), int(numbers.max())
    return f"exactly {least}" if least == most else f"{least} to {most}, mean {numbers.mean():.1f}"


def _bars(counts: dict[str, int], notes: dict[str, str] | None = None) -> list[Bar]:
    most = max(counts.values(), default=1)
    return [
        Bar(name, number, number / max(1, most), (notes or {}).get(name, ""))
        for name, number in counts.items()
    ]
