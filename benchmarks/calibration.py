"""A fixed, single-threaded mix of work whose CPU-seconds tell how fast a machine is.

Figures of two machines can be compared after dividing by this number. The mix (matrix
product, sort, JPEG and PNG coding) stands for what the factory spends its time on. It runs in
a process of its own, with every numeric library held to one thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def _mix() -> float:
    """Run the mix once in this process; CPU-seconds (user + system)."""
    import time

    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    rng = np.random.default_rng(20210621)
    matrix = rng.standard_normal((1024, 1024), dtype=np.float32)
    values = rng.random(4_000_000)
    coarse = rng.integers(0, 255, (45, 80, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (1280, 720), interpolation=cv2.INTER_CUBIC)
    started = time.process_time()
    for _ in range(8):
        matrix = matrix @ matrix
        matrix /= np.abs(matrix).max()
    np.sort(values)
    for _ in range(10):
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])
        cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    _, png = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    cv2.imdecode(png, cv2.IMREAD_COLOR)
    return time.process_time() - started


def calibration_cpu_s() -> float:
    """CPU-seconds of the mix on this machine: the median of three runs in a fresh process."""
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.calibration"],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return float(json.loads(result.stdout.strip().splitlines()[-1])["calibration_cpu_s"])


if __name__ == "__main__":
    runs = sorted(_mix() for _ in range(3))
    print(json.dumps({"calibration_cpu_s": round(runs[1], 3)}))
