"""Publications whose publisher was killed: the next build removes what no snapshot names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.claims import claimed_ids
from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.snapshots import latest_snapshot
from manifests.stores import LocalStore, Store, open_store
from synth_workers.processes.host import Owner
from tasks.publish import abandoned
from tasks.publish.abandoned import being_published, sweep_publications
from tasks.publish.garbage import collect_garbage
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tests.manifests.claimed_shards import claim_shards, recipe

PUBLISHER = """
import sys, time
from manifests.claims import read_claims
from manifests.dataset import Dataset
from manifests.stores import open_store
from tasks.publish import publish
from tests.manifests.claimed_shards import recipe

def wait(*_):
    print("here", flush=True)
    time.sleep(600)

toy, commit = Dataset("toy", open_store(sys.argv[1])), publish.commit_snapshot
moments = {"before": wait, "after": lambda *these: wait(commit(*these))}
publish.commit_snapshot = moments[sys.argv[2]]
publish.publish_dataset(recipe(), toy, [], read_claims(toy, "crops", sys.argv[3:]))
"""


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def publisher(
    toy: Dataset, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[subprocess.Popen]:
    """One that has written everything and stops ``before`` or ``after`` it commits."""
    claim_shards(toy, tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, toy.store.uri, request.param]
        + list(claimed_ids(toy, "crops")),
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None and process.stdout.readline() == "here\n"
    yield process
    process.kill()
    process.communicate()


def published(store: Store) -> set[str]:
    """Publications of which anything is stored, interrupted writes included."""
    found = [*store.list("toy/published/"), *store.leftovers("toy/published/")]
    return {info.key.split("/")[2] for info in found}


@pytest.mark.parametrize("publisher", ["before"], indirect=True)
def test_what_a_killed_publisher_left_is_removed_and_published_anew(
    publisher: subprocess.Popen, toy: Dataset, tmp_path: Path
) -> None:
    (left,) = published(toy.store)
    (tmp_path / "store" / "toy" / "published" / left / ".partial-00").write_bytes(b"half a part")
    assert sweep_publications(toy) == []  # the publisher lives
    assert collect_garbage(toy, delete=True).orphans == ()
    assert published(toy.store) == {left}

    publisher.kill()
    publisher.wait()

    # Of one that is known to be gone, garbage collection waits for no lease.
    assert {orphan.key.split("/")[2] for orphan in collect_garbage(toy).orphans} == {left}
    assert sweep_publications(Dataset("other", toy.store)) == []
    assert sweep_publications(toy) == [left]
    assert published(toy.store) == set()
    assert sweep_publications(toy) == []
    claims = claim_shards(toy, tmp_path)
    assert publish_dataset(recipe(), toy, [], claims).number == 1
    assert verify(open_snapshot(toy)).ok


@pytest.mark.parametrize("publisher", ["after"], indirect=True)
def test_a_publisher_that_was_killed_after_its_commit_has_published(
    publisher: subprocess.Popen, toy: Dataset
) -> None:
    publisher.kill()
    publisher.wait()
    assert sweep_publications(toy) == []
    assert verify(open_snapshot(toy)).ok
    assert list((abandoned.host_folder("publications")).iterdir()) == []


def test_publications_of_other_hosts_are_left_to_the_lease(
    toy: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Owner.own()._replace(host="another", start="an earlier boot")
    toy.store.put(toy.part_key("0123-4567", 0), b"rows")
    monkeypatch.setattr(Owner, "own", lambda: gone)
    with pytest.raises(ZeroDivisionError), being_published(toy, "0123-4567"):
        raise ZeroDivisionError

    assert sweep_publications(toy) == []
    assert collect_garbage(toy).orphans == ()
    assert published(toy.store) == {"0123-4567"}


def test_a_note_goes_with_the_store_that_it_is_about(
    toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Owner.own()._replace(start="an earlier boot")
    monkeypatch.setattr(Owner, "own", lambda: gone)
    elsewhere = Dataset("toy", open_store(tmp_path / "elsewhere"))
    elsewhere.store.put("toy/plans/a.json", b"{}")
    with pytest.raises(ZeroDivisionError), being_published(elsewhere, "0123-4567"):
        raise ZeroDivisionError
    notes = abandoned.host_folder("publications")

    sweep_publications(toy)
    assert len(list(notes.iterdir())) == 1
    shutil.rmtree(tmp_path / "elsewhere")
    sweep_publications(toy)
    assert list(notes.iterdir()) == []


def test_across_a_network_the_last_words_of_the_dead_may_still_arrive(
    toy: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Owner.own()._replace(start="an earlier boot")
    monkeypatch.setattr(Owner, "own", lambda: gone)
    with pytest.raises(ZeroDivisionError), being_published(toy, "0123-4567"):
        toy.store.put(toy.part_key("0123-4567", 0), b"rows")
        raise ZeroDivisionError
    monkeypatch.setattr(LocalStore, "remote", True)
    assert sweep_publications(toy) == [] and collect_garbage(toy).orphans == ()
    monkeypatch.setattr(LocalStore, "remote", False)
    assert len(collect_garbage(toy, delete=True).orphans) == 1
    assert published(toy.store) == set()
    assert list(abandoned.host_folder("publications").iterdir()) == []


def test_of_two_that_publish_the_same_only_one_publication_stays(
    toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = claim_shards(toy, tmp_path)
    first = publish_dataset(recipe(), toy, [], claims)
    # As it looks to one who began before the other had ended.
    monkeypatch.setattr("tasks.publish.publish.find_published", lambda *_: None)
    assert publish_dataset(recipe(), toy, [], claims) == first
    assert published(toy.store) == {first.publish_id}
    assert latest_snapshot(toy) == first
