"""The standalone report of a real snapshot on disk, read back as a browser would."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import simplejpeg

from manifests.errors import CorruptData
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.accounting import CostSheet
from tasks.report.build import (
    cmc_markdown,
    failures_markdown,
    gallery_markdown,
    store_report,
    write_dataset_report,
)
from tasks.report.content import COLUMNS
from tasks.report.web_page import web_page
from tests.tasks.report.measuring import comparison
from tests.tasks.report.publishing import publish_small
from training.evaluation.bootstrap import Interval

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements with their attributes; complains about tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "title"):
            self.text.append(data)

    def having(self, name: str) -> list[str]:
        return [a[name] or "" for _, a in self.elements if name in a]

    def of_class(self, word: str) -> int:
        return sum(word in (a.get("class") or "").split() for _, a in self.elements)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish_small(open_store(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="module")
def measured(published):
    return comparison(published.table([*COLUMNS, "split", "role"]).to_pandas())


def costs() -> CostSheet:
    sheet = CostSheet()
    sheet.add("render", seconds=40.0, cpu_seconds=75.0)
    sheet.add("train", seconds=20.0, cpu_seconds=25.0)
    return sheet


@pytest.fixture(scope="module")
def page(published, measured, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "deep" / "report.html"
    run = "http://127.0.0.1:4200/runs/1"
    assert write_dataset_report(published, measured, costs(), path, run) == path
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]
    return Page(path.read_text(encoding="utf-8"))


def test_a_report_of_the_data_is_stored_beside_it_and_never_replaces_another(published):
    store, snapshot = published.dataset.store, published.snapshot
    key = f"{snapshot.dataset}/published/{snapshot.publish_id}/report.html"
    store_report(published)
    assert snapshot.content_digest in store.get(key).decode()
    store.put(key, b"with a measured model")
    store_report(published)
    assert store.get(key) == b"with a measured model"


def test_nothing_is_loaded_from_elsewhere(page):
    assert all(uri.startswith("data:image/jpeg;base64,") for uri in page.having("src"))
    assert page.having("href") == ["http://127.0.0.1:4200/runs/1"]
    assert not any(tag in ("script", "link", "iframe") for tag, _ in page.elements)


def test_every_picture_decodes_to_its_stated_size_and_has_words(page):
    pictures = [a for tag, a in page.elements if tag == "img"]
    assert len(pictures) > 50
    for picture in pictures:
        jpeg = base64.b64decode(picture["src"].split(",")[1])
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
        assert (int(picture["width"]), int(picture["height"])) == (width, height)
        assert picture["alt"]


def test_right_and_wrong_answers_are_marked(page, measured):
    lists = measured.trained.ranked_lists
    mistakes = len(measured.failures.worst())  # each with one of both
    assert page.of_class("ranked") == len(lists) + mistakes
    right = sum(sum(item.right) for item in lists)
    assert page.of_class("right") == right + mistakes
    assert page.of_class("wrong") == sum(len(item.right) for item in lists) - right + mistakes
    text = " ".join(page.text)
    assert text.count("✓") - 1 == right  # one is in the explanation


def test_a_dot_for_every_crop_of_the_sample(page, measured):
    """In one colour for each person."""
    sample = measured.sample
    dots = [a for tag, a in page.elements if tag == "circle" and (a.get("fill") or "")[:3] == "hsl"]
    assert len(dots) == len(sample.person)
    colours = dict(zip(sample.person, (dot["fill"] for dot in dots)))
    assert [colours[person] for person in sample.person] == [dot["fill"] for dot in dots]
    assert len(set(colours.values())) == len(colours) == 4


def test_it_says_where_the_model_fails(page):
    text = re.sub(r"\s+", " ", " ".join(page.text))
    assert "1 of 30 queries find somebody else first" in text
    assert "below 45 degrees 30 9 50.0 %" in text
    assert "135 degrees and more 3 3 too few to tell too few to tell" in text
    assert "look-alikes 100.0 % 2.0 % 2.9" in text
    assert "taken for" in text and "in common: gender, camera" in text


def test_the_numbers_are_there(page, published):
    snapshot = published.snapshot
    text = re.sub(r"\s+", " ", " ".join(page.text))
    for words in (
        snapshot.content_digest,
        "91.0 %",  # rank-1
        "86.0 % – 95.0 %",  # its interval
        "72.8 %",  # mAP
        "12 train, 4 test",
        "engine.version",
        "CC0-1.0",
        "Against the untrained network: rank-1 +45.0 points (+38.0 to +52.0) , mAP +36.0 points",
        "occluded",
        "75.0 %",  # share of rendering in the cost
    ):
        assert words in text
    assert page.of_class("curve") == 3


def test_without_a_model_and_costs_the_report_is_about_the_data_alone(published, tmp_path):
    text = write_dataset_report(published, None, None, tmp_path / "r.html").read_text()
    page = Page(text)
    assert page.of_class("ranked") == 0 and "What it took" not in text
    assert "People across cameras" in text and "None" not in " ".join(page.text)


def test_a_gain_that_may_be_none_is_called_so(published, measured, tmp_path):
    words = "do not show that training helps"
    sure = write_dataset_report(published, measured, None, tmp_path / "a.html").read_text()
    assert words not in sure
    unsure = {"rank1": Interval(0.1, -0.02, 0.2), "map": Interval(0.1, 0.05, 0.2)}
    doubtful = replace(measured, trained_minus_colour=unsure)
    text = write_dataset_report(published, doubtful, None, tmp_path / "b.html").read_text()
    assert text.count(words) == 1


def test_names_are_escaped(published, tmp_path):
    licence = {"licence": "<script>alert(1)</script>"}
    hostile = SnapshotReader(published.dataset, published.snapshot.model_copy(update=licence))
    text = write_dataset_report(hostile, None, None, tmp_path / "r.html").read_text()
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_an_evaluation_of_other_data_is_refused(published, measured, tmp_path):
    stranger = replace(measured.trained.ranked_lists[0], query="elsewhere/000001/000001")
    other = replace(measured, trained=replace(measured.trained, ranked_lists=(stranger,)))
    with pytest.raises(CorruptData, match="elsewhere"):
        write_dataset_report(published, other, None, tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_the_artifact_gallery_has_at_most_twelve_pictures(published):
    text = gallery_markdown(published)
    assert 6 <= text.count("data:image/jpeg;base64,") <= 12
    assert len(text) < 120_000
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1


def test_the_artifact_metrics(measured):
    text = cmc_markdown(measured)
    assert "| Trained on this data | 91.0\u202f% |" in text
    assert "+45.0 points (95 %: +38.0 to +52.0)" in text
    (picture,) = re.findall(r"data:image/svg\+xml;base64,([^)]+)", text)
    svg = base64.b64decode(picture).decode()
    assert svg.startswith("<svg xmlns=") and svg.count("<polyline") == 3


def test_the_artifact_of_failures(published, measured):
    text = failures_markdown(published, measured)
    assert "| below 45 degrees | 30 | 9 | 50.0\u202f% |" in text
    assert "| 135 degrees and more | 3 | 3 | too few to tell |  | too few to tell |  |" in text
    assert text.count("data:image/jpeg;base64,") == 3  # query, best match and who was found first
    (cameras,) = re.findall(r"data:image/svg\+xml;base64,([^)]+)", text)
    assert ".cell.deep text{fill:#fff}" in base64.b64decode(cameras).decode()
    page = web_page("Where <it> fails", text)
    assert "<h1>Where &lt;it&gt; fails</h1>" in page and "<td>below 45 degrees</td>" in page
    assert page.count('<img src="data:image/') == 4
