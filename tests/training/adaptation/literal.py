"""The published formulas, pair by pair and loop by loop: slow, obvious, and independent."""

from __future__ import annotations

import math

import numpy as np


def squared_distances(features: np.ndarray) -> np.ndarray:
    return np.array([[float(((a - b) ** 2).sum()) for b in features] for a in features])


def transitions(
    labels: np.ndarray, cameras: np.ndarray, times: np.ndarray, count: int, width: float, bins: int
) -> np.ndarray:
    """[later][earlier][bin] before smoothing."""
    counts = np.zeros((count, count, bins))
    for label in sorted(set(labels.tolist())):
        seen = {
            camera: [t for own, c, t in zip(labels, cameras, times) if own == label and c == camera]
            for camera in range(count)
        }
        mean = {c: sum(all_) / (len(all_) + 1e-7) for c, all_ in seen.items() if all_}
        for one in range(count):
            for other in range(one + 1, count):
                if one in mean and other in mean:
                    later, earlier = (one, other) if mean[one] > mean[other] else (other, one)
                    counts[later, earlier, int((mean[later] - mean[earlier]) / width)] += 1
        for camera, all_ in seen.items():
            if len(all_) > 1:
                for time in all_:
                    counts[camera, camera, int((time - min(all_)) / width)] += len(all_)
    return counts


def smoothed(counts: np.ndarray, deviation: float) -> np.ndarray:
    out = np.zeros_like(counts)
    for pair in np.ndindex(counts.shape[:2]):
        for to in range(counts.shape[2]):
            for source in range(counts.shape[2]):
                if abs(to - source) <= 3 * deviation:
                    gauss = math.exp(-((to - source) ** 2) / (2 * deviation**2))
                    weight = gauss / (deviation * math.sqrt(2 * math.pi))
                    out[pair][to] += weight * counts[pair][source]
        out[pair] /= out[pair].sum() + 1e-7
    return out


def joint_distance(
    product: float,
    ask: tuple[int, float],
    answer: tuple[int, float],
    table: np.ndarray,
    width: float,
) -> float:
    """Of two (camera, time) sightings."""
    later, earlier = (ask, answer) if ask[1] > answer[1] else (answer, ask)
    probability = table[later[0], earlier[0], int((later[1] - earlier[1]) / width)]
    visual = 1 / (1 + math.exp(-5 * product))
    return 1 - visual * (1 / (1 + 2 * math.exp(-5 * probability)))


def mixed_distances(distances: np.ndarray, k1: int, k2: int, original: float) -> np.ndarray:
    """k-reciprocal Jaccard distances mixed with the scaled original ones, all of them."""
    count = len(distances)
    scaled = distances - distances.min(axis=1, keepdims=True)
    scaled = scaled / scaled.max(axis=1, keepdims=True)
    order = [sorted(range(count), key=lambda j: (scaled[i, j], j)) for i in range(count)]

    def reciprocal(image: int, near: int) -> list[int]:
        return [j for j in order[image][: near + 1] if image in order[j][: near + 1]]

    vectors = np.zeros((count, count))
    for image in range(count):
        own = reciprocal(image, k1)
        grown = set(own)
        for other in own:
            half = reciprocal(other, round(k1 / 2))
            if len(set(half) & set(own)) > 2 / 3 * len(half):
                grown |= set(half)
        members = sorted(grown)
        weights = np.exp(-scaled[image, members])
        vectors[image, members] = weights / weights.sum()
    vectors = np.stack([vectors[order[i][:k2]].mean(axis=0) for i in range(count)])
    jaccard = np.zeros((count, count))
    for one, other in np.ndindex(count, count):
        common = np.minimum(vectors[one], vectors[other]).sum()
        jaccard[one, other] = max(0.0, 1 - common / (2 - common))
    return original * scaled + (1 - original) * jaccard


def threshold(mixed: np.ndarray, share: float) -> float:
    upper = [mixed[i, j] for i in range(len(mixed)) for j in range(i + 1, len(mixed))]
    upper = sorted(value for value in upper if value != 0)
    return float(np.mean(upper[: int(np.round(share * len(upper)))]))


def local_loss(features: np.ndarray, image: np.ndarray, beta: float) -> float:
    prototypes = {}
    for one in set(image.tolist()):
        mean = features[image == one].mean(axis=0)
        prototypes[one] = mean / np.linalg.norm(mean)
    losses = []
    for feature, own in zip(features, image):
        unit = feature / np.linalg.norm(feature)
        scores = {one: math.exp(unit @ v / beta) for one, v in prototypes.items()}
        losses.append(-math.log(scores[own] / sum(scores.values())))
    return float(np.mean(losses))


def memory_loss(
    features: np.ndarray, image: np.ndarray, bank: np.ndarray, labels: np.ndarray, beta: float
) -> float:
    losses = []
    for feature, own in zip(features, image):
        logits = bank @ (feature / np.linalg.norm(feature)) / beta
        log_share = logits - math.log(sum(math.exp(v) for v in logits))
        target = (labels == labels[own]).astype(float)
        losses.append(-float((target / target.sum()) @ log_share))
    return float(np.mean(losses))
