"""Images per CPU-second from JPEG bytes to an augmented training batch, on one core.

``python -m benchmarks.loader`` compares our path (decode and resize once, or every time,
then flip and pad-crop whole uint8 batches) with PIL and torchvision transforms on each image,
the same augmentation, both ending in uint8 256x128. JPEGs keep colours at half resolution, as
the factory, cameras and the public data sets write them. Last line, one JSON object:
``ratio_uint8`` (ours over theirs, one pass), ``ratio_float`` (both ending in normalised
float32), ``ratio_uint8_444`` (one pass over JPEGs with colours at full resolution),
``ratio_15_epochs`` (as in training: they decode in every epoch, we once), ``ratio_cached``
(later epochs alone), ``mean_difference`` (of decoded and resized pictures, in grey levels), and
the rates themselves; ``fingerprints_per_cpu_s``: files that are read and hashed alone, as the
training part of a data set that a model is measured on; ``hashes_per_cpu_s``: hashed while they
are read for decoding anyway.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
import torch
from PIL import Image
from torchvision import transforms

from benchmarks.calibration import calibration_cpu_s
from benchmarks.synthetic_features import alone
from training.backbones.registry import IMAGENET_MEAN, IMAGENET_STD
from training.config import AugmentationSettings
from training.data.augmentation import augment
from training.data.decoding import decode_into
from training.data.fingerprints import fingerprint
from training.targets.images import TRAIN, LabelledImage, Target

TAKES = "a minute"
SMOKE = ("--images", "16", "--rounds", "1")

HEIGHT, WIDTH, PAD, BATCH = 256, 128, 10, 64
SETTINGS = AugmentationSettings(flip=0.5, pad=PAD)


def crops(count: int, subsampling: str) -> list[bytes]:
    """JPEGs of some 280x120 pixels with the detail of real crops: 8 kB (420), 12 kB (444)."""
    rng = np.random.default_rng(0)
    out = []
    for _ in range(count):
        height, width = int(rng.integers(240, 330)), int(rng.integers(100, 140))
        image = np.full((height, width, 3), 128, np.float32)
        for level, contrast in ((2, 4), (8, 16), (32, 30)):
            shape = (height // level + 1, width // level + 1, 3)
            noise = rng.normal(0, contrast, shape).astype(np.float32)
            image += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
        image = np.clip(image, 0, 255).astype(np.uint8)
        out.append(simplejpeg.encode_jpeg(image, 90, "RGB", subsampling))
    return out


def mean_difference(decoded: np.ndarray, data: list[bytes]) -> float:
    """Mean difference to PIL's decoding and resizing, in grey levels."""
    found = []
    for image, jpeg in zip(decoded, data, strict=True):
        theirs = Image.open(io.BytesIO(jpeg)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
        found.append(np.abs(image.astype(int) - np.asarray(theirs)).mean())
    return float(np.mean(found))


def ours(data: list[bytes], to_float: bool) -> int:
    names = [str(i) for i in range(BATCH)]
    decoded = np.empty((BATCH, HEIGHT, WIDTH, 3), np.uint8)
    for iteration, start in enumerate(range(0, len(data), BATCH)):
        decode_into(decoded, data[start : start + BATCH], names, threads=1)
        finished(decoded, np.arange(BATCH), iteration, to_float)
    return len(data)


def ours_cached(decoded: np.ndarray, to_float: bool) -> int:
    rng = np.random.default_rng(1)
    for iteration in range(len(decoded) // BATCH):
        finished(decoded, rng.integers(0, len(decoded), BATCH), iteration, to_float)
    return len(decoded)


def finished(images: np.ndarray, rows: np.ndarray, iteration: int, to_float: bool) -> torch.Tensor:
    rng = np.random.default_rng([1, iteration])
    pixels = torch.from_numpy(augment(images, SETTINGS, rng, rows))
    if not to_float:
        return pixels
    mean, std = torch.tensor(IMAGENET_MEAN) * 255, torch.tensor(IMAGENET_STD) * 255
    return pixels.sub(mean).div_(std)


def theirs(data: list[bytes], to_float: bool) -> int:
    steps = [
        transforms.Resize((HEIGHT, WIDTH)),
        transforms.RandomHorizontalFlip(0.5),
        transforms.Pad(PAD),
        transforms.RandomCrop((HEIGHT, WIDTH)),
        transforms.ToTensor() if to_float else transforms.PILToTensor(),
    ]
    steps += [transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)] if to_float else []
    pipeline = transforms.Compose(steps)

    def loaded(jpeg: bytes) -> torch.Tensor:
        return torch.as_tensor(pipeline(Image.open(io.BytesIO(jpeg)).convert("RGB")))

    for start in range(0, len(data), BATCH):
        images = data[start : start + BATCH]
        torch.stack([loaded(jpeg) for jpeg in images])
    return len(data)


def fingerprinted(folder: Path) -> int:
    """Read and hash the files of a folder that a data set lists."""
    images = tuple(LabelledImage(path, "a", "b", TRAIN) for path in folder.iterdir())
    return len(Target("files", folder, images).fingerprints(images))


def hashed(data: list[bytes]) -> int:
    return len([fingerprint(jpeg) for jpeg in data])


def rates(runs: dict[str, Callable[[], int]], rounds: int) -> dict[str, float]:
    """Images per CPU-second of every run: the best of some rounds, taken in turns."""
    best = dict.fromkeys(runs, 0.0)
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.process_time()
            count = run()
            best[name] = max(best[name], count / (time.process_time() - started))
    return best


def measure(images: int, rounds: int) -> dict[str, float]:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    data, full_colour = crops(images, "420"), crops(images, "444")
    decoded = np.empty((len(data), HEIGHT, WIDTH, 3), np.uint8)
    decode_into(decoded, data, [str(i) for i in range(len(data))], threads=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, jpeg in enumerate(data):
            (folder / f"{number}.jpg").write_bytes(jpeg)
        runs = {"fingerprints": lambda: fingerprinted(folder), "hashes": lambda: hashed(data)}
        known = rates(runs, rounds)
    found = rates(
        {
            "ours_uint8": lambda: ours(data, False),
            "theirs_uint8": lambda: theirs(data, False),
            "ours_cached_uint8": lambda: ours_cached(decoded, False),
            "ours_float": lambda: ours(data, True),
            "theirs_float": lambda: theirs(data, True),
            "ours_uint8_444": lambda: ours(full_colour, False),
            "theirs_uint8_444": lambda: theirs(full_colour, False),
        },
        rounds,
    )
    once, cached = found["ours_uint8"], found["ours_cached_uint8"]
    return {
        "ratio_uint8": round(found["ours_uint8"] / found["theirs_uint8"], 2),
        "ratio_uint8_444": round(found["ours_uint8_444"] / found["theirs_uint8_444"], 2),
        "ratio_15_epochs": round(15 / (1 / once + 14 / cached) / found["theirs_uint8"], 2),
        "ratio_cached": round(found["ours_cached_uint8"] / found["theirs_uint8"], 2),
        "ratio_float": round(found["ours_float"] / found["theirs_float"], 2),
        "mean_difference": round(mean_difference(decoded, data), 3),
        "jpeg_kb": round(sum(map(len, data)) / len(data) / 1024, 1),
        **{f"{name}_per_cpu_s": round(value) for name, value in (found | known).items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.images, options.rounds)))
        return
    size = ("--images", str(options.images), "--rounds", str(options.rounds))
    result = alone("benchmarks.loader", "--here", *size)
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
