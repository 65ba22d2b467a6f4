"""Embedding pictures of one's own beside the bare network, and memory with many rows.

``python -m benchmarks.embed`` prints as its last line one JSON object, of an untrained network with
plain batch normalisation, by torch and by onnxruntime with two threads each: ``torch_images_per_s``
and ``onnx_images_per_s`` (files to a file of features, by the clock), ``…_bare_images_per_s`` (the
network alone on decoded pictures), ``…_ratio`` (seconds of embedding over those of the network
alone, the best of some runs that take turns) and ``onnx_speed_up`` (torch's bare seconds over
onnxruntime's). ``embed_extra_mb`` and ``search_extra_mb`` are how much the peak memory of a process
grows with the rows that ``rows`` says, ``…_of_tenth`` with a tenth of them.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from benchmarks.synthetic_features import alone
from tasks.embed.opening import open_pictures
from tasks.embed.pictures import Pictures, Stored
from tasks.embed.run import embed
from tasks.embed.search import search
from tasks.embed.table import open_features
from training.embedding.identity import ModelIdentity
from training.embedding.network import Network, open_network
from training.embedding.onnx_network import OnnxNetwork

TAKES = "five minutes"
SMOKE = ("--backbone", "resnet8", "--pictures", "8", "--rows", "3000", "--runs", "1")
_THREADS = 2
_DIMENSION = 512


class _NoNetwork(OnnxNetwork):
    """Gives features at once, so that only what is around a network costs memory."""

    def __init__(self) -> None:
        self.identity = ModelIdentity(
            file="none",
            sha256="0",
            kind="onnx",
            network="none",
            height=32,
            width=16,
            dimension=_DIMENSION,
            run="none",
            statistics="none",
            lineage={},
        )

    def features(self, images: np.ndarray) -> np.ndarray:
        """Of length 1, and different."""
        found = np.zeros((len(images), _DIMENSION), np.float32)
        found[np.arange(len(images)), images[:, 0, 0, 0].astype(int)] = 1.0
        return found


def models(folder: Path, backbone: str) -> dict[str, Path]:
    """A model file for torch and its export."""
    from training.checkpoints import Checkpoint, load_network, save_checkpoint
    from training.config import Precision, load_training
    from training.exported.export import export
    from training.exported.form import asked_form
    from training.models.person_net import build_network

    changes = {"model.backbone": backbone, "model.normalisation": "batch", "precision": "fp32"}
    changes |= {"model.height": 256, "model.width": 128}
    config = load_training("tiny", {**changes, "threads": _THREADS})
    weights = build_network(config.model, people=2, seed=0).state_dict()
    trained = folder / "model.pt"
    save_checkpoint(trained, Checkpoint(config, "run", Precision.fp32, 0, ("a", "b"), weights))
    network, checkpoint = load_network(trained)
    exported = folder / "reid.onnx"
    export(network, checkpoint, "of the training", asked_form()).write(exported)
    return {"torch": trained, "onnx": exported}


def write_pictures(folder: Path, count: int) -> None:
    """JPEGs of about the size of crops."""
    import simplejpeg

    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = rng.integers(0, 256, (24, 12, 3), np.uint8)
        picture = np.ascontiguousarray(coarse.repeat(10, 0).repeat(8, 1))
        data = simplejpeg.encode_jpeg(picture, quality=90, colorspace="RGB")
        (folder / f"{number:06d}.jpg").write_bytes(data)


def speed(backbone: str, count: int, runs: int) -> dict[str, float]:
    """Images a second by torch and onnxruntime, bare and from files."""
    os.environ["OMP_NUM_THREADS"] = str(_THREADS)
    best: dict[str, float] = {}

    def took(name: str, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        best[name] = min(best.get(name, np.inf), time.perf_counter() - started)

    with tempfile.TemporaryDirectory() as place:
        files = models(Path(place), backbone)
        folder = Path(place) / "pictures"
        folder.mkdir()
        write_pictures(folder, count)
        networks: dict[str, Network] = {name: open_network(file) for name, file in files.items()}
        images = np.random.default_rng(1).integers(0, 256, (count, 256, 128, 3), np.uint8)
        for network in networks.values():
            network.features(images[:8])
        for _ in range(runs):
            for name, network in networks.items():
                took(f"{name}_bare", lambda network=network: network.features(images))
                output = Path(place) / f"{name}.parquet"
                took(
                    name,
                    lambda network=network, output=output: embed(
                        open_pictures(folder), network, output
                    ),
                )
    found = {f"{name}_images_per_s": round(count / seconds, 1) for name, seconds in best.items()}
    for name in networks:
        found[f"{name}_ratio"] = round(best[name] / best[f"{name}_bare"], 3)
    found["onnx_speed_up"] = round(best["torch_bare"] / best["onnx_bare"], 2)
    return found


def memory(rows: int) -> dict[str, float]:
    """Growth of this process' peak memory while so many pictures are embedded and searched."""
    picture = np.zeros((32, 16, 3), np.uint8)

    def read(chosen: np.ndarray) -> Iterator[Stored]:
        for row in chosen.tolist():
            own = picture.copy()
            own[0, 0] = row % 251
            yield own

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "f.parquet"
        # As much as the names of so many files take.
        names = [f"camera_{row % 8}/{row:09d}_somebody_at_noon.jpg" for row in range(rows)]
        camera = np.arange(rows) % 8
        pictures = Pictures("folder", Path(place), names, camera, tuple("abcdefgh"), read)
        embed(pictures_of(pictures, 5000), _NoNetwork(), path)  # what is loaded once
        before = peak_mb()
        embed(pictures, _NoNetwork(), path)
        embedded = peak_mb()
        query = _NoNetwork().features(np.full((4, 32, 16, 3), 7, np.uint8))
        hits = search(open_features(path), query)
        assert all(hit.similarity == 1.0 for hit in hits[0][: min(20, rows // 300)])
        size = path.stat().st_size
    return {
        "embed_extra_mb": round(embedded - before, 1),
        "search_extra_mb": round(peak_mb() - embedded, 1),
        "features_mb": round(size / 1e6, 1),
    }


def peak_mb() -> float:
    """Largest resident size of this program so far, in MB; of the process it would be its parent's,
    which has computed."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def pictures_of(pictures: Pictures, most: int) -> Pictures:
    """The first of them."""
    names, camera = pictures.names[:most], pictures.camera[:most]
    return Pictures(pictures.kind, pictures.where, names, camera, pictures.cameras, pictures.read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backbone", default="resnet50", help="the network")
    parser.add_argument("--pictures", type=int, default=256, help="files that are embedded")
    parser.add_argument("--runs", type=int, default=2, help="of which the best counts")
    parser.add_argument("--rows", type=int, default=1_000_000, help="whose memory is measured")
    parser.add_argument("--memory-of", type=int, help="measure so many rows in this process")
    asked = parser.parse_args()
    if asked.memory_of:
        print(json.dumps(memory(asked.memory_of)))
        return
    result: dict[str, float | str] = {"backbone": asked.backbone, "rows": asked.rows}
    result |= speed(asked.backbone, asked.pictures, asked.runs)
    print(json.dumps(result), flush=True)
    tenth = alone("benchmarks.embed", "--memory-of", str(asked.rows // 10))
    result |= {f"{name}_of_tenth": value for name, value in tenth.items()}
    result |= alone("benchmarks.embed", "--memory-of", str(asked.rows))
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
