"""Publishing: exact, repeatable, all or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import simplejpeg
import yaml

from manifests.dataset import Dataset
from manifests.errors import CorruptData, Shortfall, StoreUnsuitable
from manifests.reader import open_snapshot
from manifests.recipe import Recipe
from manifests.recipes_io import parse_recipe, recipe_digest
from manifests.snapshots import Snapshot, latest_snapshot, snapshot_numbers
from manifests.stores import Store, open_store
from tasks.publish import parts
from tasks.publish.companions import COMPANIONS
from tasks.publish.publish import publish_dataset
from tasks.publish.published import find_published
from tasks.publish.verify import verify
from tests.manifests.claimed_shards import claim_rows, claim_shards, crop_row, recipe


def test_a_snapshot_holds_exactly_what_was_asked(toy: Dataset, published: Snapshot) -> None:
    assert (published.people, published.crops, published.images_per_person) == (20, 120, 6)
    table = open_snapshot(toy).table()
    assert set(Counter(table["person_index"].to_pylist()).values()) == {6}
    assert Counter(table["camera"].to_pylist()) == dict.fromkeys(
        set(table["camera"].to_pylist()), 20
    )
    assert sum(sum(roles.values()) for roles in published.counts.values()) == 120
    assert published.people_by_split == {"train": 15, "test": 5}
    assert published.lineage["cpu_seconds"] == {"annotate": 1.0, "render": 4.0}
    assert verify(open_snapshot(toy)).ok


def test_all_that_is_published_can_be_collected_as_garbage(
    toy: Dataset, published: Snapshot
) -> None:
    keys = [info.key for info in toy.store.list(f"toy/published/{published.publish_id}/")]
    assert len(keys) > len(COMPANIONS) and all(map(toy.names_data, keys))


def test_the_request_is_kept_beside_the_data(store: Store, published: Snapshot) -> None:
    stored = store.get(f"toy/recipes/{published.recipe_digest}.yaml").decode()
    assert parse_recipe(stored) == recipe()
    assert recipe_digest(recipe()) == published.recipe_digest


def test_other_attempts_hosts_and_shard_cuts_give_the_same_content(
    store: Store, published: Snapshot, tmp_path: Path
) -> None:
    other = Dataset("toy", open_store(tmp_path / "other"))
    rows = [
        pq.read_table(tmp_path / "store" / info.key).to_pylist()
        for info in store.list("toy/crops/")
    ]
    everything = [row | {"render_id": "elsewhere"} for shard in rows for row in shard]
    claims = {}
    for n in range(3):
        made = claim_rows(other, f"cut {n}", everything[n::3], tmp_path, attempt="b7")
        claims[made.id] = made
    again = publish_dataset(recipe(), other, [], claims)
    assert again.content_digest == published.content_digest
    assert again.parts[0].sha256 != ""
    assert again.publish_id != published.publish_id


def test_extras_are_counted_nowhere(store: Store, toy: Dataset, tmp_path: Path) -> None:
    claims = {
        id: claim.model_copy(
            update={
                "rejected": {"small": 3, "occluded": 1, "frame:black": 1},
                "rejected_of": {17: {"small": 1}, 18: {"small": 2, "occluded": 1}},
            }
        )
        for id, claim in claim_shards(toy, tmp_path).items()
    }
    for id, claim in claims.items():
        toy.store.put(toy.claim_key("crops", id), claim.seal()[1])
    snapshot = publish_dataset(recipe(people=18, shards={"people_per_shard": 10}), toy, [], claims)
    verify(open_snapshot(toy)).raise_if_broken()
    rows = open_snapshot(toy).table()
    assert set(rows["person_index"].to_pylist()) == set(range(18))
    assert snapshot.statistics["rejected"] == {"frame:black": 2, "small": 2}
    assert sum(snapshot.statistics["people_by_cameras_seen"].values()) == 18
    assert set(snapshot.statistics["people_by_camera"].values()) == {18}
    assert snapshot.lineage["accepted_crops"] == 18 * 12
    assert "18 people, 108 crops" in store.get(snapshot.files[0].key).decode()


def test_publishing_again_is_found_and_writes_nothing(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    before = [info.key for info in store.list("toy/")]
    claims = claim_shards(toy, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    assert publish_dataset(recipe(), toy, [], claims) == published
    assert [info.key for info in store.list("toy/")] == before
    assert find_published(recipe(), toy) == published


def test_another_recipe_is_not_found_and_makes_the_next_snapshot(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    wanted = recipe(images=8)
    assert find_published(wanted, toy) is None
    claims = claim_shards(toy, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    second = publish_dataset(wanted, toy, [], claims)
    assert (second.number, second.crops) == (2, 160)
    assert find_published(recipe(), toy) == published
    assert verify(open_snapshot(toy, 1)).ok and verify(open_snapshot(toy, 2)).ok


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("published.DATA_VERSION", 10**6),
        ("published.ANNOTATION_VERSION", 10**6),
        ("published.ENGINE_VERSION", "another"),
        ("published.scene_version", lambda name: 10**6),
    ],
)
def test_code_or_scenes_that_make_other_data_do_not_find_the_old(
    toy: Dataset,
    published: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    value: object,
) -> None:
    monkeypatch.setattr(f"tasks.publish.{what}", value)
    assert find_published(recipe(), toy) is None


def test_two_publishers_at_once_commit_one_snapshot(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    start = threading.Barrier(3)

    def publish(_: int) -> Snapshot:
        start.wait()
        return publish_dataset(recipe(), toy, [], claims)

    with ThreadPoolExecutor(3) as pool:
        committed = list(pool.map(publish, range(3)))
    assert committed[0] == committed[1] == committed[2]
    assert snapshot_numbers(toy) == [1]
    assert verify(open_snapshot(toy)).ok


def test_many_small_parts_hold_the_same_rows(
    toy: Dataset, published: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 8_000)
    other = Dataset("toy", open_store(tmp_path / "other"))
    claims = claim_shards(other, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    snapshot = publish_dataset(recipe(), other, [], claims)
    assert len(snapshot.parts) > 3
    assert snapshot.content_digest == published.content_digest
    assert verify(open_snapshot(other)).ok
    one, many = open_snapshot(toy), open_snapshot(other)
    assert list(one.images()) == list(many.images())


def test_parts_depend_on_the_crops_alone(published: Snapshot, tmp_path: Path) -> None:
    other = Dataset("toy", open_store(tmp_path / "other"))
    claims = claim_shards(other, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    again = publish_dataset(recipe(), other, [], dict(reversed(claims.items())))
    assert [part.sha256 for part in again.parts] == [part.sha256 for part in published.parts]
    assert again.manifest.sha256 == published.manifest.sha256


def test_a_shortfall_publishes_nothing(store: Store, toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path, people=range(10))
    with pytest.raises(Shortfall):
        publish_dataset(recipe(), toy, [], claims)
    assert latest_snapshot(toy) is None
    assert list(store.list("toy/published/")) == []


def test_damaged_crops_are_never_published(store: Store, toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    key = next(iter(claims.values())).key
    data = bytearray(store.get(key))
    data[len(data) // 2] ^= 1
    store.put(key, bytes(data))
    with pytest.raises(CorruptData, match=key):
        publish_dataset(recipe(), toy, [], claims)
    assert latest_snapshot(toy) is None


def test_a_publisher_killed_at_any_moment_leaves_no_half_snapshot(
    store: Store, toy: Dataset, tmp_path: Path
) -> None:
    claims = claim_shards(toy, tmp_path)
    program = (
        "import sys\nfrom tests.manifests.claimed_shards import recipe\n"
        "from manifests.claims import read_claims\nfrom manifests.dataset import Dataset\n"
        "from manifests.stores import open_store\n"
        "from tasks.publish.publish import publish_dataset\n"
        "toy = Dataset('toy', open_store(sys.argv[1]))\n"
        "claims = read_claims(toy, 'crops', sys.argv[2:])\n"
        "toy.store.put('ready', b'')\npublish_dataset(recipe(), toy, [], claims)\n"
    )
    for delay in (0.01, 0.05):
        publisher = subprocess.Popen(
            [sys.executable, "-c", program, store.uri, *claims], cwd=Path(__file__).parents[3]
        )
        while not store.exists("ready"):
            time.sleep(0.005)
        time.sleep(delay)
        publisher.kill()
        publisher.wait()
        store.delete("ready")
        if latest_snapshot(toy) is not None:
            assert verify(open_snapshot(toy)).ok
    assert publish_dataset(recipe(), toy, [], claims).number == 1
    assert verify(open_snapshot(toy)).ok


def test_the_card_says_what_is_in_it_and_how_to_load_it(store: Store, published: Snapshot) -> None:
    card = store.get(published.files[0].key).decode()
    head = yaml.safe_load(card.split("---")[1])
    assert head["license"] == "cc0-1.0"
    assert head["size_categories"] == ["n<1K"]
    for words in (published.content_digest, "street_c01", "images_per_person: 6", "load_dataset"):
        assert words in card


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_scratch_disk_is_named_and_publishes_nothing(
    toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = claim_shards(toy, tmp_path)
    disk = tmp_path / "scratch"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", disk]).returncode:
        pytest.skip("this machine does not let us mount a tmpfs")
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(StoreUnsuitable, match="set TMPDIR"):
            publish_dataset(recipe(), toy, [], claims)
    finally:
        # Lazily: what a failed write has open is closed when its traceback goes, which is later.
        subprocess.run(["umount", "--lazy", disk], check=True)
    assert latest_snapshot(toy) is None


def test_lineage_names_code_and_run(toy: Dataset, tmp_path: Path) -> None:
    snapshot = publish_dataset(recipe(), toy, [], claim_shards(toy, tmp_path), run="r-17")
    assert snapshot.lineage["run"] == "r-17"
    assert snapshot.lineage["code"].startswith("unrealperson 0.")
    assert (snapshot.lineage["seed"], snapshot.lineage["hosts"]) == (5, ["host-a"])


def test_licences_travel_into_card_croissant_and_lineage(
    store: Store, toy: Dataset, tmp_path: Path
) -> None:
    people = recipe().people.model_dump(mode="json")
    people |= {"texture_folder": "/clothes", "texture_licence": "CC-BY-NC-4.0"}
    restricted = Recipe.model_validate(
        recipe().model_dump(mode="json")
        | {"people": people, "acknowledged_licences": ["CC-BY-NC-4.0"]}
    )
    snapshot = publish_dataset(restricted, toy, [], claim_shards(toy, tmp_path))
    files = {
        file.key.rpartition("/")[2]: store.get(file.key).decode("latin-1")
        for file in snapshot.files
    }
    assert "| clothing pictures (texture folder) | CC-BY-NC-4.0 |" in files["README.md"]
    assert "https://spdx.org/licenses/CC-BY-NC-4.0.html" in files["croissant.json"]
    assert snapshot.lineage["sources"]["bodies (MakeHuman)"] == "CC0-1.0"
    assert "CC-BY-NC-4.0, acknowledged" in snapshot.lineage["warnings"][0]


def test_mixed_renderers_are_warned_about(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    second = list(claims)[1]
    claims[second] = claims[second].model_copy(update={"renderer": "other GPU"})
    snapshot = publish_dataset(recipe(), toy, [], claims)
    assert "2 different renderers" in snapshot.lineage["warnings"][0]


def test_refusals_are_summed_over_the_shards(toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    for n, (id, claim) in enumerate(claims.items()):
        refused = {"small": 2, "occluded": n}
        claims[id] = claim.model_copy(update={"rejected": refused})
    snapshot = publish_dataset(recipe(), toy, [], claims)
    assert snapshot.statistics["rejected"] == {"occluded": 1, "small": 4}


def test_statistics_count_what_harms_training(toy: Dataset, tmp_path: Path) -> None:
    """Every toy crop of a person and camera after the first shows the same pose and place."""
    claims = claim_shards(toy, tmp_path)
    statistics = publish_dataset(recipe(images=12), toy, [], claims).statistics
    assert statistics["near_duplicates"] == 20 * 6
    assert statistics["people_in_one_camera_only"] == 0
    assert statistics["people_by_cameras_seen"] == {"6": 20}
    assert statistics["crops_by"]["camera"]["street_c01"] == 40
    assert statistics["quantiles"]["visibility"]["0.5"] == 0.8
    assert statistics["quantiles"]["box_width"]["0.5"] == 16
    assert statistics["quantiles"]["box_height"]["0.95"] == 32
    assert statistics["people_by_images"] == {"12": 20}
    assert statistics["people_by_scenes_seen"] == {"2": 20}
    assert statistics["crops_by"]["viewpoint_class"] == {"right": 240}


def test_hugging_face_datasets_opens_the_images(
    store: Store, published: Snapshot, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    files = [str(tmp_path / "store" / part.key) for part in published.parts]
    loaded = datasets.load_dataset(
        "parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded.num_rows == 120
    assert loaded[0]["image"].size == (16, 32)
    assert loaded[0]["split"] in ("train", "test")


def test_whoever_opens_the_folder_trains_on_nobody_who_is_tested(
    store: Store, published: Snapshot, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    folder = (tmp_path / "store" / published.parts[0].key).parent

    splits = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    roles = {"train": published.counts["train"]["train"], **published.counts["test"]}
    assert {name: len(crops) for name, crops in splits.items()} == roles
    assert all(set(crops["role"]) == {name} for name, crops in splits.items())
    # As the card says: older versions do not know binary columns of a fixed size.
    assert splits["train"].features["crop_digest"].dtype == "binary"
    tested = {who for name in published.counts["test"] for who in splits[name]["person_id"]}
    assert len(tested) == published.people_by_split["test"]
    assert tested.isdisjoint(splits["train"]["person_id"])


# mlcroissant itself uses what rdflib and pandas will drop.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_croissant_is_valid_and_loads_with_the_reference_library(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    path = tmp_path / "store" / published.parts[0].key
    loaded = mlcroissant.Dataset(jsonld=str(path.parent / "croissant.json"))
    issues = loaded.metadata.ctx.issues
    assert not issues.errors and not issues.warnings, issues.report()
    crop = next(iter(loaded.records("train")))
    assert crop["train/image"].size == (16, 32)
    assert crop["train/person_id"] == b"5-000000"
    labels = list(loaded.records("labels"))
    assert len(labels) == len(list(loaded.records("crops"))) == 120
    for role, count in published.counts["test"].items():
        found = [row[f"{role}/role"] for row in loaded.records(role)]
        assert found == [role.encode()] * count
    assert list(labels[0]["labels/garments"]) == [b"t-shirt", b"jeans"]
    names = [row["splits/name"] for row in loaded.records("splits")]
    assert names == ["train", "query", "gallery"]
    tracklets = open_snapshot(toy).tracklets()
    assert len(list(loaded.records("tracklets"))) == tracklets.num_rows


def test_the_card_shows_people_by_cameras(store: Store, published: Snapshot) -> None:
    (key,) = (file.key for file in published.files if file.key.endswith("examples.jpg"))
    sheet = simplejpeg.decode_jpeg(store.get(key))
    assert sheet.shape == (6 * 180 + 4, 6 * 84 + 4, 3)
    cells = sheet[4:].reshape(6, 180, -1, 3)[:, 60:170, 4:].mean(axis=1)
    assert (cells.reshape(6, 6, 84, 3)[:, :, 20:60].std(axis=(0, 1)) > 1).all()


def test_duplicate_images_of_different_shards_are_published_once(
    toy: Dataset, tmp_path: Path
) -> None:
    claims = claim_shards(toy, tmp_path)
    rows = [crop_row(0, "street", "street_c01", 0) | {"render_id": "x"}]
    made = claim_rows(toy, "again", rows, tmp_path)
    publish_dataset(recipe(images=12), toy, [], {**claims, made.id: made})
    assert verify(open_snapshot(toy)).ok


def test_statistics_of_many_pieces_are_verified_in_the_same_pieces(
    toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("tasks.publish.statistics", "tasks.publish.parts"):
        monkeypatch.setattr(f"{module}.PIECE_ROWS", 7)
    publish_dataset(recipe(), toy, [], claim_shards(toy, tmp_path))
    verify(open_snapshot(toy)).raise_if_broken()
