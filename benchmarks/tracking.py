"""What the plain tracker makes of a recording: by overlap alone, by clothes' colours, by a model.

``python -m benchmarks.tracking`` tracks everybody through the newest snapshot of a data set with
recordings (``unrealperson build video`` makes one) and prints IDF1, HOTA and MOTA, per camera and
across all cameras, by TrackEval's own code. ``--model``: a trained model's folder; its features are
tried, too. The last line is one JSON object: ``alone_idf1``, ``colours_idf1``, ``model_idf1`` and
the same of ``hota`` and ``mota``, across cameras, in percent, and CPU-seconds of each.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.calibration import calibration_cpu_s
from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.stores import open_store
from tasks.export.export import export_snapshot
from tasks.tracking.baseline import Embed, track_sequences
from tasks.tracking.measure import TrackReport, TrackScores, measure_tracks
from training.evaluation.baselines import colour_features

TAKES = "two minutes"
SMOKE = ()
READS = ("video",)
_SIZE = (64, 128)


def colours(crops: list[np.ndarray], cameras: list[str]) -> np.ndarray:
    """Features of clothes' colours: what needs no network."""
    pictures = np.stack([cv2.resize(crop, _SIZE, interpolation=cv2.INTER_AREA) for crop in crops])
    return colour_features(pictures, np.array(cameras))


def measure(sequences: Path, results: Path, embed: Embed | None) -> tuple[TrackReport, float]:
    """The scores of one way, and its CPU-seconds."""
    started = time.process_time()
    track_sequences(sequences, results, embed)
    spent = time.process_time() - started
    return measure_tracks(sequences, results), spent


def line(way: str, name: str, scores: TrackScores) -> str:
    shares = "  ".join(f"{100 * s:5.1f}" for s in (scores.idf1, scores.hota, scores.mota))
    return f"{way:8s} {name:24s} {shares}  {scores.people:3d} people, {scores.tracks:3d} tracks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="out/store")
    parser.add_argument("--dataset", default="video", help="one with recordings")
    parser.add_argument("--model", type=Path, help="folder of a trained model")
    options = parser.parse_args()
    ways: dict[str, Embed | None] = {"alone": None, "colours": colours}
    if options.model is not None:
        from training.saved_model import Model

        ways["model"] = Model(options.model).embed
    reader = open_snapshot(Dataset(options.dataset, open_store(options.store)))
    result: dict[str, float] = {}
    print(f"{'':33s}  IDF1   HOTA   MOTA")
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stdout(io.StringIO()):
            sequences = export_snapshot(reader, "motchallenge", Path(folder) / "mot").folder
        for way, embed in ways.items():
            report, spent = measure(sequences, Path(folder) / way, embed)
            for name, scores in report.per_camera.items():
                print(line(way, name, scores), flush=True)
            print(line(way, "across all", report.together), flush=True)
            for name in ("idf1", "hota", "mota"):
                result[f"{way}_{name}"] = round(100 * getattr(report.together, name), 1)
            result[f"{way}_cpu_s"] = round(spent, 1)
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
