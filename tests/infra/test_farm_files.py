"""Files that start a farm elsewhere: they parse, fit together and name what exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.bootstrap import WORK_POOLS
from flows.commands import BuildRequest
from flows.farm_environment import server_environment, worker_environment

INFRA = Path("infra")
COMPOSE = yaml.safe_load((INFRA / "compose" / "compose.yaml").read_text())
KUSTOMIZATIONS = [INFRA / name for name in ("settings", "kubernetes", "kubernetes_own")]
KUBERNETES = [
    document
    for path in sorted((INFRA / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]
UNITS = sorted((INFRA / "systemd").glob("*.service"))


class _Unit(RawConfigParser):
    """A systemd unit: keys keep their case and may be repeated (the last one is kept)."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(path: Path) -> _Unit:
    parser = _Unit(strict=False)
    parser.read_string(path.read_text())
    return parser


def pool_and_limit(command: list[str]) -> tuple[str, int]:
    return command[command.index("--pool") + 1], int(command[command.index("--limit") + 1])


def pods() -> list[tuple[str, dict[str, Any]]]:
    return [
        (document["metadata"]["name"], document["spec"]["template"]["spec"])
        for document in KUBERNETES
        if "template" in document.get("spec", {})
    ]


def containers() -> list[tuple[str, dict[str, Any]]]:
    return [(name, container) for name, pod in pods() for container in pod["containers"]]


def test_settings_are_settings_that_prefect_knows() -> None:
    """A misspelt variable would be ignored in silence."""
    code = (
        "import os, json\n"
        "from prefect.settings import get_current_settings\n"
        "values = get_current_settings().to_environment_variables(exclude_unset=True)\n"
        "print(json.dumps(values))"
    )
    given = {**server_environment(), **worker_environment()}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    known = yaml.safe_load(done.stdout.splitlines()[-1])

    assert {name for name in given if name.startswith("PREFECT_")} <= set(known)


def test_every_run_of_a_deployment_gets_the_workers_settings() -> None:
    definitions = yaml.safe_load((INFRA / "prefect.yaml").read_text())
    given = definitions["definitions"]["environment"]["env"]
    expected = worker_environment()

    assert expected.items() >= given.items()
    assert set(expected) - set(given) == {"PREFECT_WORKER_QUERY_SECONDS"}


def test_no_file_of_the_farm_holds_a_secret() -> None:
    secret = re.compile(
        r"^\s*(\w*(?:PASSWORD|SECRET|AUTH_STRING|API_KEY|ACCESS_KEY)\w*)[=:][ \t]*(.*)$", re.M
    )
    given = [
        (path.name, name, value)
        for path in [*INFRA.rglob("*.env"), *INFRA.rglob("*.yaml"), *INFRA.rglob("*.service")]
        for name, value in secret.findall(path.read_text())
    ]

    assert len(given) > 5
    assert [g for g in given if g[2] and not re.search(r"^\$\{|replace-me", g[2])] == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_complete_and_ends_all_it_started(path: Path) -> None:
    service = unit(path)["Service"]

    assert service["Restart"] == "always"
    assert service["User"] == "unrealperson"
    assert service.get("KillMode", "control-group") == "control-group"
    assert unit(path)["Install"]["WantedBy"] == "multi-user.target"
    for command in (service["ExecStart"], service.get("ExecStop", "")):
        if "/infra/" in command:
            script = Path(command.split()[0].removeprefix("/opt/unrealperson/"))
            assert os.access(script, os.X_OK)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_a_unit(path: Path, tmp_path: Path) -> None:
    # Programs and users of a farm's host do not exist here; everything else must.
    text = re.sub(r"/opt/unrealperson/\S+", "/bin/true", path.read_text())
    text = re.sub(r"^(User|EnvironmentFile)=.*\n", "", text, flags=re.M)
    copy = tmp_path / path.name.replace("@", "@render-4")
    copy.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(copy)],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert path.stem not in done.stderr


def test_the_former_name_of_bootstrap_says_the_new_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.bootstrap", "--help"], capture_output=True, text=True
    )

    assert done.returncode == 0
    assert "python -m flows.bootstrap" in done.stderr
    assert "--gpu-slots" in done.stdout


def test_compose_runs_a_worker_of_every_pool_and_one_server() -> None:
    services = COMPOSE["services"]
    workers = {name: s for name, s in services.items() if "worker" in s.get("command", [])}

    assert {pool_and_limit(s["command"])[0] for s in workers.values()} == set(WORK_POOLS)
    for service in workers.values():
        assert service["env_file"] == "../settings/worker.env"
        assert service["environment"]["PREFECT_API_URL"].startswith("http://server:")
        assert service["restart"] == "always"
    assert services["server"]["env_file"] == "../settings/server.env"
    assert services["server"]["ports"] == ["127.0.0.1:4200:4200"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)


