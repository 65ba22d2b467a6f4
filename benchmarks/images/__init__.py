"""Images are built and run: every Dockerfile of `infra/`, without Docker and without a registry.

``python -m benchmarks.images --folder FOLDER`` needs root and buildah, and says what is missing.

`units`: units go through ``systemd-analyze verify``. `bases`: what the Dockerfiles name as their
base is made by ``debootstrap`` and imported under that name; ``--pull REGISTRY`` takes the real
ones from there instead. `build`: every Dockerfile is built with ``buildah --isolation chroot`` from
a copy of the project in which secrets lie around, where the pages have people put them. `layers`:
all that was added to a base is searched for secrets and for traces of this machine.

Then what was built is started, each container in a chroot that holds the image alone, as its own
user, without privileges and with no network but a loopback. `game`: the image of a game. `alone`:
each other image builds a data set and, where it has torch, trains on it. `compose`, `kubernetes`:
all of them, with the commands, settings and volumes of these files; a database and a store are this
machine's. Server, bootstrap and workers come up, a model is made of a new data set through the
pools, the set is verified, the node of games renders another one, and all end at SIGINT.

A command that was stopped goes on where it was: what is done stands in ``FOLDER/steps.jsonl`` with
a digest of what it was made from. ``--only`` chooses steps. About 20 GB with `overlay`; what is in
FOLDER may be removed afterwards.

The last line is one JSON object: ``steps``, step -> seconds and what was seen, and ``wrong``, the
steps in which something was not as it should be.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.calibration import calibration_cpu_s
from benchmarks.images.alone import alone
from benchmarks.images.bases import STAND_INS, make_base
from benchmarks.images.buildah import (
    INSIDE,
    Buildah,
    allowed,
    storage_driver,
    while_building,
    why_not,
)
from benchmarks.images.containers import Container, Engine
from benchmarks.images.files import PROJECT, Image, digest, images, make_context, make_game
from benchmarks.images.layers import megabytes, search, search_description, words_of_here
from benchmarks.images.units import installed, verify_units

TAKES = "half an hour, mostly downloads and the image with torch"
SMOKE = ("--only", "units")
NEEDS = (allowed, installed)

STEPS = ("units", "bases", "build", "layers", "game", "alone", "compose", "kubernetes")


def main() -> int:
    """Run the steps; 1 if something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/unrealperson-images"))
    parser.add_argument("--only", nargs="*", choices=STEPS, default=STEPS, metavar="STEP")
    parser.add_argument("--images", nargs="*", metavar="NAME", help="of those that are built")
    parser.add_argument("--pull", metavar="REGISTRY", help="take real bases from there")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian", help="of Debian")
    parser.add_argument("--python", type=Path, metavar="PREFIX", help="of a Python 3.12 to copy")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels that pip looks into first")
    parser.add_argument(
        "--driver", choices=("overlay", "vfs"), help="storage [default: what works]"
    )
    options = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    _enter_namespaces()
    run = _Run(options)
    for step in STEPS:
        if step in options.only:
            run.step(step)
    wrong = [name for name, seen in run.steps.items() if seen["wrong"]]
    for name in wrong:
        print(f"{name}: {run.steps[name]['wrong']}", file=sys.stderr)
    calibration = round(calibration_cpu_s(), 3)
    print(json.dumps({"steps": run.steps, "wrong": wrong, "calibration_cpu_s": calibration}))
    return 1 if wrong else 0


def _enter_namespaces() -> None:
    """Be started again in namespaces that take every mount and process with them."""
    if os.environ.get(INSIDE):
        return
    os.execvpe(
        "unshare",
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        + [sys.executable, "-m", "benchmarks.images", *sys.argv[1:]],
        {**os.environ, INSIDE: "1"},
    )


