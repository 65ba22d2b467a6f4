"""What a report says, as plain values that the page template only has to lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from manifests.snapshots import Snapshot
from tasks.annotate.statistics import DEDUPE_COLUMNS
from tasks.report.charts import scatter
from tasks.report.gallery import plan_gallery
from tasks.report.thumbnails import Images, Thumbnail, thumbnail
from training.evaluation.bootstrap import Interval
from training.evaluation.feature_map import FeatureSample, laid_out
from training.evaluation.metrics import METRICS, Metric, headline_metrics

if TYPE_CHECKING:
    import pandas as pd

    from tasks.accounting import CostSheet
    from tasks.evaluate.measure import Difference, Evaluation
    from tasks.evaluate.run import Comparison

GALLERY_PEOPLE = 9
GALLERY_CAMERAS = 12
_FEW_CAMERAS = 7
_THUMBNAIL_HEIGHT = 160
_RANKED_HEIGHT = 128
_LATER_RANKS = (5, 10)
_GAP = "\u202f"

_LOOKS = ("gender", "stature", "garments", "garment_colours", "accessories", "look_alike_group")
_SEEN = ("scene", "light", "visibility", "distance", "viewpoint_class", "luminance", "height")
COLUMNS = (*DEDUPE_COLUMNS, *_LOOKS, *_SEEN)
"""Manifest columns a report reads."""

METHOD_NAMES = {
    "trained": "Trained on this data",
    "untrained": "Untrained network",
    "colour": "Colour histograms",
}


@dataclass(frozen=True)
class PersonRow:
    """One person of the gallery: looks in words and a few crops (or none) per camera."""

    person_id: str
    looks: str
    colours: tuple[tuple[str, str], ...]  # garment, #rrggbb
    cells: tuple[tuple[Thumbnail, ...], ...]


@dataclass(frozen=True)
class Gallery:
    """Identities by cameras; ``scenes``: scene and how many of the columns are its."""

    cameras: tuple[str, ...]
    scenes: tuple[tuple[str, int], ...]
    people: tuple[PersonRow, ...]


@dataclass(frozen=True)
class Cell:
    """One number of a method; only headline metrics have an ``interval``."""

    heading: str
    value: str
    interval: str = ""


@dataclass(frozen=True)
class Method:
    """One measured method."""

    tone: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Gain:
    """How much the trained model differs from another method."""

    over: str
    found: Difference

    def rows(self) -> list[tuple[Metric, Interval]]:
        """What is told of each metric."""
        return [(METRICS[key], of) for key, of in self.found.items()]

    def shows(self) -> bool:
        """Whether the trained model is better by every metric."""
        return all(metric.improves(of) for metric, of in self.rows())


@dataclass(frozen=True)
class Ranked:
    """One crop of a ranked list; ``right`` is None for the query itself."""

    crop: Thumbnail
    caption: str
    right: bool | None = None


def headline(
    snapshot: Snapshot, rows: pd.DataFrame, comparison: Comparison | None, costs: CostSheet | None
) -> list[tuple[str, str, str]]:
    """The numbers somebody wants first: label, value, note."""
    train = snapshot.people_by_split.get("train", 0)
    test = snapshot.people_by_split.get("test", 0)
    cameras, scenes = rows["camera"].nunique(), rows["scene"].nunique()
    facts = [
        ("people", f"{snapshot.people:,}", f"{train:,} train, {test:,} test"),
        ("crops", f"{snapshot.crops:,}", f"{snapshot.images_per_person} per person"),
        ("cameras", str(cameras), f"{scenes} scene{'s' if scenes > 1 else ''}"),
    ]
    if comparison is not None:
        trained = comparison.trained
        notes = iter(("trained, held-out people", f"{trained.queries:,} queries"))
        facts += [
            (metric.name, metric.text(trained.mean(metric.key), _GAP), next(notes, ""))
            for metric in headline_metrics()
        ]
    if costs is not None and costs.stages:
        total = costs.total_cpu_seconds()
        each = f"{total / max(1, snapshot.crops):.3f}"
        facts.append(("CPU-s per crop", each, f"{total:,.0f} in all"))
    return facts


def gallery(
    rows: pd.DataFrame, images: Images, people: int = GALLERY_PEOPLE, cameras: int = GALLERY_CAMERAS
) -> Gallery:
    """Crops of some people in some cameras (see ``plan_gallery``)."""
    per_cell = 2 if min(cameras, len(rows["camera"].unique())) <= _FEW_CAMERAS < cameras else 1
    plan = plan_gallery(rows, people, cameras, per_cell)
    jpegs = images({key for line in plan.cells for keys in line for key in keys})
    looks = rows.drop_duplicates("person_id").set_index("person_id")
    scene_of = rows.drop_duplicates("camera").set_index("camera")["scene"]
    lines = []
    for person, cells in zip(plan.people, plan.cells, strict=True):
        row = looks.loc[[person]].iloc[0]
        colours = zip(row["garments"], row["garment_colours"])
        lines.append(
            PersonRow(
                person,
                describe(row.to_dict()),
                tuple((str(name), f"#{int(colour):06x}") for name, colour in colours),
                tuple(
                    tuple(thumbnail(jpegs[key], _THUMBNAIL_HEIGHT) for key in keys)
                    for keys in cells
                ),
            )
        )
    scenes = [str(scene_of[camera]) for camera in plan.cameras]
    grouped = [(scene, scenes.count(scene)) for scene in dict.fromkeys(scenes)]
    return Gallery(plan.cameras, tuple(grouped), tuple(lines))


def describe(row: Mapping[Any, Any]) -> str:
    """A person's looks in a few words."""
    words = [str(row["gender"]), f"{float(row['stature']):.0f} cm"]
    words += [str(name).replace("_", " ") for name in row["accessories"]]
    return ", ".join(words)


