"""Pictures of Prefect's pages: ``python docs/make_operations_pictures.py``.

Starts a farm of its own, builds and trains the recipe `tiny` on it, opens each page in headless
Chromium and writes ``docs/pictures/operations/*.jpg``. Logs name where data lie: the folder is that
of `infra/systemd`, not one of whoever makes the pictures, and is removed at the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

import cv2
import httpx

from tests.servers.endpoint import free_ports

PICTURES = Path("docs/pictures/operations")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--force-device-scale-factor=1"),
)
_LOAD_MS = 12_000
_WIDTH, _HEIGHT, _LOGS_HEIGHT = 1360, 900, 1700
_WRONG = {"people.counts": 16}
_SMALL = {"people.count": 16, "images_per_person": 6, "shards.people_per_shard": 4}


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=PICTURES)
    parser.add_argument("--folder", type=Path, default=Path("/var/lib/unrealperson"))
    options = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("needs chromium: apt-get install chromium")
    options.output.mkdir(parents=True, exist_ok=True)
    options.folder.mkdir(parents=True)  # never one that holds anything
    folder = str(options.folder)
    with ExitStack() as tidied:
        tidied.callback(shutil.rmtree, folder)
        (port,) = free_ports(1)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
            "UNREALPERSON_OUT": f"{folder}/out",
            "UNREALPERSON_STATE": f"{folder}/state",
            "UNREALPERSON_PORT": str(port),
        }
        try:
            _cli(environment, "up", "--workers", "2")
            pages = _fill(f"http://127.0.0.1:{port}", options.output, browser, folder)
            for name, (url, height) in pages.items():
                _picture(browser, url, options.output / f"{name}.jpg", Path(folder), height)
        finally:
            _cli(environment, "down", "--drain", "0")


def _cli(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "flows.cli", *arguments], env=environment, check=True)


def _fill(address: str, output: Path, browser: str, folder: str) -> dict[str, tuple[str, int]]:
    """Build and train; the pages worth a picture. The running build is pictured on the way."""
    api = f"{address}/api"
    run = f"{address}/runs/flow-run"
    parameters = {"recipe": "tiny", "overrides": _SMALL, "where": "deployment"}
    build = _submit(api, "build_dataset/build", parameters)
    deadline = time.monotonic() + 240
    while not _artifact(api, build, "preview-render") and time.monotonic() < deadline:
        time.sleep(1.0)
    _picture(browser, f"{run}/{build}", output / "build_running.jpg", Path(folder), _HEIGHT)
    _wait(api, build)
    trained = _submit(api, "train/train", {"dataset": "tiny", "training": "tiny"})
    _wait(api, trained)
    model = sorted(Path(folder).glob("out/models/tiny/*/model.pt"))[0].parent
    measured = _submit(api, "evaluate/evaluate", {"dataset": "tiny", "model": str(model)})
    _wait(api, measured)
    refused = _submit(api, "build_dataset/build", {"recipe": "tiny", "overrides": _WRONG})
    _wait(api, refused, "FAILED")
    shard = next(r["id"] for r in _runs(api, "render_shard"))
    form = _deployment(api, "build_dataset/build")["id"]
    pages = {
        "runs": (f"{address}/runs", _HEIGHT),
        "deployments": (f"{address}/deployments", _HEIGHT),
        "form": (f"{address}/deployments/deployment/{form}/run", 1500),
        "work_pools": (f"{address}/work-pools", _HEIGHT),
        "limits": (f"{address}/concurrency-limits", 500),
        "build": (f"{run}/{build}", _LOGS_HEIGHT),
        "refused": (f"{run}/{refused}", _LOGS_HEIGHT),
        "shard_logs": (f"{run}/{shard}", _HEIGHT),
    }
    for name, owner, key, height in (
        ("progress", build, "progress-render", 500),
        ("shards", build, "shards-render", _HEIGHT),
        ("preview", build, "preview-render", 600),
        ("card", build, "dataset-tiny", 1100),
        ("loss", trained, "loss", 700),
        ("metrics", measured, "metrics", _HEIGHT),
    ):
        if artifact := _artifact(api, owner, key):
            pages[name] = (f"{address}/artifacts/artifact/{artifact}", height)
    return pages


def _post(api: str, path: str, body: dict) -> list | dict:
    reply = httpx.post(f"{api}{path}", json=body, timeout=60)
    for _ in range(20):
        if reply.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            break
        time.sleep(1.0)
        reply = httpx.post(f"{api}{path}", json=body, timeout=60)
    reply.raise_for_status()
    return reply.json()


def _deployment(api: str, name: str) -> dict:
    return httpx.get(f"{api}/deployments/name/{name}", timeout=60).json()


def _submit(api: str, name: str, parameters: dict) -> str:
    path = f"/deployments/{_deployment(api, name)['id']}/create_flow_run"
    return _post(api, path, {"parameters": parameters})["id"]  # type: ignore[call-overload]


def _wait(api: str, run_id: str, end: str = "COMPLETED") -> None:
    while True:
        state = httpx.get(f"{api}/flow_runs/{run_id}", timeout=60).json()["state"]
        if state["type"] == end:
            return
        if state["type"] in ("FAILED", "CRASHED", "CANCELLED"):
            sys.exit(f"run {run_id}: {state['name']}: {state['message']}")
        time.sleep(1.0)


def _runs(api: str, flow: str) -> list[dict]:
    return list(_post(api, "/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}}))


def _artifact(api: str, run_id: str, key: str) -> str | None:
    found = _post(
        api,
        "/artifacts/filter",
        {
            "artifacts": {"flow_run_id": {"any_": [run_id]}, "key": {"any_": [key]}},
            "sort": "CREATED_DESC",
        },
    )
    return found[0]["id"] if found else None  # type: ignore[index]


def _picture(browser: str, url: str, path: Path, folder: Path, height: int) -> None:
    png = folder / f"{path.stem}.png"
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        subprocess.run(
            [browser, *_FLAGS, f"--user-data-dir={profile}", f"--window-size={_WIDTH},{height}"]
            + [f"--virtual-time-budget={_LOAD_MS}", f"--screenshot={png}", url],
            check=True,
            capture_output=True,
            timeout=120,
        )
    image = cv2.imread(str(png))
    if image is None:
        sys.exit(f"no picture of {url}")
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 80])


if __name__ == "__main__":
    main()
