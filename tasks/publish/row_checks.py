"""What must hold among the rows of a published manifest, whatever files they came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.content import CANONICAL_ORDER, ContentDigest
from manifests.schema import MANIFEST, conform
from manifests.snapshots import Snapshot
from tasks.publish.candidates import digest_words
from tasks.publish.wording import some

_BATCH = 1 << 16
_MAX_NAMED = 20


def row_faults(manifest: pq.ParquetFile, snapshot: Snapshot) -> Iterator[str]:
    """Sentences about everything in which the rows disagree with ``snapshot`` or its promises."""
    content, rows, last = ContentDigest(), _Columns(), None
    ordered = True
    for batch in manifest.iter_batches(batch_size=_BATCH):
        table = conform(pa.Table.from_batches([batch]), MANIFEST)
        content.update(table)
        rows.add(table)
        keys = list(zip(*(table[name].to_pylist() for name in CANONICAL_ORDER)))
        ordered &= all(a < b for a, b in pairwise([last, *keys] if last is not None else keys))
        last = keys[-1]
    if not ordered:
        yield "rows are not in canonical order, or one is there twice"
    if content.hexdigest() != snapshot.content_digest:
        yield "its rows do not have the snapshot's content digest"
    if last is not None:
        yield from _label_faults(rows.finish(), snapshot)


@dataclass(frozen=True)
class _Labels:
    """(n,) integer columns; ``codes`` maps the names of splits, roles and cameras to numbers."""

    person: np.ndarray
    split: np.ndarray
    role: np.ndarray
    camera: np.ndarray
    digest: np.ndarray  # (n, 2) uint64
    codes: dict[str, int]
    splits_of_group: dict[str, set[str]]

    def is_role(self, name: str) -> np.ndarray:
        return self.role == self.codes.get(name, -1)


@dataclass
class _Columns:
    """Collects the columns of ``_Labels`` batch by batch."""

    columns: defaultdict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    codes: dict[str, int] = field(default_factory=dict)
    splits_of_group: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, table: pa.Table) -> None:
        self.columns["person"].append(table["person_index"].to_numpy())
        for name in ("split", "role", "camera"):
            self.columns[name].append(self._encode(table[name]))
        self.columns["digest"].append(digest_words(table["crop_digest"]))
        pairs = zip(table["look_alike_group"].to_pylist(), table["split"].to_pylist())
        for group, split in set(pairs):
            if group is not None:
                self.splits_of_group[group].add(split)

    def finish(self) -> _Labels:
        joined = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        return _Labels(**joined, codes=self.codes, splits_of_group=self.splits_of_group)

    def _encode(self, column: pa.ChunkedArray) -> np.ndarray:
        encoded = column.combine_chunks().dictionary_encode()
        names = encoded.dictionary.to_pylist()
        own = [self.codes.setdefault(name, len(self.codes)) for name in names]
        return np.array(own, dtype=np.int32)[encoded.indices.to_numpy(zero_copy_only=False)]


def _label_faults(rows: _Labels, snapshot: Snapshot) -> Iterator[str]:
    people, crops = np.unique(rows.person, return_counts=True)
    wrong = people[crops != snapshot.images_per_person]
    if wrong.size:
        named = some(wrong, _MAX_NAMED)
        yield f"not exactly {snapshot.images_per_person} crops each: people {named}"
    if len(people) != snapshot.people:
        yield f"has {len(people)} people instead of {snapshot.people}"
    person, _ = np.unique(np.stack([rows.person, rows.split]), axis=1)
    divided = np.unique(person[1:][person[1:] == person[:-1]])
    if divided.size:
        yield f"in two splits: people {some(divided, _MAX_NAMED)}"
    groups = sorted(g for g, splits in rows.splits_of_group.items() if len(splits) > 1)
    if groups:
        yield f"look-alike groups in two splits: {', '.join(groups[:_MAX_NAMED])}"
    repeated = _repeated(rows.digest)
    if repeated:
        yield f"{repeated} images are there twice"
    found = _counts(rows)
    if found != snapshot.counts:
        yield f"its counts by split and role are {found} instead of {snapshot.counts}"
    unanswered = _unanswered(rows)
    if unanswered.size:
        named = some(unanswered, _MAX_NAMED)
        yield f"queries without an answer in another camera: people {named}"


def _repeated(digest: np.ndarray) -> int:
    # Sorting single words is much faster than pairs, and next to none of them are equal.
    words, counts = np.unique(digest[:, 0], return_counts=True)
    alike = digest[np.isin(digest[:, 0], words[counts > 1])]
    return len(alike) - len(np.unique(alike, axis=0))


def _counts(rows: _Labels) -> dict[str, dict[str, int]]:
    names = {code: name for name, code in rows.codes.items()}
    pairs, counts = np.unique(np.stack([rows.split, rows.role]), axis=1, return_counts=True)
    found: dict[str, dict[str, int]] = {"train": {}, "test": {}}
    for (split, role), count in zip(pairs.T, counts):
        found.setdefault(names[split], {})[names[role]] = int(count)
    return found


def _unanswered(rows: _Labels) -> np.ndarray:
    """People who have a query but no gallery crop in another camera than the query's."""
    view = rows.person.astype(np.int64) * len(rows.codes) + rows.camera
    query = rows.is_role("query")
    answers = np.unique(view[rows.is_role("gallery")])
    cameras = np.bincount(answers // len(rows.codes), minlength=int(rows.person.max()) + 1)
    elsewhere = cameras[rows.person[query]] - np.isin(view[query], answers)
    return np.unique(rows.person[query][elsewhere < 1])
