"""A farm of built images on a network of its own that holds the loopback alone.

PostgreSQL and an S3 stand-in are this machine's; everything else starts from the images, with the
commands, settings and mounts that compose's or Kubernetes' files say. ``python -m
benchmarks.images.farm PLAN``, in a network namespace of its own; the last line of its output is one
JSON object.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from benchmarks.images.alone import look
from benchmarks.images.containers import Container, Engine, Started
from benchmarks.images.files import COMPOSE, PROJECT
from benchmarks.images.manifests import of_compose, of_kubernetes
from tests.servers import postgres
from tests.servers.endpoint import S3Endpoint
from tests.servers.moto_server import moto_server

_BUCKET = "reid"
_PATIENCE = 1800.0
_KEY = "AWS_ACCESS_KEY_ID"
_HEALTHY = "import urllib.request as r; r.urlopen('http://127.0.0.1:4200/api/health', timeout=5)"


def main() -> None:
    """Run the farm that a plan describes (a JSON file that ``benchmarks.images`` writes)."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(plan["folder"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    engine = Engine(
        roots={name: Path(root) for name, root in plan["roots"].items()},
        configs=plan["configs"],
        folder=folder,
        hosts=("server", "database", "prefect-server"),
    )
    password, word = f"word-{secrets.token_hex(12)}", f"farm:word-{secrets.token_hex(12)}"
    with ExitStack() as stack:
        (folder / "database").mkdir(exist_ok=True)
        stack.enter_context(
            postgres.postgres(folder / "database", postgres.Durable(5432, password, "127.0.0.1/32"))
        )
        database = _make_database(password)
        endpoint = stack.enter_context(moto_server(folder))
        client = boto3.client("s3", region_name="us-east-1", **_keys(endpoint))
        client.create_bucket(Bucket=_BUCKET)
        stores = f"lab: {{uri: 's3://{_BUCKET}/factory', endpoint: '{endpoint.url}'}}\n"
        store = {_KEY: endpoint.access_key, "AWS_SECRET_ACCESS_KEY": endpoint.secret_key}
        if plan["kind"] == "compose":
            variables = {"API_KEY": word, "DATABASE_PASSWORD": password, "STORE": "lab"}
            variables |= {"STORES_FILE": "./stores.yaml", **store}
            containers = of_compose(COMPOSE, variables, stores)
            roles = {name: name for name in containers}
        else:
            farm = {"PREFECT_SERVER_API_AUTH_STRING": word, "PREFECT_API_AUTH_STRING": word}
            farm["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
            given = {"farm": farm, "store": store}
            containers = of_kubernetes(PROJECT / "infra", given, stores)
            roles = {"server": "prefect-server", "bootstrap": "bootstrap"}
            roles |= {pool: f"worker-{pool}" for pool in ("render", "cpu", "gpu")}
        running = {role: containers[name] for role, name in roles.items()}
        told = _work(engine, running, plan)
    said = "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
    told["secrets_in_logs"] = sum(each in said for each in (password, word.split(":")[1]))
    print(json.dumps(told))


def _keys(endpoint: S3Endpoint) -> dict[str, str]:
    return {
        "endpoint_url": endpoint.url,
        "aws_access_key_id": endpoint.access_key,
        "aws_secret_access_key": endpoint.secret_key,
    }


def _make_database(password: str) -> str:
    """The role and database of compose's file; the URL that a server is given."""
    program = next(Path("/usr/lib/postgresql").glob("*/bin/psql"), Path("psql"))
    for words in (
        f"create role prefect login password '{password}'",
        "create database prefect owner prefect",
    ):
        subprocess.run(
            [str(program), "-q", "-h", "127.0.0.1", "-U", "postgres", "-c", words],
            env={**os.environ, "PGPASSWORD": password},
            check=True,
        )
    return f"postgresql+asyncpg://prefect:{password}@127.0.0.1:5432/prefect"


def _work(engine: Engine, running: dict[str, Container], plan: dict[str, Any]) -> dict[str, object]:
    """Start everything, have a model made, then have a node of games render; what was seen."""
    seconds: dict[str, float] = {}
    told: dict[str, object] = {"seconds": seconds}
    with _up(engine, running["server"]) as server:
        with _timed(seconds, "server"):
            _wait_for(engine, running["server"], server)
        with _timed(seconds, "bootstrap"):
            engine.run(running["bootstrap"], _PATIENCE)
        told["seen"] = {role: look(engine, running[role]) for role in ("server", "render")}
        with ExitStack() as stack:
            workers = {
                role: stack.enter_context(_up(engine, running[role]))
                for role in ("render", "cpu", "gpu")
            }
            ask = running["bootstrap"]
            with _timed(seconds, "factory"):
                made = _asked(engine, ask, "factory/factory", recipe="tiny", training="tiny")
            told["factory"] = _last_state(made)
            with _timed(seconds, "verify"):
                _asked(engine, ask, "verify/verify", dataset="tiny")
            told["claims"] = _claims(engine, running["cpu"])
            if plan["node"]:
                told["exit_render"] = _stopped(workers.pop("render"))
                with _timed(seconds, "node"):
                    told["node"] = _node(engine, running, ask)
            told["exits"] = {role: _stopped(worker) for role, worker in workers.items()}
        told["exit_server"] = _stopped(server)
    return told


def _node(engine: Engine, running: dict[str, Container], ask: Container) -> object:
    """The image of `infra/game_node` takes the place of the render worker for another data set."""
    render = running["render"]
    own = {n: v for n, v in render.environment.items() if n.startswith(("PREFECT", "AWS"))}
    names = ("UNREALPERSON_STORES", "UNREALPERSON_STORE")
    node = Container(
        name="node",
        image="unrealperson-node",
        command=(),
        environment={**own, **{name: render.environment[name] for name in names}},
        volumes={"/cache": "unrealperson-cache"},
        files=render.files,
    )
    with _up(engine, node):
        words = {"recipe": "tiny", "overrides": '{"name": "of-a-node"}'}
        made = _asked(engine, ask, "build/build", **words)
    return _last_state(made)


def _asked(engine: Engine, ask: Container, deployment: str, **parameters: str) -> str:
    """Run a deployment to its end, as an operator does from a container of the farm."""
    words = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
    name = f"ask-{deployment.split('/')[0]}-{len(list(engine.folder.glob('ask-*.log')))}"
    command = ("prefect", "deployment", "run", deployment, *words, "--watch")
    return engine.run(replace(ask.instead(*command), name=name), _PATIENCE)


def _last_state(said: str) -> str:
    found = re.findall(r"\b(Completed|Failed|Crashed|Cancelled)\b", said)
    return found[-1] if found else said[-300:]


def _claims(engine: Engine, worker: Container) -> object:
    """What an inspection from within a worker's container says of the set."""
    code = "import unrealperson; d = unrealperson.load_dataset('tiny'); print(len(d))"
    said = engine.run(replace(worker.instead("python", "-c", code), name="look"), 300.0)
    return said.strip().splitlines()[-1]


def _wait_for(engine: Engine, container: Container, server: Started) -> None:
    """Until the server's own check of health, run in its container, says so."""
    deadline = time.monotonic() + 600.0
    while True:
        try:
            engine.run(replace(container.instead("python", "-c", _HEALTHY), name="health"), 60.0)
            return
        except RuntimeError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not answer:\n{server.said(5000)}") from None
            time.sleep(1.0)


def _stopped(started: Started) -> int:
    started.interrupt()
    return started.wait(120.0)


@contextmanager
def _up(engine: Engine, container: Container) -> Generator[Started]:
    started = engine.start(container)
    try:
        yield started
    finally:
        started.kill()


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Generator[None]:
    begun = time.monotonic()
    yield
    seconds[name] = round(time.monotonic() - begun, 1)


if __name__ == "__main__":
    main()
