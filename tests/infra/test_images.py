"""What builds and runs the images of a farm: the parts of it that need neither root nor Buildah."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.images.alone import complaint
from benchmarks.images.bases import STAND_INS
from benchmarks.images.containers import Container, Engine, numeric_user
from benchmarks.images.files import (
    COMPOSE,
    LEFT_BEHIND,
    PROJECT,
    digest,
    images,
    let_through,
    make_context,
    make_game,
)
from benchmarks.images.layers import hosts_in, search, search_description
from benchmarks.images.manifests import filled, of_compose, of_kubernetes
from benchmarks.images.units import installed, verify_units

FARM = {
    "API_KEY": "farm:a",
    "DATABASE_PASSWORD": "b",
    "STORE": "lab",
    "STORES_FILE": "./stores.yaml",
}
IGNORE = (PROJECT / ".dockerignore").read_text()


def test_every_dockerfile_is_built_and_every_base_can_be_made() -> None:
    here = {str(path.relative_to(PROJECT)) for path in PROJECT.glob("infra/**/*Dockerfile")}

    assert {image.dockerfile for image in images().values()} == here
    assert {image.base for image in images().values()} == set(STAND_INS)


def test_what_is_built_has_another_digest_for_other_arguments() -> None:
    made = images()

    assert digest(made["unrealperson"]) == digest(images()["unrealperson"])
    assert digest(made["unrealperson"]) != digest(made["unrealperson-training"])


def test_nothing_that_people_leave_beside_the_project_gets_into_an_image(tmp_path: Path) -> None:
    make_context(tmp_path, "word")

    assert {name for name in LEFT_BEHIND if let_through(IGNORE, name)} == set()
    assert "word" in (tmp_path / "infra" / "compose" / ".env").read_text()
    assert (tmp_path / "flows" / "bootstrap.py").is_file()


def test_the_project_gets_into_an_image_whole() -> None:
    told = subprocess.run(
        ["git", "-C", str(PROJECT), "ls-files"], capture_output=True, text=True, check=False
    )
    rooms = r"(manifests|synth_workers|training|tasks|flows|unrealperson|infra/(settings|setup))/"
    named = [name for name in told.stdout.splitlines() if re.match(rooms, name)]
    if not named:
        pytest.skip("this copy is not a git repository")
    needed = {*named, "pyproject.toml", "constraints.txt", "infra/prefect.yaml", "LICENSE"}
    needed.discard("infra/settings/kustomization.yaml")

    assert {name for name in needed if not let_through(IGNORE, name)} == set()
    assert not let_through(IGNORE, "tests/conftest.py")


def test_compose_is_read_as_compose_reads_it() -> None:
    services = of_compose(COMPOSE, FARM, "lab: {uri: s3://reid}")
    render = services["render"]

    assert set(services) == {"server", "bootstrap", "render", "cpu", "gpu"}
    assert render.environment["PREFECT_API_AUTH_STRING"] == "farm:a"
    assert render.environment["UNREALPERSON_STORE_PATIENCE"] == "600"
    assert render.environment["AWS_ACCESS_KEY_ID"] == ""
    assert render.volumes["/var/lib/unrealperson/out"] == "out"
    assert render.files == {"/etc/unrealperson/stores.yaml": "lab: {uri: s3://reid}"}
    assert "prefect:b@database" in str(services["server"].environment)


def test_a_value_that_compose_asks_for_is_asked_for() -> None:
    with pytest.raises(ValueError, match=r"API_KEY: write it"):
        filled(["${API_KEY:?write it}"], {})
    assert filled({"a": "${B:-c}-${D}"}, {"D": "d"}) == {"a": "c-d"}


def test_pods_are_read_with_their_maps_and_secrets() -> None:
    given = {"farm": {"PREFECT_API_AUTH_STRING": "a"}, "store": {"AWS_ACCESS_KEY_ID": "k"}}
    pods = of_kubernetes(PROJECT / "infra", given, "lab: {uri: s3://reid}")
    render = pods["worker-render"]

    assert set(pods) == {
        *("prefect-server", "bootstrap", "worker-render", "worker-cpu", "worker-gpu"),
    }
    assert render.environment["PREFECT_API_URL"] == "http://prefect-server:4200/api"
    assert render.environment["AWS_ACCESS_KEY_ID"] == "k"
    assert render.scratch == ("/var/lib/unrealperson/out",)
    assert render.files == {"/etc/unrealperson/stores.yaml": "lab: {uri: s3://reid}"}


def test_secrets_in_an_image_are_found_and_not_repeated(tmp_path: Path) -> None:
    base, root = tmp_path / "base", tmp_path / "root"
    words = {"a secret beside the context": b"word-123"}
    written = {
        "etc/plain": "nothing",
        "opt/unrealperson/infra/compose/.env": "API_KEY=farm:word-123",
        "etc/keys": "aws = AKIAABCDEFGHIJKLMNOP",
        "usr/lib/python3/site-packages/theirs.py": "example = 'AKIAABCDEFGHIJKLMNOP'",
        "opt/url": "https://me:hidden@index.example/simple",
    }
    for name, text in written.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (base / "etc").mkdir(parents=True)
    (root / "etc" / "of-base").write_text("word-123")
    shutil.copy2(root / "etc" / "of-base", base / "etc" / "of-base")

    found = {(each.where, each.what) for each in search(root, base, words)}

    assert found == {
        ("/opt/unrealperson/infra/compose/.env", "a secret beside the context"),
        ("/etc/keys", "key of AWS"),
        ("/opt/url", "password in an address"),
    }


def test_secrets_in_what_an_image_says_of_itself_are_found() -> None:
    described = {"config": {"Env": ["PATH=/bin"]}, "history": [{"created_by": "RUN A=word-123"}]}

    assert [f.what for f in search_description(described, {"x": b"word-123"})] == ["x"]
    assert search_description(described, {"x": b"other"}) == []


def test_hosts_of_an_index_are_those_that_not_everybody_uses() -> None:
    said = "global.index-url='https://index.example/simple'\nURIs: http://deb.debian.org/debian"

    assert hosts_in(said) == ["index.example"]


def test_a_container_may_write_to_its_volumes_alone() -> None:
    seen = {"uid": 1000, "privileges": 0, "interfaces": ["lo"], "writable": ["/tmp", "/cache"]}

    assert complaint(seen, ("/cache",)) == ""
    assert "can be written" in complaint({**seen, "writable": ["/tmp", "/etc"]}, ("/cache",))
    assert "privileges" in complaint({**seen, "privileges": 1}, ("/cache",))
    assert "network" in complaint({**seen, "interfaces": ["eth0", "lo"]}, ("/cache",))


def test_the_user_of_an_image_is_looked_up_in_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("farm:x:1000:1001::/:/bin/sh\n")

    assert numeric_user(tmp_path, "farm") == "1000:1001"
    assert numeric_user(tmp_path, "1000") == "1000:1001"
    assert numeric_user(tmp_path, "1000:7") == "1000:7"
    with pytest.raises(RuntimeError, match="no user 'nobody'"):
        numeric_user(tmp_path, "nobody")


@pytest.mark.skipif(os.geteuid() != 0, reason="chroots need root")
def test_a_container_holds_its_image_alone(tmp_path: Path) -> None:
    """A game in miniature, in an image that is a shell and four programs."""
    root, folder = tmp_path / "root", tmp_path / "farm"
    make_game(root / "game")
    for program in ("sh", "env", "id", "mkdir", "ls"):
        _copy_program(shutil.which(program) or program, root)
    (root / "usr" / "bin" / "env").parent.mkdir(parents=True, exist_ok=True)
    for place in ("etc", "proc", "sys", "tmp", "dev", "own"):
        (root / place).mkdir(exist_ok=True)
    (root / "etc" / "passwd").write_text("unreal:x:1000:1000::/:/bin/sh\n")
    shutil.chown(root / "own", 1000, 1000)
    folder.mkdir()
    engine = Engine(
        {"town": root}, {"town": {"User": "unreal", "Env": ["PATH=/usr/bin:/bin"]}}, folder
    )
    words = "id -u; ls /; : > /own/mine; : > /tmp/mine; : > /etc/mine && echo written"
    container = Container("town", "town", ("sh", "-c", words), volumes={"/own": "own"})

    started = engine.start(container)
    if started.wait(60.0) and "Operation not permitted" in started.said(500):
        pytest.skip(f"namespaces are not allowed here: {started.said(200)}")
    said = started.said(2000)

    assert said.splitlines()[0] == "1000"
    assert "home" not in said.split() and "written" not in said
    assert "Read-only file system" in said
    assert (folder / "volumes" / "own" / "mine").exists()
    assert not (root / "tmp" / "mine").exists()


def _copy_program(program: str, root: Path) -> None:
    """A program and the libraries that it is linked to."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for file in [program, *re.findall(r"(/\S+) \(", told)]:
        place = root / file.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)


@pytest.mark.skipif(not installed(), reason="needs systemd")
@pytest.mark.skipif(os.geteuid() != 0, reason="making users below a root needs root")
def test_units_are_verified_where_everything_that_they_name_lies() -> None:
    found = verify_units()

    assert set(found.values()) == {""}
    assert "unrealperson-worker@gpu-1.service" in found
