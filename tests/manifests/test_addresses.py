"""What people type where a store, a file or a folder is asked for, and which one place it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.addresses import BucketAddress, local_path, store_address
from manifests.errors import BadRecipe, FactoryError, StoreUnsuitable
from manifests.settings import Form
from tasks.transfer.targets import TargetChoice
from training.targets.registry import open_target

HOME = Path.home()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/data/sets", Path("/data/sets")),
        ("/data/run#1", Path("/data/run#1")),
        ("/data/why?", Path("/data/why?")),
        ("/data/über uns/été", Path("/data/über uns/été")),
        ("~/sets", HOME / "sets"),
        ("file:///data/run%231", Path("/data/run#1")),
        ("file:///data/%C3%BCber%20uns", Path("/data/über uns")),
        ("file://localhost/data", Path("/data")),
        ("FILE:///data/a/../b", Path("/data/b")),
        ("s3://bucket", BucketAddress("bucket", "")),
        ("s3://my.bucket.org/a/b/", BucketAddress("my.bucket.org", "a/b")),
        ("S3://bucket/sets", BucketAddress("bucket", "sets")),
    ],
)
def test_an_address_names_one_place(typed: str, meant: Path | BucketAddress) -> None:
    assert store_address(typed) == meant


def test_a_folder_may_have_any_name_when_it_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert store_address("./s3:/x") == tmp_path / "s3:" / "x"
    assert store_address("run:2") == tmp_path / "run:2"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("s3://bucket/run#2", r"do you mean s3://bucket/run\?"),
        ("s3://bucket#2", r"do you mean s3://bucket\?"),
        ("s3://bucket/sets?versionId=3", r"no query .* do you mean s3://bucket/sets\?"),
        ("file:///data/run#1", "write /data/run#1 or file:///data/run%231"),
        ("file:///data/why?", r"write /data/why\? or file:///data/why%3F"),
        ("s3:/bucket/sets", "you probably mean s3://bucket/sets"),
        ("s3:bucket", "you probably mean s3://bucket"),
        (r"s3:\\bucket\sets", "you probably mean s3://bucket/sets"),
        ("s3:///bucket/sets", "do you mean s3://bucket/sets"),
        ("file:/data", "you probably mean file:///data"),
        ("file:data", "you probably mean file:///data"),
        ("file://data/sets", "you probably mean file:///data/sets"),
        ("file:///data/100%", "write the plain path"),
        ("file:///data/%FF", "write the plain path"),
        ("file:///data/a%2Fb", "write the plain path"),
        ("s3a://bucket/sets", "you probably mean s3://bucket/sets"),
        ("https://bucket.s3.eu-west-1.amazonaws.com/sets", "you probably mean s3://bucket/sets"),
        ("https://s3.amazonaws.com/bucket/sets", "you probably mean s3://bucket/sets"),
        (
            "https://eu-west-1.console.aws.amazon.com/s3/buckets/bucket?prefix=a/b/&tab=objects",
            "you probably mean s3://bucket/a/b$",
        ),
        ("http://minio.lab:9000/bucket", "AWS_ENDPOINT_URL=http://minio.lab:9000 .*s3://bucket"),
        ("s3://localhost:9000/bucket", "AWS_ENDPOINT_URL=http://localhost:9000 and s3://bucket"),
        ("gs://bucket/sets", "unknown kind of store"),
        ("s3://arn:aws:s3:eu-west-1:1:accesspoint/a", "access points are not known"),
        ("s3://Bucket/sets", r"do you mean s3://bucket\?"),
        ("s3://192.168.0.1/bucket", "not a valid bucket name"),
        ("s3://a..b/sets", "not a valid bucket name"),
        ("s3://bucket//sets", r"do you mean s3://bucket/sets\?"),
        ("s3://bucket/über", "'über' cannot be part"),
        ("s3://bucket/a b", "'a b' cannot be part"),
        ("s3://bucket/../other", "'..' cannot be part"),
        (f"s3://bucket/{'/'.join(['a' * 90] * 11)}", "too long"),
        (" s3://bucket/sets", "blanks"),
        ("s3://bucket/sets\n", "blanks"),
        ("s3://buc\tket/sets", "blanks"),
        (r"C:\data", "/mnt/c/"),
        ("", "without a name"),
        ("a\0b", "without a name"),
        ("half of a letter: \ud800", "not a folder"),
        ("~nobody-of-that-name/sets", "not a folder"),
    ],
)
def test_what_could_name_another_place_is_refused_with_what_was_meant(
    typed: str, words: str
) -> None:
    with pytest.raises(StoreUnsuitable, match=words):
        store_address(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "s3://key:se/cret@bucket/sets#1",
        "s3:/key:se/cret@bucket/sets",
        "file://key:se/cret@host/sets",
        "https://key:se/cret@host/sets",
        "https://bucket.s3.amazonaws.com/sets?X-Amz-Signature=cret",
        "s3://bucket/sets?X-Amz-Signature=cret",
    ],
)
def test_no_refusal_shows_what_may_be_a_key(typed: str) -> None:
    with pytest.raises(StoreUnsuitable) as refused:
        store_address(typed)
    assert "cret" not in str(refused.value)


def test_files_are_of_this_machine() -> None:
    assert local_path("data/list.csv") == Path("data/list.csv")
    assert local_path("~/list.csv") == HOME / "list.csv"
    assert local_path("file:///data/a%20b") == Path("/data/a b")
    assert local_path(Path("run:2")) == Path("run:2")


@pytest.mark.parametrize(
    "take",
    [
        lambda: local_path("s3://bucket/x"),
        lambda: local_path(Path("s3://bucket/x")),
        lambda: local_path("file:///data/x#1"),
        lambda: Form(TargetChoice, "target").load("s3://bucket/x.yaml"),
        lambda: Form(TargetChoice, "target").check({"list": "s3://bucket/x.csv"}, "text"),
        lambda: open_target("s3://bucket/x.csv", Path()),
    ],
)
def test_a_place_elsewhere_is_no_file_of_this_machine(take: Callable[[], object]) -> None:
    with pytest.raises(BadRecipe, match=r"this machine|ends the folder's name"):
        take()


@pytest.mark.parametrize(
    "words",
    [
        ["build", "--recipe", "tiny", "--store", "s3:/bucket/sets"],
        ["build", "--recipe", "file:///nowhere.yaml#1"],
        ["export", "tiny", "-f", "coco", "--output", "s3://bucket/sets"],
        ["train", "tiny", "--output", "s3:/bucket/model"],
        ["evaluate", "--target", "market1501", "--root", "s3://bucket/market"],
        ["people", "gallery", "--output", "gs://bucket/people"],
        ["level", "validate", "s3://bucket/manifest.json"],
    ],
)
def test_commands_refuse_it_before_any_work(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert isinstance(CliRunner().invoke(app, words).exception, FactoryError)
    assert list(tmp_path.iterdir()) == []


def test_the_environment_names_folders_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_OUT", "s3://bucket/out")
    said = CliRunner().invoke(app, ["inspect", "tiny"])

    assert isinstance(said.exception, BadRecipe)
    assert "UNREALPERSON_OUT: s3:…: a file or folder of this machine" in str(said.exception)
