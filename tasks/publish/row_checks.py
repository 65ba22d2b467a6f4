"""What must hold among the rows of a published manifest, whatever files they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.content import CANONICAL_ORDER, ContentDigest
from manifests.schema import MANIFEST, SPLITS, conform
from manifests.snapshots import Snapshot
from tasks.publish.candidates import digest_words
from tasks.publish.row_stream import united
from tasks.publish.wording import some

_BATCH = 1 << 16
_MAX_NAMED = 20
_COLUMNS = ["person_index", "split", "role", "camera", "look_alike_group"]


def row_faults(
    manifest: pq.ParquetFile, snapshot: Snapshot, whole: Callable[[str], str | None]
) -> Iterator[str]:
    """Sentences about everything in which the rows disagree with ``snapshot`` or its promises.

    ``whole``: the content digest of a data set whose rows have the digest that it is given; None
    if that cannot be told.
    """
    content, frames, words, last = ContentDigest(), [], [], None
    ordered = True
    for batch in manifest.iter_batches(batch_size=_BATCH):
        table = conform(pa.Table.from_batches([batch]), MANIFEST)
        content.update(table)
        labels: Any = table.select(_COLUMNS).to_pandas(strings_to_categorical=True)
        alike = labels.groupby(_COLUMNS, observed=True, dropna=False).size()
        frames.append(alike.astype("int32").reset_index(name="crops"))
        words.append(digest_words(table["crop_digest"])[:, 0])
        keys = list(zip(*(table[name].to_pylist() for name in CANONICAL_ORDER)))
        ordered &= all(a < b for a, b in pairwise([last, *keys] if last is not None else keys))
        last = keys[-1]
    if not ordered:
        yield "rows are not in canonical order, or one is there twice"
    if whole(content.hexdigest()) not in (None, snapshot.content_digest):
        yield "its rows do not have the snapshot's content digest"
    if last is not None:
        yield from _label_faults(united(frames), snapshot)
        repeated = _repeated(manifest, np.concatenate(words))
        if repeated:
            yield f"{repeated} images are there twice"


def _label_faults(rows: pd.DataFrame, snapshot: Snapshot) -> Iterator[str]:
    """``rows``: different ones of the columns ``_COLUMNS``, and how many ``crops`` have them."""
    people: Any = rows.groupby("person_index")
    crops = people["crops"].sum()
    wrong = crops.index[crops != snapshot.images_per_person]
    if wrong.size:
        named = some(wrong, _MAX_NAMED)
        yield f"not exactly {snapshot.images_per_person} crops each: people {named}"
    if len(crops) != snapshot.people:
        yield f"has {len(crops)} people instead of {snapshot.people}"
    by_split = (
        dict.fromkeys(SPLITS, 0)
        | rows.groupby("split", observed=True)["person_index"].nunique().to_dict()
    )
    if by_split != snapshot.people_by_split:
        yield f"its people by split are {by_split} instead of {snapshot.people_by_split}"
    divided = crops.index[people["split"].nunique() > 1]
    if divided.size:
        yield f"in two splits: people {some(divided, _MAX_NAMED)}"
    splits = rows.groupby("look_alike_group", observed=True)["split"].nunique()
    groups = splits.index[splits > 1]
    if groups.size:
        yield f"look-alike groups in two splits: {some(groups, _MAX_NAMED)}"
    found: dict[str, dict[str, int]] = {"train": {}, "test": {}}
    sizes: Any = rows.groupby(["split", "role"], observed=True)["crops"].sum()
    for split, role, count in sizes.reset_index().itertuples(index=False):
        found.setdefault(split, {})[role] = int(count)
    if found != snapshot.counts:
        yield f"its counts by split and role are {found} instead of {snapshot.counts}"
    unanswered = _unanswered(rows)
    if unanswered.size:
        named = some(unanswered, _MAX_NAMED)
        yield f"queries without an answer in another camera: people {named}"


def _repeated(manifest: pq.ParquetFile, words: np.ndarray) -> int:
    """How many images have another's digest; ``words``: the first word of each, which is sorted."""
    words.sort()
    suspects = words[1:][words[1:] == words[:-1]]
    if not len(suspects):
        return 0
    # Next to none of them share a word and nothing else; only here are whole digests looked at.
    batches = manifest.iter_batches(batch_size=_BATCH, columns=["crop_digest"])
    tables = (pa.Table.from_batches([batch]) for batch in batches)
    digests = np.concatenate([digest_words(table["crop_digest"]) for table in tables])
    alike = digests[np.isin(digests[:, 0], suspects)]
    return len(alike) - len(np.unique(alike, axis=0))


def _unanswered(rows: pd.DataFrame) -> np.ndarray:
    """People who have a query but no gallery crop in another camera than the query's."""
    person, cameras = rows["person_index"].to_numpy(np.int64), len(rows["camera"].cat.categories)
    view = person * cameras + rows["camera"].cat.codes.to_numpy()
    query, gallery = ((rows["role"] == role).to_numpy() for role in ("query", "gallery"))
    answers = np.unique(view[gallery])
    seen_by = np.bincount(answers // cameras, minlength=int(person.max()) + 1)
    elsewhere = seen_by[person[query]] - np.isin(view[query], answers)
    return np.unique(person[query][elsewhere < 1])
