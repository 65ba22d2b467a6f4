"""Images per CPU-second from JPEG bytes to an augmented training batch, on one core.

``python -m tests.benchmarks.loader`` compares our path (decode and resize once, or every time,
then flip and pad-crop whole uint8 batches) with PIL and torchvision transforms on each image,
the same augmentation, both ending in uint8 256x128. Last line, one JSON object:
``ratio_uint8`` (ours over theirs, one pass), ``ratio_15_epochs`` (as in training: they decode
in every epoch, we once), ``ratio_cached`` (later epochs alone),
``ratio_float`` (both ending in normalised float32), and the rates themselves.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable

import cv2
import numpy as np
import simplejpeg
import torch
from PIL import Image
from torchvision import transforms

from tests.benchmarks.calibration import calibration_cpu_s
from tests.benchmarks.synthetic_features import alone
from training.config import AugmentationSettings
from training.data.augmentation import augment
from training.data.decoding import decode_into
from training.models.resnet import IMAGENET_MEAN, IMAGENET_STD

HEIGHT, WIDTH, PAD, BATCH, IMAGES = 256, 128, 10, 64, 512
SETTINGS = AugmentationSettings(flip=0.5, pad=PAD)


def crops() -> list[bytes]:
    """JPEGs of about 11 kB, some 280x120 pixels, with the detail of real crops."""
    rng = np.random.default_rng(0)
    out = []
    for _ in range(IMAGES):
        height, width = int(rng.integers(240, 330)), int(rng.integers(100, 140))
        image = np.full((height, width, 3), 128, np.float32)
        for level, contrast in ((2, 4), (8, 16), (32, 30)):
            shape = (height // level + 1, width // level + 1, 3)
            noise = rng.normal(0, contrast, shape).astype(np.float32)
            image += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
        image = np.clip(image, 0, 255).astype(np.uint8)
        out.append(simplejpeg.encode_jpeg(image, quality=90, colorspace="RGB"))
    return out


def ours(data: list[bytes], to_float: bool) -> int:
    names = [str(i) for i in range(BATCH)]
    decoded = np.empty((BATCH, HEIGHT, WIDTH, 3), np.uint8)
    for iteration, start in enumerate(range(0, len(data), BATCH)):
        decode_into(decoded, data[start : start + BATCH], names, threads=1)
        finished(decoded, iteration, to_float)
    return len(data)


def ours_cached(decoded: np.ndarray, to_float: bool) -> int:
    rng = np.random.default_rng(1)
    for iteration in range(len(decoded) // BATCH):
        finished(decoded[rng.integers(0, len(decoded), BATCH)], iteration, to_float)
    return len(decoded)


def finished(batch: np.ndarray, iteration: int, to_float: bool) -> torch.Tensor:
    pixels = torch.from_numpy(augment(batch, SETTINGS, np.random.default_rng([1, iteration])))
    if not to_float:
        return pixels
    mean, std = torch.tensor(IMAGENET_MEAN) * 255, torch.tensor(IMAGENET_STD) * 255
    return pixels.float().sub_(mean).div_(std)


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


def rate(run: Callable[[], int], repeats: int = 3) -> float:
    """Images per CPU-second, the best of some runs."""
    best = 0.0
    for _ in range(repeats):
        started = time.process_time()
        count = run()
        best = max(best, count / (time.process_time() - started))
    return best


def measure() -> dict[str, float]:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    data = crops()
    decoded = np.empty((len(data), HEIGHT, WIDTH, 3), np.uint8)
    decode_into(decoded, data, [str(i) for i in range(len(data))], threads=1)
    rates = {
        "ours_uint8": rate(lambda: ours(data, False)),
        "ours_cached_uint8": rate(lambda: ours_cached(decoded, False)),
        "ours_float": rate(lambda: ours(data, True)),
        "theirs_uint8": rate(lambda: theirs(data, False)),
        "theirs_float": rate(lambda: theirs(data, True)),
    }
    once, cached = rates["ours_uint8"], rates["ours_cached_uint8"]
    return {
        "ratio_uint8": round(rates["ours_uint8"] / rates["theirs_uint8"], 2),
        "ratio_15_epochs": round(15 / (1 / once + 14 / cached) / rates["theirs_uint8"], 2),
        "ratio_cached": round(rates["ours_cached_uint8"] / rates["theirs_uint8"], 2),
        "ratio_float": round(rates["ours_float"] / rates["theirs_float"], 2),
        "jpeg_kb": round(sum(map(len, data)) / len(data) / 1024, 1),
        **{f"{name}_per_cpu_s": round(value) for name, value in rates.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    if parser.parse_args().here:
        print(json.dumps(measure()))
        return
    result = alone("tests.benchmarks.loader", "--here")
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
