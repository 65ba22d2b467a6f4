"""A farm of several hosts with a bad network between them: ``python -m benchmarks.hosts``.

Eight hosts in namespaces of Linux (database, server, store, three for rendering, a trainer, an
operator), each with its address, name, root, cache, disk and user, run what ``infra/systemd`` says;
nothing is shared but a network. The operator registers deployments; a set is built through the
pools when its schedule's time comes, and a model is trained on it. Then the same set is built while
one fault after another strikes, in an order that depends on the seed alone: delay, loss,
partitions, a slow store, a wrong clock, a full disk, a frozen host, power loss, older code. Prints
one JSON line and ends with 1 if anything was lost, doubled, left behind, told or different. It
needs root; with ``--folder`` the same command goes on after the last fault that it recorded there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.hosts.namespaces import enter_namespaces, namespaces_allowed
from tests.servers import postgres, radosgw

TAKES = "half an hour with `--faults 20`"
SMOKE = ("--faults", "1", "--people", "2", "--no-training")
NEEDS = (postgres.installed, radosgw.installed, namespaces_allowed)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--people", type=int, help="[default: as many as the faults take]")
    parser.add_argument("--kinds", nargs="+", help="words of the kinds of faults [default: all]")
    parser.add_argument("--minutes", type=float, default=110.0, help="begin no fault after these")
    parser.add_argument("--no-training", action="store_true", help="leave the trainer alone")
    parser.add_argument("--folder", type=Path, help="keep logs and the record here, and go on")
    options = parser.parse_args()
    enter_namespaces()
    with tempfile.TemporaryDirectory(prefix="unrealperson-hosts-") as scratch:
        kept = options.folder or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        return _run(options, Path(scratch), kept)


def _run(options: argparse.Namespace, scratch: Path, kept: Path) -> int:
    from benchmarks.hosts.farm import clocks_can_differ, running_farm
    from benchmarks.hosts.faults import Kind, schedule
    from benchmarks.hosts.record import Record
    from benchmarks.hosts.storm import STORES, Storm, say, summary
    from benchmarks.hosts.terminal import Operator

    kinds = [k for k in Kind if not options.kinds or any(word in k for word in options.kinds)]
    if not clocks_can_differ():
        say("clocks are left alone: there is no C compiler")
        kinds = [k for k in kinds if k is not Kind.wrong_clock]
    planned = schedule(options.faults, options.seed, kinds)
    record = Record.read(kept)
    left = planned[len(record.faults) :]
    overrides: dict[str, Any] = {
        "people.count": options.people or max(8, 4 * min(len(left), 24)),
        "shards.people_per_shard": 2,
        "image.supersampling": 1.0,
    }
    until = time.monotonic() + 60.0 * options.minutes
    with running_farm(scratch / "farm", STORES, options.seed) as farm:
        operator = Operator(farm, overrides)
        storm = Storm(farm, operator, record, until)
        try:
            storm.calm(train=not options.no_training)
            storm.go_through(left)
            storm.look_around(farm.secrets)
        finally:
            operator.leave()
            _keep_logs(farm.hosts.values(), kept)
    result = summary(storm.seen, record, options.seed)
    print(json.dumps(result))
    wrong = [
        result[k] for k in ("lost", "doubled", "unjudged", "orphans", "running", "told", "wrong")
    ]
    return 0 if result["digest_equal"] and not any(wrong) else 1


def _keep_logs(hosts: Any, folder: Path) -> None:
    for host in hosts:
        shutil.copytree(host.disk / "log", folder / "logs" / host.name, dirs_exist_ok=True)
