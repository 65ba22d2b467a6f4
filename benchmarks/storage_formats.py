"""Crops a CPU-second from what is stored to shuffled uint8 batches, by ways to store and open it.

``python -m benchmarks.storage_formats`` writes the same made-up crops as a published set's Parquet,
as shards of WebDataset, as a Lance table and as files in a folder, and reads whole shuffled epochs
of all of them in turns: decoded and resized to 256x128 by the same code, in batches of 64; what is
read once (ours) or opened (the others) is so before. WebDataset and Lance come with no extra of
ours (`pip install webdataset pylance`); without them their figures are null. Last line, one JSON
object: ``…_over_ours`` (crops a CPU-second of a way over those of ``Dataset.torch``, the best epoch
of each; ``decoded``: of ``decoded=True``), ``…_per_cpu_s`` and ``…_stored_over_ours`` (bytes on
disk).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.calibration import calibration_cpu_s
from benchmarks.loader import crops
from benchmarks.synthetic_features import alone
from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.stores import open_store
from tests.tasks.report.publishing import crop_row, publish_rows
from training.data.crop_dataset import CropDataset
from training.data.decoding import decode_crop, resized

TAKES = "a minute"
SMOKE = ("--crops", "128", "--rounds", "1")

BATCH, SHARD = 64, 1000
WAYS = ("ours", "decoded", "webdataset", "lance", "files")
_PACKAGE = {"webdataset": "webdataset", "lance": "lance"}


def write(folder: Path, count: int) -> dict[str, int]:
    """Every way's data; bytes on disk."""
    jpegs = crops(count, "420")
    row = crop_row(0, 0, 0, test=False)
    rows = [
        row
        | {"image": {"bytes": jpeg, "path": f"{i}.jpg"}, "crop_key": f"{i:06d}"}
        | {"person_id": f"0-{i // 40:06d}", "camera": f"street_c{i % 6:02d}"}
        | {"split": "train", "role": "train", "crop_digest": hashlib.sha256(jpeg).digest()}
        for i, jpeg in enumerate(jpegs)
    ]
    publish_rows(open_store(folder / "store"), rows)
    (folder / "files").mkdir()
    for i, jpeg in enumerate(jpegs):
        (folder / "files" / f"{i:06d}.jpg").write_bytes(jpeg)
    if find_spec("webdataset"):
        (folder / "webdataset").mkdir()
        for start in range(0, count, SHARD):
            with tarfile.open(folder / "webdataset" / f"{start // SHARD:06d}.tar", "w") as shard:
                for i, jpeg in enumerate(jpegs[start : start + SHARD], start):
                    for suffix, data in (("jpg", jpeg), ("cls", str(i // 40).encode())):
                        entry = tarfile.TarInfo(f"{i:06d}.{suffix}")
                        entry.size = len(data)
                        shard.addfile(entry, io.BytesIO(data))
    if find_spec("lance"):
        import lance  # pyright: ignore[reportMissingImports]
        import pyarrow as pa

        person = [i // 40 for i in range(count)]
        lance.write_dataset(pa.table({"image": jpegs, "person": person}), str(folder / "lance"))
    places = {"ours": "store", **{way: way for way in ("webdataset", "lance", "files")}}
    return {way: _bytes(folder / place) for way, place in places.items()}


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def picture(data: bytes | memoryview) -> torch.Tensor:
    """What every way ends in."""
    return torch.from_numpy(resized(decode_crop(data, "crop"), 256, 128)).permute(2, 0, 1)


def epochs(way: str, folder: Path, count: int) -> Iterator[int]:
    """Read an epoch whenever it is asked for; yields how many crops that were."""
    rng = np.random.default_rng(0)
    if way in ("ours", "decoded"):
        reader = open_snapshot(Dataset("small", open_store(folder / "store")))
        data = CropDataset(reader, "train", decoded=way == "decoded")
        while True:
            yield _batched(data[int(i)][0] for i in rng.permutation(count))
    elif way == "files":
        paths = sorted((folder / "files").iterdir())
        while True:
            yield _batched(picture(paths[i].read_bytes()) for i in rng.permutation(count))
    elif way == "webdataset":
        import webdataset as wds  # pyright: ignore[reportMissingImports]

        shards = sorted(map(str, (folder / "webdataset").glob("*.tar")))
        while True:
            stream: Any = wds.WebDataset(shards, shardshuffle=len(shards)).shuffle(1000)
            yield _batched(picture(sample["jpg"]) for sample in stream)
    else:
        import lance  # pyright: ignore[reportMissingImports]

        table: Any = lance.dataset(str(folder / "lance"))
        while True:
            order = rng.permutation(count)
            parts = [order[i : i + BATCH] for i in range(0, count, BATCH)]
            yield _batched(
                picture(memoryview(one.as_buffer()).cast("B"))
                for part in parts
                for one in table.take(part.tolist(), columns=["image"])["image"]
            )


def _batched(pictures: Iterator[torch.Tensor]) -> int:
    seen, batch = 0, []
    for each in pictures:
        batch.append(each)
        if len(batch) == BATCH:
            seen += len(torch.stack(batch))
            batch = []
    return seen + len(batch)


def measure(count: int, rounds: int) -> dict[str, float | None]:
    """All ways in this process: the best epoch of each, after one that warms what there is."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    ways = [way for way in WAYS if find_spec(_PACKAGE.get(way, "torch"))]
    best = dict.fromkeys(ways, 0.0)
    with tempfile.TemporaryDirectory() as name:
        sizes = write(Path(name), count)
        reading = {way: epochs(way, Path(name), count) for way in ways}
        for turn in range(rounds + 1):
            for way, epoch in reading.items():
                started = time.process_time()
                assert next(epoch) == count
                if turn:
                    best[way] = max(best[way], count / (time.process_time() - started))
    known = {way: best.get(way) for way in WAYS}
    return {
        **{
            f"{way}_over_ours": rate and round(rate / best["ours"], 2)
            for way, rate in known.items()
            if way != "ours"
        },
        **{f"{way}_per_cpu_s": rate and round(rate) for way, rate in known.items()},
        **{
            f"{way}_stored_over_ours": round(size / sizes["ours"], 3)
            for way, size in sizes.items()
            if way in best and way != "ours"
        },
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(measure(asked.crops, asked.rounds)))
        return
    size = ("--crops", str(asked.crops), "--rounds", str(asked.rounds))
    found = alone("benchmarks.storage_formats", "--here", *size)
    crops_of = {"crops": asked.crops, "calibration_cpu_s": calibration_cpu_s()}
    print(json.dumps({**found, **crops_of}))


if __name__ == "__main__":
    main()