def test_compose_mounts_only_volumes_that_exist() -> None:
    named = {
        mount.split(":")[0]
        for service in COMPOSE["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith(("$", ".", "/"))
    }

    assert named == set(COMPOSE["volumes"])


def test_the_image_holds_every_package_of_the_project() -> None:
    text = (INFRA / "compose" / "Dockerfile").read_text()
    setup = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["setuptools"]
    packages = {name.removesuffix("*") for name in setup["packages"]["find"]["include"]}

    assert {"manifests", "flows"} < packages
    assert packages <= set(re.findall(r"^COPY (\w+) \w+$", text, re.M))


def test_kubernetes_runs_a_worker_of_every_pool() -> None:
    workers = [c for _, c in containers() if "worker" in c.get("command", [])]

    assert {pool_and_limit(c["command"])[0] for c in workers} == set(WORK_POOLS)


def test_kubernetes_objects_are_whole() -> None:
    for document in KUBERNETES:
        assert document["apiVersion"] and document["kind"]
        if document["kind"] == "Deployment":
            labels = document["spec"]["template"]["metadata"]["labels"]
            assert document["spec"]["selector"]["matchLabels"].items() <= labels.items()
    for name, container in containers():
        assert container["resources"]["requests"], name
        assert container["resources"]["limits"]["memory"], name


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=lambda folder: folder.name)
def test_a_kustomization_reads_nothing_outside_of_its_folder(folder: Path) -> None:
    """Kustomize refuses a file elsewhere, and a folder that holds the one that names it."""
    content = yaml.safe_load((folder / "kustomization.yaml").read_text())
    files = [
        source.split("=")[-1]
        for generator in content.get("configMapGenerator", [])
        for source in generator.get("envs", []) + generator.get("files", [])
    ]

    assert files or content["resources"]
    for name in files:
        assert (folder / name).is_file() and "/" not in name
    for name in content.get("resources", []):
        found = (folder / name).resolve()
        assert found.is_file() or (found / "kustomization.yaml").is_file()
        assert not folder.resolve().is_relative_to(found)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kubectl_makes_what_the_pods_refer_to() -> None:
    for folder in KUSTOMIZATIONS[1:]:
        done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        made = list(yaml.safe_load_all(done.stdout))
        maps = {d["metadata"]["name"] for d in made if d["kind"] == "ConfigMap"}
        pods = [d["spec"]["template"]["spec"] for d in made if "template" in d.get("spec", {})]
        named = [
            source["configMapRef"]["name"]
            for pod in pods
            for source in pod["containers"][0]["envFrom"]
            if "configMapRef" in source
        ] + [v["configMap"]["name"] for p in pods for v in p.get("volumes", []) if "configMap" in v]

        assert len(named) > 5
        assert set(named) <= maps


def test_whatever_trains_has_an_image_with_torch() -> None:
    definitions = yaml.safe_load((INFRA / "prefect.yaml").read_text())["deployments"]
    learning = {d["work_pool"]["name"] for d in definitions if d["name"] in ("train", "compare")}
    images = {name: container["image"] for name, container in containers()}

    assert learning == {"cpu", "gpu"}
    for name in ("bootstrap", *(f"worker-{pool}" for pool in learning)):
        assert images[name].startswith("unrealperson-training:"), name
    assert COMPOSE["x-image"]["build"]["args"]["EXTRAS"] == "worker,video,training"
    assert {container["imagePullPolicy"] for _, container in containers()} == {"IfNotPresent"}


def test_volumes_belong_to_the_user_of_the_image() -> None:
    """A new volume takes over the owner of the image's folder; without one it would be root's."""
    image = (INFRA / "compose" / "Dockerfile").read_text()
    behind = image[image.index("USER unrealperson") :]
    places = dict(re.findall(r"(UNREALPERSON_\w+)=(/\S+)", behind))
    mounted = {
        mount.split(":")[1] for mount in COMPOSE["x-worker"]["volumes"] if "stores" not in mount
    }

    assert mounted == {places["UNREALPERSON_CACHE"], places["UNREALPERSON_OUT"]}
    assert 'mkdir -p "$UNREALPERSON_CACHE" "$UNREALPERSON_OUT"' in behind
    assert "useradd --uid 1000" in image
    for _, pod in pods():
        assert pod["securityContext"]["runAsUser"] == 1000


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None or os.geteuid() != 0, reason="needs systemd and root"
)
def test_systemd_makes_the_user_and_the_files_that_a_unit_needs(tmp_path: Path) -> None:
    for kind in ("sysusers", "tmpfiles"):
        (tmp_path / "etc" / f"{kind}.d").mkdir(parents=True)
        where = tmp_path / "etc" / f"{kind}.d" / "unrealperson.conf"
        shutil.copy(INFRA / "systemd" / f"unrealperson.{kind}", where)
        create = ["--create"] if kind == "tmpfiles" else []
        done = subprocess.run(
            [f"systemd-{kind}", *create, f"--root={tmp_path}"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    users = (tmp_path / "etc" / "passwd").read_text()
    asked = [
        file.removeprefix("/")
        for path in UNITS
        for file in re.findall(r"^EnvironmentFile=(/etc/\S+)", path.read_text(), re.M)
    ]

    assert {unit(path)["Service"]["User"] for path in UNITS} == {"unrealperson"}
    assert "unrealperson:" in users
    # worker.env says where a farm's server is: whoever installs a worker writes it.
    assert {name for name in asked if not (tmp_path / name).exists()} == {
        "etc/unrealperson/worker.env"
    }


def test_a_drained_worker_ends_after_its_run_and_takes_no_other(tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    # Starts a run of a second, then one every tenth of a second until it is told to stop.
    worker.write_text(
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(0))\n"
        "first = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1);"
        ' open("done", "w")\'])\n'
        "print('ready', flush=True)\n"
        "while True:\n"
        "    time.sleep(0.1)\n"
    )
    command = [sys.executable, str(worker)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()

        drain = INFRA.resolve() / "systemd" / "drain-worker.sh"
        subprocess.run([drain, str(process.pid)], check=True)

        assert process.wait(60) == 0
    assert (tmp_path / "done").exists()


def test_the_example_of_a_store_list_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_STORES", str(INFRA / "settings" / "stores.example.yaml"))

    assert BuildRequest.parse("tiny", store="scratch").store.address == "scratch"
