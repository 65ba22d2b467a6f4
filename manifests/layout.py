"""Where everything of a data set lies in its store: the keys, and nothing but the keys.

<dataset>/recipes/<digest>.yaml, plans/<digest>.json
          frames/<render_id>/<attempt>.parquet
          crops/<crop_id>/<attempt>.parquet
          claims/frames/<render_id>.json, claims/crops/<crop_id>.json
          published/<publish_id>/train-00000.parquet, manifest.parquet, video-00000-c1.mp4, ...
          snapshots/<0000000001>.json
          expenses/<stage>-<random>.json
          withdrawn/<0000000001>.json, leases/<purpose>-<random>.json
          replaced/<digest>.json, repairs/<random>.json
          scores/<content digest>/<run of a model>.parquet
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

from manifests.errors import BadRecipe, CorruptData, NotFound

ClaimKind = Literal["frames", "crops"]
PublishedFile = Literal[
    "manifest.parquet",
    "tracklets.parquet",
    "frames.parquet",
    "tracks.parquet",
    "ground_truth.parquet",
    "people3d.parquet",
    "README.md",
    "examples.jpg",
    "croissant.json",
    "claims.json",
    "cameras.json",
    "report.html",
    "snapshot.json",
]
"""Beside the parts; ``README.md`` is the card, ``snapshot.json`` a copy of the snapshot."""

_DATASET = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\Z")
_SEGMENT = re.compile(r"[A-Za-z0-9_=-][A-Za-z0-9._=+-]*\Z")
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_-]")
_SNAPSHOT = re.compile(r"([0-9]{10})\.json\Z")
_DATA = re.compile(
    r"(frames|crops)/[a-z0-9-]+/[a-z0-9-]+\.parquet|published/[a-z0-9-]+/"
    r"((part|train|query|gallery|junk|distractor)-\d{5,}\.parquet|"
    r"video-\d{5,}-[A-Za-z0-9_-]+\.mp4|"
    rf"{'|'.join(map(re.escape, get_args(PublishedFile)))})"
)
_MAX_KEY = 900


def is_key(key: object) -> TypeGuard[str]:
    """Whether ``key`` is a plain relative name: no ``.``, ``..``, back slashes or odd bytes."""
    return (
        isinstance(key, str)
        and 0 < len(key) <= _MAX_KEY
        and all(_SEGMENT.match(segment) for segment in key.split("/"))
    )


def check_key(key: object) -> str:
    """``key`` itself if it is a plain relative name; else ``CorruptData``.

    Keys are read back from stored claims and snapshots, so they are checked before any of
    them becomes a path.
    """
    if not is_key(key):
        raise CorruptData(
            f"{key!r} is not a valid object name (plain relative names only); whatever named it "
            "was damaged or forged: run `unrealperson verify` on the data set"
        )
    return key


def repairing(key: str) -> str:
    """The end of a message about a damaged object: what puts it right."""
    return f"`unrealperson repair {key.partition('/')[0]}` puts it right"


def _check_id(value: str) -> str:
    if not _ID.match(value):
        raise CorruptData(f"{value!r} is not a valid identity (lower case, digits and dashes only)")
    return value


def _number(key: str, prefix: str) -> int | None:
    match = _SNAPSHOT.match(key.removeprefix(prefix))
    return int(match.group(1)) if match and key.startswith(prefix) else None


@dataclass(frozen=True)
class DatasetLayout:
    """Keys of the data set called ``name`` inside a store."""

    name: str

    def __post_init__(self) -> None:
        if not _DATASET.match(self.name):
            raise BadRecipe(
                f"data set name: must start with a-z or 0-9 and go on with a-z 0-9 . _ - "
                f"(at most 63 characters), got {self.name!r}"
            )

    def own(self, key: str) -> str:
        """``key`` itself if it is a valid name inside this data set; else ``CorruptData``."""
        check_key(key)
        if not key.startswith(f"{self.name}/"):
            raise CorruptData(f"{key!r} lies outside the data set {self.name!r}")
        return key

    def names_data(self, key: str) -> bool:
        """Whether ``key`` is spelt as frames, crops or published files of this data set are."""
        prefix = f"{self.name}/"
        return key.startswith(prefix) and bool(_DATA.fullmatch(key.removeprefix(prefix)))

    def recipe_key(self, digest: str) -> str:
        return f"{self.name}/recipes/{_check_id(digest)}.yaml"

    @property
    def plans_prefix(self) -> str:
        return f"{self.name}/plans/"

    def plan_key(self, digest: str) -> str:
        return f"{self.plans_prefix}{_check_id(digest)}.json"

    def frames_key(self, render_id: str, attempt: str) -> str:
        return f"{self.name}/frames/{_check_id(render_id)}/{_check_id(attempt)}.parquet"

    def crops_key(self, crop_id: str, attempt: str) -> str:
        return f"{self.name}/crops/{_check_id(crop_id)}/{_check_id(attempt)}.parquet"

    def claim_key(self, kind: ClaimKind, id: str) -> str:
        return f"{self.name}/claims/{kind}/{_check_id(id)}.json"

    def claims_prefix(self, kind: ClaimKind) -> str:
        return f"{self.name}/claims/{kind}/"

    def published_prefix(self, publish_id: str) -> str:
        return f"{self.name}/published/{_check_id(publish_id)}/"

    def part_key(self, publish_id: str, index: int, role: str = "part") -> str:
        return f"{self.published_prefix(publish_id)}{_check_id(role)}-{index:05d}.parquet"

    def published_key(self, publish_id: str, file: PublishedFile) -> str:
        return f"{self.published_prefix(publish_id)}{file}"

    def video_key(self, publish_id: str, index: int, camera: str) -> str:
        """Cameras may be called anything: the number tells them apart, the rest is for people."""
        name = _NOT_IN_A_KEY.sub("_", camera)[:80]
        return f"{self.published_prefix(publish_id)}video-{index:05d}-{name}.mp4"

    @property
    def expenses_prefix(self) -> str:
        return f"{self.name}/expenses/"

    def expense_key(self, name: str) -> str:
        return f"{self.expenses_prefix}{_check_id(name)}.json"

    @property
    def leases_prefix(self) -> str:
        return f"{self.name}/leases/"

    def lease_key(self, name: str) -> str:
        return f"{self.leases_prefix}{_check_id(name)}.json"

    @property
    def replaced_prefix(self) -> str:
        return f"{self.name}/replaced/"

    def replaced_key(self, digest: str) -> str:
        return f"{self.replaced_prefix}{_check_id(digest)}.json"

    def scores_prefix(self, content_digest: str) -> str:
        return f"{self.name}/scores/{_check_id(content_digest)}/"

    def scores_key(self, content_digest: str, run: str) -> str:
        return f"{self.scores_prefix(content_digest)}{_check_id(run)}.parquet"

    @property
    def repairs_prefix(self) -> str:
        return f"{self.name}/repairs/"

    def repair_key(self, name: str) -> str:
        return f"{self.repairs_prefix}{_check_id(name)}.json"

    @property
    def snapshots_prefix(self) -> str:
        return f"{self.name}/snapshots/"

    def snapshot_key(self, number: int) -> str:
        if not 1 <= number < 10**10:
            raise NotFound(f"there can be no snapshot {number}: they have numbers from 1 on")
        return f"{self.snapshots_prefix}{number:010d}.json"

    def snapshot_number(self, key: str) -> int | None:
        """The number of the snapshot stored at ``key``, or ``None`` if it is not one."""
        return _number(key, self.snapshots_prefix)

    @property
    def withdrawals_prefix(self) -> str:
        return f"{self.name}/withdrawn/"

    def withdrawal_key(self, number: int) -> str:
        return f"{self.withdrawals_prefix}{number:010d}.json"

    def withdrawal_number(self, key: str) -> int | None:
        """The number of the snapshot that is withdrawn at ``key``, or ``None`` if none is."""
        return _number(key, self.withdrawals_prefix)
