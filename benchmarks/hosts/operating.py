"""What the operator does, on the operator's host: ``python -m benchmarks.hosts.operating``.

Takes one JSON request a line from its input and answers each with one line. It knows what a client
knows: the server's address and key, the stores by name.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from manifests.claims import claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import FactoryError, NotFound
from manifests.identity import crop_id, render_id
from manifests.reader import open_snapshot
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.requests import kept_plans
from manifests.snapshots import latest_snapshot, snapshot_numbers
from manifests.stores import open_store
from tasks.publish.garbage import collect_garbage

RECIPE = "tiny"
_ALIVE = ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING"]


class Operator:
    """Asks the server by its API and reads the stores."""

    def __init__(self) -> None:
        user, _, word = os.environ["PREFECT_API_AUTH_STRING"].partition(":")
        self._api = httpx.Client(
            base_url=os.environ["PREFECT_API_URL"], auth=(user, word), timeout=20.0
        )

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request; what went wrong is an answer, too."""
        do = request.pop("do")
        try:
            return getattr(self, do)(**request)
        except (httpx.HTTPError, FactoryError) as error:
            return {"error": f"{type(error).__name__}: {error}"[:500]}

    def submit(self, deployment: str, parameters: dict[str, Any], wait: float) -> dict[str, Any]:
        """A run of a deployment, ``wait`` seconds from now; its id."""
        found = self._call("GET", f"/deployments/name/{deployment}")
        at = (datetime.now(UTC) + timedelta(seconds=wait)).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at}}
        made = self._call(
            "POST",
            f"/deployments/{found['id']}/create_flow_run",
            parameters=parameters,
            state=state,
        )
        return {"run": made["id"]}

    def schedule(self, deployment: str, parameters: dict[str, Any], after: float) -> dict[str, Any]:
        """Runs of a deployment from ``after`` seconds on, once a day."""
        found = self._call("GET", f"/deployments/name/{deployment}")
        begin = (datetime.now(UTC) + timedelta(seconds=after)).isoformat()
        made = {
            "slug": "daily",
            "schedule": {"interval": 86400, "anchor_date": begin},
            "active": True,
            "parameters": parameters,
        }
        reply = self._api.post(f"/deployments/{found['id']}/schedules", json=[made])
        reply.raise_for_status()
        return {}

    def runs(self, deployment: str) -> dict[str, Any]:
        """Runs of a deployment, by the server."""
        found = self._call("GET", f"/deployments/name/{deployment}")
        wanted = {"id": {"any_": [found["id"]]}}
        return {
            "runs": [_run(r) for r in self._call("POST", "/flow_runs/filter", deployments=wanted)]
        }

    def look(self, run: str, store: str, overrides: dict[str, Any]) -> dict[str, Any]:
        """How far a build is: its state, its claims, what its workers say."""
        found = _run(self._call("GET", f"/flow_runs/{run}"))
        claims = claimed_ids(_dataset(store, overrides), "crops")
        return {**found, "claims": claims, "seen": self._workers()}

    def alive(self) -> dict[str, Any]:
        """Runs that have not ended, but for those that only wait for their time."""
        wanted = {"state": {"type": {"any_": _ALIVE}}}
        found = [_run(r) for r in self._call("POST", "/flow_runs/filter", flow_runs=wanted)]
        return {"runs": [r for r in found if r["state"] != "SCHEDULED" or not r["automatic"]]}

    def sweep(self, store: str, overrides: dict[str, Any], lease: float) -> dict[str, Any]:
        """``gc`` with a lease so short that a host may sleep longer."""
        garbage = collect_garbage(_dataset(store, overrides), lease_seconds=lease, delete=True)
        return {"removed": len(garbage.orphans)}

    def verdict(self, store: str, overrides: dict[str, Any]) -> dict[str, Any]:
        """What became of a build: planned shards without a claim or its file (``lost``), crops and
        snapshots that are there twice (``doubled``), the digest."""
        dataset, recipe = _dataset(store, overrides), _recipe(overrides)
        shards = [shard for plan in kept_plans(dataset) for shard in plan.shards]
        wanted = {crop_id(render_id(shard), recipe.annotation) for shard in shards}
        claims = read_claims(dataset, "crops", wanted)
        whole = {
            id for id, claim in claims.items() if _stored_bytes(dataset, claim.key) == claim.bytes
        }
        numbers, snapshot = snapshot_numbers(dataset), latest_snapshot(dataset)
        keys = open_snapshot(dataset).table(["crop_key"])["crop_key"].to_pylist() if numbers else []
        return {
            "shards": len(wanted),
            "lost": sorted(wanted - whole),
            "doubled": len(keys) - len(set(keys)) + max(0, len(numbers) - 1),
            "digest": None if snapshot is None else snapshot.content_digest,
            "hosts": sorted({claim.host for claim in claims.values()}),
        }

    def texts(self, store: str, overrides: dict[str, Any]) -> dict[str, Any]:
        """Everything that people read, as one text: artifacts, logs, manifests."""
        dataset = _dataset(store, overrides)
        found = [
            json.dumps(self._call("POST", f"/{what}/filter")) for what in ("artifacts", "logs")
        ]
        found += [
            dataset.store.get(info.key).decode(errors="replace")
            for info in dataset.store.list(f"{dataset.name}/")
            if info.key.endswith((".json", ".html", ".yaml"))
        ]
        return {"text": "\n".join(found)}

    def _workers(self) -> dict[str, str]:
        found = [
            worker
            for pool in ("render", "cpu")
            for worker in self._call("POST", f"/work_pools/{pool}/workers/filter")
        ]
        return {worker["name"]: worker["last_heartbeat_time"] for worker in found}

    def _call(self, method: str, path: str, **body: Any) -> Any:
        reply = self._api.request(method, path, json=body or None)
        reply.raise_for_status()
        return reply.json()


def _run(run: dict[str, Any]) -> dict[str, Any]:
    state = run["state"] or {}
    return {
        "id": run["id"],
        "name": run["name"],
        "state": state.get("type"),
        "message": (state.get("message") or "")[:500],
        "starts": run["run_count"],
        "automatic": run["auto_scheduled"],
        "since": state.get("timestamp"),
    }


def _recipe(overrides: dict[str, Any]) -> Recipe:
    return load_recipe(RECIPE, overrides)


def _dataset(store: str, overrides: dict[str, Any]) -> Dataset:
    return Dataset(_recipe(overrides).name, open_store(store))


def _stored_bytes(dataset: Dataset, key: str) -> int | None:
    try:
        return dataset.store.size(key)
    except NotFound:
        return None


if __name__ == "__main__":
    operator = Operator()
    for line in sys.stdin:
        print(json.dumps(operator.answer(json.loads(line))), flush=True)
