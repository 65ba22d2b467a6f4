"""How publishing, scanning and verifying scale: 10 million rows in 1,000 shards.

``python -m benchmarks.manifests --shards 1000 --folder DIR`` makes claimed crop shards
with tiny distinct images, then runs every stage in a process of its own and prints one JSON
line: CPU seconds (user + system) and peak memory of each stage, and what one claim costs in a
store that holds 10 and 10,000 of them (ten per shard). Needs about 12 GB of disk for the full size.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import simplejpeg

from benchmarks.calibration import calibration_cpu_s
from manifests.claims import Claim, claim, read_claims
from manifests.dataset import Dataset
from manifests.identity import digest
from manifests.reader import open_snapshot
from manifests.recipe import Recipe
from manifests.recipes_io import parse_recipe
from manifests.schema import CROPS
from manifests.stores import open_store
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tests.manifests.claimed_shards import CAMERAS, crop_row

TAKES = "ten minutes"
SMOKE = ("--shards", "4")

PEOPLE_PER_GROUP = 500
CROPS_PER_CAMERA = 7
IMAGES_PER_PERSON = 40
STAGES = ("prepare", "publish", "scan", "filter", "verify", "claims")


def recipe(shards: int) -> Recipe:
    """Two shards, one per scene, for each group of people."""
    people = shards // 2 * PEOPLE_PER_GROUP
    return parse_recipe(
        f"name: rows\nscenes: [{{name: street}}, {{name: supermarket}}]\n"
        f"people: {{count: {people}}}\nimages_per_person: {IMAGES_PER_PERSON}\n"
    )


def rows_in(folder: str) -> Dataset:
    """The benchmark's data set."""
    return Dataset("rows", open_store(folder))


def shard_ids(shards: int) -> list[str]:
    """crop_ids of the benchmark's shards."""
    return [digest(["benchmark", index]) for index in range(shards)]


def make_shard(folder: str, index: int) -> None:
    """Store and claim the crops of one shard: one group of people in one scene."""
    dataset = rows_in(folder)
    scene = list(CAMERAS)[index % 2]
    cameras = CAMERAS[scene]
    count = PEOPLE_PER_GROUP * len(cameras) * CROPS_PER_CAMERA
    numbers = np.arange(count)
    person = index // 2 * PEOPLE_PER_GROUP + numbers // (len(cameras) * CROPS_PER_CAMERA)
    camera = numbers // CROPS_PER_CAMERA % len(cameras)
    frame = numbers % CROPS_PER_CAMERA
    jpegs = _distinct_jpegs(index * count + numbers)
    columns = {
        "person_index": pa.array(person, pa.int32()),
        "person_id": pa.array([f"0-{p:06d}" for p in person]),
        "camera": pa.array(np.array(cameras)[camera]),
        "frame": pa.array(frame, pa.int32()),
        "time": pa.array(frame * 1.5),
        "crop_key": pa.array([f"{index:032x}/{f}/{p}" for f, p in zip(frame, person)]),
        "render_id": pa.array([f"{index:032x}"] * count),
        "dedupe_id": pa.array(index * count + numbers, pa.int64()),
        "crop_digest": pa.array([hashlib.sha256(j).digest() for j in jpegs], pa.binary(32)),
        "jpeg": pa.array(jpegs, pa.large_binary()),
        "width": pa.array(np.full(count, 8), pa.int16()),
        "height": pa.array(np.full(count, 8), pa.int16()),
    }
    example = crop_row(0, scene, cameras[0], 0)
    arrays = [
        columns[field.name]
        if field.name in columns
        else pa.array([example[field.name]], field.type).take(pa.array(np.zeros(count, np.int32)))
        for field in CROPS
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=CROPS), sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    id = digest(["benchmark", index])
    key = dataset.crops_key(id, "a1")
    dataset.store.put(key, data)
    sha256 = hashlib.sha256(data).hexdigest()
    mine = Claim(
        id=id, render_id=id, attempt="a1", key=key, sha256=sha256, rows=count, bytes=len(data)
    )
    claim(dataset, "crops", mine)