def methods(comparison: Comparison) -> list[Method]:
    """Every measured method, the trained one first."""
    return [
        Method(e.method, METHOD_NAMES.get(e.method, e.method), tuple(_cells(e)))
        for e in comparison.evaluations
    ]


def _cells(evaluation: Evaluation) -> Iterator[Cell]:
    """The headline metrics, and beside rank-1 how the curve that it begins goes on."""
    for metric in headline_metrics():
        of = evaluation.intervals[metric.key]
        value, low, high = (
            metric.text(v, _GAP) for v in (evaluation.mean(metric.key), of.low, of.high)
        )
        yield Cell(metric.name, value, f"{low} – {high}")
        if metric.key == "rank1":
            for r in _LATER_RANKS:
                known = r <= len(evaluation.cmc)
                yield Cell(f"rank-{r}", percent(evaluation.cmc[r - 1]) if known else "–")


def gains(comparison: Comparison) -> list[Gain]:
    """The trained model against each of the other two."""
    found = {
        "untrained": comparison.trained_minus_untrained,
        "colour": comparison.trained_minus_colour,
    }
    return [Gain(METHOD_NAMES[over].lower(), difference) for over, difference in found.items()]


def ranked_queries(
    evaluation: Evaluation, rows: pd.DataFrame, images: Images
) -> list[list[Ranked]]:
    """Queries, each with the gallery crops that the method ranks first."""
    lists = evaluation.ranked_lists
    jpegs = images({key for item in lists for key in (item.query, *item.gallery)})
    label = rows.set_index("crop_key")

    def shown(key: str, right: bool | None = None) -> Ranked:
        row = label.loc[key]
        caption = f"{row['person_id']} in {row['camera']}"
        return Ranked(thumbnail(jpegs[key], _RANKED_HEIGHT), caption, right)

    return [[shown(item.query), *map(shown, item.gallery, map(bool, item.right))] for item in lists]


def feature_map(sample: FeatureSample) -> Markup | None:
    """Where the crops of some people lie for the model; ``None`` for too few of them."""
    places = laid_out(sample.features)
    if places is None:
        return None
    titles = [f"{who} in {where}" for who, where in zip(sample.person, sample.camera, strict=True)]
    people = len(set(sample.person))
    words = f"Features of {len(places)} crops of {people} people, near where they are alike"
    return scatter(places, sample.person, titles, words)


def lineage_lines(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Where the data comes from, as name and value pairs."""
    versions = f"{snapshot.schema_version}, {snapshot.data_version}, {snapshot.annotation_version}"
    known: list[tuple[str, Any]] = [
        ("content digest", snapshot.content_digest),
        ("recipe digest", snapshot.recipe_digest),
        ("publish id", snapshot.publish_id),
        ("schema, data, annotation version", versions),
        ("licence", snapshot.licence),
        ("created", snapshot.created),
        ("people left out", ", ".join(map(str, snapshot.dropped_people))),
    ]
    known += list(flatten(snapshot.lineage))
    return [(name, str(value)) for name, value in known if value not in ("", None)]


def flatten(value: Any, name: str = "") -> Sequence[tuple[str, Any]]:
    """Nested dictionaries as dotted names; lists as one line each, long ones cut."""
    if isinstance(value, Mapping):
        lines: list[tuple[str, Any]] = []
        for key in value:
            lines += flatten(value[key], f"{name}.{key}" if name else str(key))
        return lines
    if isinstance(value, list | tuple):
        shown = ", ".join(map(str, value[:6]))
        return [(name, shown + (f", and {len(value) - 6} more" if len(value) > 6 else ""))]
    return [(name, value)]


def percent(rate: float) -> str:
    """0.9183 -> 91.8 %, with a thin no-break space."""
    return f"{100 * rate:.1f}{_GAP}%"
