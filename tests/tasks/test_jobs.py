"""Jobs of processes: what is written is read again, or refused in words."""

from __future__ import annotations

import errno
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from manifests.errors import CorruptData, StoreUnsuitable
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec
from synth_workers.people.cache import PeopleCache
from tasks.jobs import Events, Message, parse_event, read_job, serve, write_job
from tasks.plan.planner import plan_build
from tasks.render.jobs import PeopleDone, PeopleJob, ShardJob, people_to_build


def shard_job(folder: Path) -> ShardJob:
    recipe = load_recipe("tiny")
    shard: ShardSpec = plan_build(recipe).shards[0]
    return ShardJob(
        shard=shard,
        rules=recipe.annotation,
        people=recipe.people,
        dataset_seed=recipe.seed,
        store="out/store",
        dataset="tiny",
        attempt="a1",
        keep_frames=False,
        workdir=folder / "a1",
    )


def test_a_job_is_read_as_it_was_written(tmp_path: Path):
    people = PeopleJob(people=load_recipe("tiny").people, dataset_seed=7, indices=(0, 2, 4))
    for job in (shard_job(tmp_path), people):
        write_job(tmp_path / "job.json", job)
        assert read_job(tmp_path / "job.json", type(job)) == job


def test_people_whom_this_host_has_built_are_not_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path))
    plan = plan_build(load_recipe("tiny"))
    assert people_to_build(plan) == list(range(8))
    file = PeopleCache().path(plan.shards[0].people[3].spec_digest)
    file.parent.mkdir(parents=True)
    file.touch()
    assert people_to_build(plan) == [0, 1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"people": {}, "dataset_seed": "x", "indices": []}', "dataset_seed: must be a whole num"),
        ('{"people": {}, "indices": []}', "dataset_seed: is required"),
        ('{"people": {}, "dataset_seed": 1, "indices": [], "index": 1}', "did you mean `indices`?"),
        ("[]", "does not parse"),
        ('{"people": ', "cannot be read"),
        ("\xff", "cannot be read"),
        ("[" * 200_000, "cannot be read"),
    ],
)
def test_what_is_no_job_is_refused_in_words(content: str, said: str, tmp_path: Path):
    path = tmp_path / "job.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CorruptData) as refusal:
        read_job(path, PeopleJob)
    assert said in str(refusal.value) and str(path) in str(refusal.value)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/frames"), "/frames: no space left"),
        (OSError(errno.EROFS, "Read-only file system", "/log"), "/log: cannot be written or read"),
        (OSError(errno.ENOSPC, "No space left on device"), "a file cannot be written"),
    ],
)
def test_a_full_disk_ends_a_job_in_words(
    error: OSError, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    said = StringIO()
    monkeypatch.setattr("tasks.jobs._own_stdout", lambda: said)
    monkeypatch.setattr(sys, "argv", ["job", "--job", str(tmp_path / "job.json")])
    write_job(
        tmp_path / "job.json",
        PeopleJob(people=load_recipe("tiny").people, dataset_seed=7, indices=(0,)),
    )

    def work(job: PeopleJob, events: Events) -> PeopleDone:
        raise error

    assert serve(PeopleJob, work, None) == StoreUnsuitable.exit_code
    event = parse_event(said.getvalue())
    assert event is not None and event["error"] == "FolderUnsuitable" and told in event["message"]


def test_a_missing_job_file_is_named(tmp_path: Path):
    with pytest.raises(CorruptData, match=r"nothing\.json cannot be read"):
        read_job(tmp_path / "nothing.json", PeopleJob)


def test_only_lines_with_an_event_are_answers():
    assert parse_event('{"event": "progress", "done": 1}\n') == {"event": "progress", "done": 1}
    for words in ("loading…\n", "17\n", '{"done": 1}\n', "\n"):
        assert parse_event(words) is None


def test_a_result_that_lacks_something_is_refused():
    class Done(Message):
        crops: int

    assert Done.read({"crops": 3}, "the result").crops == 3
    with pytest.raises(CorruptData, match=r"the result does not parse: crops: is required"):
        Done.read({}, "the result")


ASKED_WHILE_FINALISING = """
import os, signal, sys, time
from tasks.jobs import serve
from tasks.render.jobs import PeopleJob

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

def work(job, events):
    try:
        Finalised()
        time.sleep(600)
    finally:
        events.say("cleaned")

sys.exit(serve(PeopleJob, work, None))
"""


def test_who_is_asked_to_end_while_something_is_finalised_ends(tmp_path: Path):
    job = PeopleJob(people=load_recipe("tiny").people, dataset_seed=7, indices=(0,))
    write_job(tmp_path / "job.json", job)

    ended = subprocess.run(
        [sys.executable, "-c", ASKED_WHILE_FINALISING, "--job", str(tmp_path / "job.json")],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 143
    assert parse_event(ended.stdout.strip()) == {"event": "cleaned"}