def _distinct_jpegs(numbers: np.ndarray) -> list[bytes]:
    # A comment segment makes images of the same tiny picture distinct, and they still decode.
    picture = simplejpeg.encode_jpeg(np.zeros((8, 8, 1), np.uint8), colorspace="GRAY")
    head, tail = picture[:2] + b"\xff\xfe\x00\x0a", picture[2:]
    return [head + int(number).to_bytes(8) + tail for number in numbers]


def prepare(folder: str, shards: int) -> dict:
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(make_shard, [folder] * shards, range(shards), chunksize=8))
    return {}


def publish(folder: str, shards: int) -> dict:
    dataset = rows_in(folder)
    claims = read_claims(dataset, "crops", shard_ids(shards))
    snapshot = publish_dataset(recipe(shards), dataset, [], claims)
    return {"rows": snapshot.crops, "parts": len(snapshot.parts)}


def scan(folder: str, shards: int) -> dict:
    table = open_snapshot(rows_in(folder)).table(["camera", "person_index"])
    return {"scanned": table.num_rows}


def filter(folder: str, shards: int) -> dict:
    wanted = (pc.field("scene") == "street") & (pc.field("camera") == "street_c02")
    columns = ["person_index", "time", "visibility"]
    return {"filtered": open_snapshot(rows_in(folder)).table(columns, wanted).num_rows}


def verify_all(folder: str, shards: int) -> dict:
    report = verify(open_snapshot(rows_in(folder)))
    report.raise_if_broken()
    return {"verified": report.images}


def claims(folder: str, shards: int) -> dict:
    """Median CPU milliseconds of one claim when 10 and when ten per shard are stored already."""
    dataset = Dataset("many", open_store(f"{folder}/claims"))
    made, costs = 0, {}
    for stored in (10, 10 * shards):
        while made < stored:
            _claim_one(dataset, made)
            made += 1
        samples = []
        for _ in range(50):
            started = time.process_time()
            _claim_one(dataset, made)
            samples.append(time.process_time() - started)
            made += 1
        costs[f"claim_ms_at_{stored}"] = round(1000 * float(np.median(samples)), 3)
    return costs


def _claim_one(dataset: Dataset, index: int) -> None:
    id = digest(["claim", index])
    mine = Claim(
        id=id,
        render_id=id,
        attempt="a1",
        key=dataset.crops_key(id, "a1"),
        sha256="0" * 64,
        rows=1,
        bytes=1,
    )
    claim(dataset, "crops", mine)


RUN = {
    "prepare": prepare,
    "publish": publish,
    "scan": scan,
    "filter": filter,
    "verify": verify_all,
    "claims": claims,
}


def run_stage(stage: str, folder: str, shards: int) -> dict:
    """Result, CPU seconds and peak memory of one stage in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.manifests", "--stage", stage]
    command += ["--folder", folder, "--shards", str(shards)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=1000)
    parser.add_argument("--folder", default=None, help="where to work [default: temporary]")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        result = RUN[options.stage](options.folder, options.shards)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = usage.ru_utime + usage.ru_stime + children.ru_utime + children.ru_stime
        print(json.dumps({**result, "cpu_s": round(cpu, 2), "memory_mb": usage.ru_maxrss // 1024}))
        return
    figures: dict = {"shards": options.shards}
    with tempfile.TemporaryDirectory(prefix="rows-", dir=options.folder) as folder:
        for stage in STAGES:
            started = time.perf_counter()
            result = run_stage(stage, folder, options.shards)
            figures[f"{stage}_cpu_s"] = result.pop("cpu_s")
            figures[f"{stage}_wall_s"] = round(time.perf_counter() - started, 2)
            figures[f"{stage}_memory_mb"] = result.pop("memory_mb")
            figures |= result
            print(stage, figures[f"{stage}_cpu_s"], "CPU s", file=sys.stderr, flush=True)
    figures["calibration_cpu_s"] = calibration_cpu_s()
    print(json.dumps(figures))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
