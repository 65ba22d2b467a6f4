"""What makes two things the same: canonical bytes, digests, identities and child seeds.

Everything here is a pure function of its arguments. Nothing that is digested may contain a
time, a host, a path or anything else that differs between two runs of the same request.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from pydantic import BaseModel

from manifests.annotation_rules import AnnotationRules
from manifests.shards import ShardSpec

DATA_VERSION = 2
"""Raise it when a change of code changes the pixels or ground truth of an unchanged shard."""

ANNOTATION_VERSION = 2
"""Raise it when a change of code changes the crops or labels of unchanged frames."""


def canonical_json(value: Any) -> bytes:
    """The one UTF-8 encoding of ``value``: sorted keys, no white space, shortest floats.

    Pydantic models are dumped in JSON mode, numpy scalars become Python numbers. NaN and
    infinities are refused (``ValueError``): they do not equal themselves.
    """
    text = json.dumps(
        _plain(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    )
    return text.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str | int | float | bool | list | tuple | dict | None):
        return value
    raise TypeError(f"cannot digest a {type(value).__name__}: use models, lists, dicts, numbers")


def digest(value: Any) -> str:
    """32 hexadecimal characters that identify ``value`` (BLAKE2b, 16 bytes, canonical JSON)."""
    return digest_bytes(canonical_json(value))


def digest_bytes(canonical: bytes) -> str:
    """``digest`` of what has these canonical bytes."""
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def sha256_hex(data: bytes | memoryview) -> str:
    """SHA-256 of stored bytes, 64 hexadecimal characters."""
    return hashlib.sha256(data).hexdigest()


def person_id(dataset_seed: int, index: int) -> str:
    """Identity of person ``index`` of a recipe: the same body and clothes in every shard."""
    return f"{dataset_seed}-{index:06d}"


def child_seed(dataset_seed: int, *path: int | str) -> np.random.SeedSequence:
    """Seed of one draw, independent of every other ``path`` under the same data set seed.

    ``path`` names the draw, e.g. ``child_seed(seed, "gait", person_index)``. Adding a draw never
    shifts another one.
    """
    # One hashed number rather than a list of words: ``SeedSequence`` pads lists with zeros,
    # so that [7, 3] and [7, 3, 0] would be the same seed.
    entropy = hashlib.blake2b(canonical_json([dataset_seed, *path]), digest_size=16).digest()
    return np.random.SeedSequence(int.from_bytes(entropy))


def render_id(shard: ShardSpec) -> str:
    """Identity of a shard's pixels and ground truth."""
    return digest({"kind": "render", "shard": shard})


def recording_id(shard: ShardSpec) -> str | None:
    """Identity of the recording that a shard is a window of, however windows are cut; ``None`` if
    it is of none. Times within a recording are by one clock."""
    if shard.video is None:
        return None
    whole = shard.video.model_copy(update={"first": 0, "ticks": 0})
    kept = {"window": 0, "max_frames": 0, "video": whole}
    return digest({"kind": "recording", "shard": shard.model_copy(update=kept)})


def crop_id(render_id: str, rules: AnnotationRules) -> str:
    """Identity of a shard's crops: its pixels plus the rules that cut and accept them."""
    return digest(
        {
            "kind": "crops",
            "render_id": render_id,
            "rules": rules,
            "annotation_version": ANNOTATION_VERSION,
        }
    )