class _Run:
    """The steps of one command, with what earlier ones have done."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder: Path = options.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.record = self.folder / "steps.jsonl"
        self.steps: dict[str, Any] = {}
        self.lock = (self.folder / "lock").open("w")
        try:
            # Mounts of an earlier command went with its namespaces; what counted them must too.
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(self.folder / "running", ignore_errors=True)
        except BlockingIOError:
            pass  # Another one works here beside this one.
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        self.buildah = Buildah(self.folder, options.driver or storage_driver())
        known = images()
        if unknown := set(options.images or ()) - set(known):
            sys.exit(f"no image {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        self.images = {n: i for n, i in known.items() if not options.images or n in options.images}

    def step(self, name: str) -> None:
        """One step, each part of which is recorded by itself."""
        parts: dict[str, Callable[[], Iterator[tuple[str, str, Callable[[], Any]]]]] = {
            "units": self._units,
            "bases": self._bases,
            "build": self._build,
            "layers": self._layers,
            "game": self._game,
            "alone": self._alone,
            "compose": lambda: self._farm("compose"),
            "kubernetes": lambda: self._farm("kubernetes"),
        }
        done = self._recorded()
        for part, made_from, work in parts[name]():
            if done.get(part, {}).get("of") == made_from:
                self.steps[part] = done[part]
                continue
            begun, cpu = time.monotonic(), _cpu_seconds()
            print(f"{part} …", flush=True)
            try:
                seen, wrong = work(), ""
            except (RuntimeError, subprocess.CalledProcessError) as error:
                seen, wrong = None, str(error)
            if isinstance(seen, dict):
                wrong = wrong or seen.pop("wrong", "")
            self.steps[part] = {
                "seconds": round(time.monotonic() - begun, 1),
                "cpu_s": round(_cpu_seconds() - cpu, 1),
                "seen": seen,
                "wrong": wrong,
                "of": made_from,
            }
            print(f"{part}: {json.dumps(self.steps[part])}", flush=True)
            if not wrong:
                with self.record.open("a") as record:
                    record.write(json.dumps({"step": part, **self.steps[part]}) + "\n")

    def _recorded(self) -> dict[str, Any]:
        if not self.record.exists():
            return {}
        lines = map(json.loads, self.record.read_text().splitlines())
        return {line.pop("step"): line for line in lines}

    def _units(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        def work() -> dict[str, Any]:
            found = verify_units()
            return {"units": list(found), "wrong": "\n".join(filter(None, found.values()))}

        yield "units", _folder_digest(PROJECT / "infra" / "systemd"), work

    def _bases(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        for base in sorted({image.base for image in self.images.values()}):
            made_from = self.options.pull or repr(STAND_INS.get(base))

            def work(base: str = base) -> dict[str, Any]:
                if registry := self.options.pull:
                    self.buildah.run("pull", "--quiet", f"{registry}/{base}")
                    self.buildah.run("tag", f"{registry}/{base}", f"localhost/{base}")
                else:
                    python = self.options.python
                    make_base(
                        self.buildah, base, self.folder / "debian", self.options.mirror, python
                    )
                return {"pulled": bool(self.options.pull)}

            yield f"base {base}", made_from, work

    def _build(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        for image in self.images.values():
            yield f"build {image.name}", digest(image), lambda image=image: self._built(image)

    def _built(self, image: Image) -> dict[str, Any]:
        word = f"word-{secrets.token_hex(16)}"
        log = self.folder / f"{image.name.replace(':', '-')}.log"
        with tempfile.TemporaryDirectory(prefix="unrealperson-context-") as made:
            context = Path(made)
            if image.game:
                make_game(context)
            else:
                make_context(context, word)
            shown = while_building(self.folder, self.options.wheels)
            arguments = [w for n, v in image.arguments.items() for w in ("--build-arg", f"{n}={v}")]
            self.buildah.run(
                *("build", "--isolation", "chroot", "--pull-never", *shown, *arguments),
                *("--file", str(PROJECT / image.dockerfile), "--tag", f"localhost/{image.name}"),
                str(context),
                log=log,
            )
        self._words(image).write_text(json.dumps([word, made]))
        config = self.buildah.describe(image.name)["config"]
        root = f"uid 0: {config}" if config.get("User") in (None, "", "0", "root") else ""
        return {"user": config.get("User"), "command": config.get("Cmd"), "wrong": root}

    def _words(self, image: Image) -> Path:
        return self.folder / f"{image.name.replace(':', '-')}.word"

    def _layers(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        for image in self.images.values():
            yield f"layers {image.name}", digest(image), lambda image=image: self._searched(image)

    def _searched(self, image: Image) -> dict[str, Any]:
        """Everything that the build added, which is one layer: nothing is hidden by a later one."""
        word, context = json.loads(self._words(image).read_text())
        words = words_of_here(word, (Path(context), PROJECT, self.folder))
        description = self.buildah.describe(image.name)
        of_base = self.buildah.describe(image.base)
        count = len(description["rootfs"]["diff_ids"]) - len(of_base["rootfs"]["diff_ids"])
        with self._mounted(image.name) as root, self._mounted(image.base) as before:
            found = [*search(root, before, words), *search_description(description, words)]
            size = megabytes(root, before)
        wrong = json.dumps([asdict(each) for each in found]) if found else ""
        if count != 1:
            wrong += f" {count} layers on top of the base: what a later one hides was not searched"
        return {"megabytes": size, "searched_for": len(words), "wrong": wrong}

    def _mounted(self, image: str) -> Any:
        return _Mounted(self.buildah, image)

    def _game(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        image = images()["town:b1"]

        def work() -> dict[str, Any]:
            with self._mounted(image.name) as root, tempfile.TemporaryDirectory() as folder:
                config = self.buildah.describe(image.name)["config"]
                engine = Engine({image.name: root}, {image.name: config}, Path(folder))
                where = "/game/Town/Binaries/Linux"
                command = ("sh", "-c", f"cd {where} && ./Town TownMap -UnrealCVPort 9100")
                # Games write beside themselves, so that the root is as `docker run` makes it.
                said = engine.run(Container("town", image.name, command, read_only=False), 60.0)
                shown = (root / where.lstrip("/") / "unrealcv.ini").stat().st_uid
            wrong = "" if "user 1000" in said and shown == 1000 else said
            return {"said": said.strip(), "wrong": wrong}

        yield "game", digest(image), work

    def _alone(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        for image in self.images.values():
            if not image.game:
                yield f"alone {image.name}", digest(image), lambda image=image: self._ran(image)

    def _ran(self, image: Image) -> dict[str, Any]:
        folder = self.folder / f"alone-{image.name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with self._mounted(image.name) as root:
            config = self.buildah.describe(image.name)["config"]
            engine = Engine({image.name: root}, {image.name: config}, folder, own_network=True)
            return alone(engine, image.name, config)

    def _farm(self, kind: str) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        used = [image for image in images().values() if not image.game]
        made_from = hashlib.sha256("".join(map(digest, used)).encode())
        made_from.update(_folder_digest(PROJECT / "infra" / kind).encode())
        made_from.update(_folder_digest(PROJECT / "infra" / "settings").encode())
        yield kind, made_from.hexdigest()[:16], lambda: self._farmed(kind, used)

    def _farmed(self, kind: str, used: list[Image]) -> dict[str, Any]:
        folder = self.folder / kind
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        mounts = [self._mounted(image.name) for image in used]
        try:
            roots = {image.name: str(mount.__enter__()) for image, mount in zip(used, mounts)}
            configs = {image.name: self.buildah.describe(image.name)["config"] for image in used}
            plan = {"kind": kind, "folder": str(folder), "roots": roots, "configs": configs}
            plan["node"] = kind == "compose"
            (folder / "plan.json").write_text(json.dumps(plan))
            command = ["unshare", "--net", sys.executable, "-m", "benchmarks.images.farm"]
            done = subprocess.run(
                [*command, str(folder / "plan.json")], capture_output=True, text=True, cwd=PROJECT
            )
        finally:
            for mount in mounts:
                mount.__exit__(None, None, None)
        if done.returncode:
            raise RuntimeError((done.stdout + done.stderr)[-8000:])
        told = json.loads(done.stdout.strip().splitlines()[-1])
        return {**told, "wrong": complaints(told)}


def complaints(told: dict[str, Any]) -> str:
    """What is wrong with what a farm of containers told; empty if nothing is."""
    wrong: list[str] = []
    for role, seen in told["seen"].items():
        if seen["uid"] != 1000 or seen["privileges"] or seen["interfaces"] != ["lo"]:
            wrong.append(f"{role}: {seen}")
    wrong += [
        f"{made}: {told[made]}"
        for made in ("factory", "node")
        if told.get(made, "Completed") != "Completed"
    ]
    exits = {**told["exits"], "server": told["exit_server"], "render": told.get("exit_render", 0)}
    wrong += [f"{name} ended with {status}" for name, status in exits.items() if status]
    if told["secrets_in_logs"]:
        wrong.append("a secret stands in a log")
    return "; ".join(wrong)


class _Mounted:
    """A container of an image, mounted; gone with the ``with`` block."""

    def __init__(self, buildah: Buildah, image: str) -> None:
        self.buildah, self.image, self.name = buildah, image, ""

    def __enter__(self) -> Path:
        self.name = self.buildah.run("from", "--pull-never", f"localhost/{self.image}").strip()
        return Path(self.buildah.run("mount", self.name).strip())

    def __exit__(self, *error: object) -> None:
        if self.name:
            self.buildah.run("umount", self.name)
            self.buildah.run("rm", self.name)


def _folder_digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
