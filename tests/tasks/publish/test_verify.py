"""Verification notices every kind of damage and names the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.claims import claim
from manifests.content import ContentDigest
from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.expenses import record_expense
from manifests.reader import open_snapshot
from manifests.requests import keep_plan, keep_recipe
from manifests.schema import MANIFEST
from manifests.sealed import sealed_text
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot
from manifests.stores import Store
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify, verify_all
from tests.manifests.claimed_shards import claim_rows, claim_shards, crop_row, recipe
from tests.tasks.publish.conftest import GROUPS

SNAPSHOT = "toy/snapshots/0000000001.json"


def test_an_undamaged_data_set_agrees(toy: Dataset, published: Snapshot) -> None:
    report = verify(open_snapshot(toy))
    report.raise_if_broken()
    assert report.ok and report.images == 120
    assert "Everything agrees" in str(report) and published.content_digest in str(report)


def test_there_must_be_something_to_verify(toy: Dataset) -> None:
    with pytest.raises(NotFound, match="build --recipe toy"):
        verify(open_snapshot(toy))


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


@pytest.mark.parametrize("which", ["part", "manifest", "tracklets", "card", "recipe"])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "emptied", "deleted"])
def test_every_damaged_file_is_named(
    store: Store, toy: Dataset, published: Snapshot, which: str, damage: str
) -> None:
    assert published.tracklets is not None
    key = {
        "tracklets": published.tracklets.key,
        "part": published.parts[0].key,
        "manifest": published.manifest.key,
        "card": published.files[0].key,
        "recipe": f"toy/recipes/{published.recipe_digest}.yaml",
    }[which]
    data = store.get(key)
    if damage == "deleted":
        store.delete(key)
    else:
        middle = data.index(b"count: 20") + 8 if which == "recipe" else len(data) // 2
        changed = {"flipped": flip(data, middle), "truncated": data[:-7], "emptied": b""}
        store.put(key, changed[damage])
    report = verify(open_snapshot(toy))
    assert {problem.where for problem in report.problems} == {key}
    with pytest.raises(CorruptData, match=key):
        report.raise_if_broken()


def test_a_flipped_bit_anywhere_in_a_part_is_noticed(
    store: Store, toy: Dataset, published: Snapshot
) -> None:
    key = published.parts[0].key
    data = store.get(key)
    for position in np.random.default_rng(0).integers(0, len(data), 6):
        store.put(key, flip(data, int(position)))
        assert not verify(open_snapshot(toy)).ok


def forge(
    tmp_path: Path, published: Snapshot, change: Callable[[pa.Table], pa.Table], parts: bool = True
) -> None:
    """Change the rows of manifest (and parts) and make every digest agree with the forgery."""
    root = tmp_path / "store"
    document = json.loads(published.model_dump_json())

    def write(info: dict, table: pa.Table) -> None:
        path = root / info["key"]
        pq.write_table(table, path)
        data = path.read_bytes()
        info |= {
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "rows": table.num_rows,
        }

    whole = pa.concat_tables(pq.read_table(root / part.key) for part in published.parts)
    places = {key: place for place, key in enumerate(whole["crop_key"].to_pylist())}
    keys = pq.read_table(root / published.manifest.key)["crop_key"].to_pylist()
    changed = change(whole.take(pa.array([places[key] for key in keys])))
    write(document["manifest"], changed.drop_columns(["image"]))
    content = ContentDigest()
    content.update(changed.select(MANIFEST.names).cast(MANIFEST))
    document["content_digest"] = content.hexdigest()
    for info in document["parts"] if parts else ():
        write(info, changed.filter(pc.field("role") == info["role"]))
    document["crops"] = document["manifest"]["rows"]
    (root / SNAPSHOT).write_bytes(Snapshot.model_validate(document).seal()[1])


def replace(name: str, edit: Callable[[list], list]) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        index = table.column_names.index(name)
        field = table.schema.field(name)
        return table.set_column(index, field, pa.array(edit(table[name].to_pylist()), field.type))

    return change


def swap_first(values: list, value: object) -> list:
    return [value, *values[1:]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.slice(0, t.num_rows - 1), "not exactly 6 crops each: people 19"),
        (lambda t: t.slice(6), "has 19 people instead of 20"),
        (
            lambda t: pa.concat_tables([t.slice(0, 1), t]).slice(0, t.num_rows),
            "images are there twice",
        ),
        (lambda t: t.take(pa.array(range(t.num_rows)[::-1])), "not in canonical order"),
        (
            replace("split", lambda v: swap_first(v, "test" if v[0] == "train" else "train")),
            "in two splits: people 0",
        ),
        (
            replace("role", lambda v: ["gallery" if x == "query" else x for x in v]),
            "counts by split",
        ),
        (
            replace("look_alike_group", lambda v: ["g9"] * len(v)),
            "look-alike groups in two splits: g9",
        ),
        (
            replace("role", lambda v: ["query" if x == "gallery" else x for x in v]),
            "queries without an answer",
        ),
    ],
)
def test_rows_that_break_a_promise_are_noticed_even_if_all_digests_agree(
    toy: Dataset, published: Snapshot, tmp_path: Path, change: Callable, words: str
) -> None:
    forge(tmp_path, published, change)
    report = verify(open_snapshot(toy))
    assert any(words in problem.what for problem in report.problems), report


def test_labels_of_parts_must_be_those_of_the_manifest(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    forge(tmp_path, published, replace("age", lambda v: swap_first(v, 99.0)), parts=False)
    problems = verify(open_snapshot(toy)).problems
    assert [p.where for p in problems] == [published.parts[0].key]
    assert "labels of row group 0 differ" in problems[0].what


def test_images_that_do_not_decode_are_named(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    garbage = b"\xff\xd8 not a picture"

    def change(table: pa.Table) -> pa.Table:
        digest = hashlib.sha256(garbage).digest()
        table = replace("crop_digest", lambda v: swap_first(v, digest))(table)
        images = table["image"].to_pylist()
        images[0]["bytes"] = garbage
        return replace("image", lambda v: images)(table)

    forge(tmp_path, published, change)
    report = verify(open_snapshot(toy))
    assert any("cannot be decoded" in problem.what for problem in report.problems), report


def test_images_of_another_size_than_labelled_are_named(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    forge(tmp_path, published, replace("width", lambda v: swap_first(v, 17)))
    assert "is 16x32 instead of 17x32" in str(verify(open_snapshot(toy)))


EDITS: dict[str, dict[str, object]] = {
    "another licence": {"licence": "CC-BY-4.0"},
    "another seed": {"lineage.seed": 6},
    "other hosts": {"lineage.hosts": ["elsewhere"]},
    "a plan that is none": {"lineage.plans": ["../../secret"]},
    "a plan that is gone": {"lineage.plans": ["0123"]},
    "fewer near duplicates": {"statistics.near_duplicates": 77},
    "fewer refusals": {"statistics.rejected": {"small": 1}},
    "a schema there is not": {"schema_version": 0},
    "no companions": {"files": []},
    "another folder": {"publish_id": "../../etc"},
    "another publication": {"publish_id": "0123456789abcdef-01234567"},
    "another selection": {"selection_digest": "0" * 32},
    "other people": {"people": 19},
    "people elsewhere": {"people_by_split": {"train": 1, "test": 19}},
    "fewer crops each": {"images_per_person": 5},
    "people who were dropped": {"dropped_people": [3]},
    "a key misspelt": {"licenze": "CC0-1.0"},
}


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("edit", EDITS)
def test_whatever_is_edited_in_a_snapshot_is_noticed(
    edit: str, sealed: bool, toy: Dataset, published: Snapshot
) -> None:
    """In one of version 0.1, and in one that somebody sealed again."""
    document = json.loads(published.model_dump_json())
    del document["self_digest"]
    for path, value in EDITS[edit].items():
        *above, name = path.split(".")
        place = document
        for key in above:
            place = place[key]
        place[name] = value
    data = json.dumps(document).encode()
    if sealed:
        if "licenze" in document:
            pytest.skip("a key of a newer version, as far as anybody can know")
        data = Snapshot.model_validate(document).seal()[1]
    toy.store.put(SNAPSHOT, data)

    report = verify(open_snapshot(toy))

    assert report.problems and not report.ok
    assert sealed or "of version 0.1: it has no digest of its own" in report.notes


@pytest.fixture
def everything(toy: Dataset, published: Snapshot, tmp_path: Path) -> Dataset:
    """A data set with an expense and a stored report beside it, and with a recipe, a plan and
    claims that nothing was published from."""
    record_expense(toy, "publish", 3.0, 2.0)
    page = f"<html>A report of {published.content_digest}</html>\n"
    toy.store.put(toy.published_key(published.publish_id, "report.html"), sealed_text(page))
    keep_recipe(toy, recipe(images=4))
    keep_plan(toy, BuildPlan(recipe_digest="0", round=0, shards=()))
    made = claim_rows(
        toy, "of a build under way", [crop_row(0, "street", "street_c01", 5)], tmp_path
    )
    claim(toy, "frames", made.model_copy(update={"id": made.render_id}))
    assert verify(open_snapshot(toy)).ok
    return toy


@pytest.mark.parametrize(
    "folder",
    [
        "claims/crops/",
        "claims/frames/",
        "crops/",
        "expenses/",
        "recipes/",
        "plans/",
        "published/",
        "snapshots/",
    ],
)
def test_a_flipped_bit_in_any_kind_of_file_is_noticed(everything: Dataset, folder: str) -> None:
    store, rng = everything.store, np.random.default_rng(3)
    for info in list(store.list(f"toy/{folder}"))[-9:]:
        data = store.get(info.key)
        for position in rng.integers(len(data), size=2):
            store.put(info.key, flip(data, int(position)))
            try:
                assert not verify(open_snapshot(everything)).ok, (info.key, int(position))
            except CorruptData as error:
                assert info.key in str(error)
        store.put(info.key, data)
    assert verify(open_snapshot(everything)).ok


def test_a_build_under_way_is_said_and_no_damage(everything: Dataset) -> None:
    (said,) = [note for note in verify(open_snapshot(everything)).notes if "under way" in note]
    assert said.endswith("1 recipes, 1 plans, 1 claims/crops, 1 claims/frames")


@pytest.mark.parametrize("end", ["its seal", "half its seal", "half", "all"])
def test_a_report_that_was_cut_is_noticed(everything: Dataset, end: str) -> None:
    (key,) = [i.key for i in everything.store.list("toy/published/") if "report" in i.key]
    page = everything.store.get(key)
    kept = {"its seal": -82, "half its seal": -40, "half": len(page) // 2, "all": 0}[end]
    everything.store.put(key, page[:kept])
    assert [problem.where for problem in verify(open_snapshot(everything)).problems] == [key]


def test_reports_of_version_0_1_end_without_a_seal_but_end(everything: Dataset) -> None:
    document = json.loads(everything.store.get(SNAPSHOT))
    everything.store.put(SNAPSHOT, json.dumps(document | {"self_digest": ""}).encode())
    (key,) = [i.key for i in everything.store.list("toy/published/") if "report" in i.key]
    page = everything.store.get(key)
    everything.store.put(key, page[:-82])
    assert verify(open_snapshot(everything)).ok
    everything.store.put(key, page[:-90])
    assert [problem.where for problem in verify(open_snapshot(everything)).problems] == [key]


def test_a_missing_report_and_the_report_of_another_are_said(everything: Dataset) -> None:
    (key,) = [i.key for i in everything.store.list("toy/published/") if "report" in i.key]
    everything.store.put(key, sealed_text("<html>Of another</html>\n"))
    assert "the report of another" in str(verify(open_snapshot(everything)))
    everything.store.delete(key)
    assert "no report is stored beside it" in verify(open_snapshot(everything)).notes


def test_what_was_there_at_publication_must_not_be_gone(
    everything: Dataset, tmp_path: Path
) -> None:
    store = everything.store
    claims = claim_shards(everything, tmp_path, groups=GROUPS)
    kept = next(iter(claims.values()))
    claim(everything, "frames", kept.model_copy(update={"id": kept.render_id}))
    publish_dataset(recipe(images=5), everything, [], claims)
    frames = everything.claim_key("frames", kept.render_id)
    for key in (next(iter(store.list("toy/expenses/"))).key, frames):
        data = store.get(key)
        store.delete(key)
        assert [problem.where for problem in verify(open_snapshot(everything)).problems] == [key]
        store.put(key, data)
    assert verify(open_snapshot(everything)).ok


def test_older_snapshots_are_read_when_all_are_asked_for(
    everything: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    claims = claim_shards(everything, tmp_path, groups=GROUPS)
    publish_dataset(recipe(images=5), everything, [], claims)
    everything.store.put(published.parts[0].key, b"damaged")
    newest = verify(open_snapshot(everything))
    assert newest.ok and any("1 other snapshots were not read (1)" in n for n in newest.notes)
    old, new = verify_all(everything)
    assert new.ok and [problem.where for problem in old.problems] == [published.parts[0].key]
    words = ["verify", "toy", "--store", everything.store.uri, "--all"]
    said = CliRunner().invoke(app, words)
    assert isinstance(said.exception, CorruptData) and "snapshot 1: read" in said.output
    refused = CliRunner().invoke(app, [*words, "--snapshot", "2"])
    assert isinstance(refused.exception, BadRecipe)


def test_a_damaged_older_snapshot_and_a_gap_are_said(everything: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(everything, tmp_path, groups=GROUPS)
    publish_dataset(recipe(images=5), everything, [], claims)
    data = everything.store.get(SNAPSHOT)
    everything.store.put(SNAPSHOT, flip(data, len(data) // 2))
    assert [problem.where for problem in verify(open_snapshot(everything)).problems] == [SNAPSHOT]
    everything.store.delete(SNAPSHOT)
    assert "there is no snapshot 1 any more" in verify(open_snapshot(everything)).notes


def test_a_quick_look_reads_the_published_files_alone(everything: Dataset) -> None:
    key = next(iter(everything.store.list("toy/crops/"))).key
    everything.store.put(key, b"damaged")
    assert verify(open_snapshot(everything), quick=True).ok
    assert [problem.where for problem in verify(open_snapshot(everything)).problems] == [key]


def test_a_deleted_newest_snapshot_is_noticed_by_who_knows_its_digest(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    again = publish_dataset(recipe(images=5), toy, [], claim_shards(toy, tmp_path, groups=GROUPS))
    toy.store.delete(toy.snapshot_key(again.number))
    assert verify(open_snapshot(toy)).ok
    with pytest.raises(CorruptData, match=f"not {again.content_digest} as asked"):
        open_snapshot(toy, None, again.content_digest)
