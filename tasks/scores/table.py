"""Tables of scores beside a snapshot: by its content and by the model that scored it.

A published snapshot is never written again; scores lie beside it, one table for each model, under
``<dataset>/scores/<content digest>/<run of the model>.parquet``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.parquet import reading_parquet
from manifests.reader import SnapshotReader
from tasks.evaluate.labels import snapshot_labels
from tasks.scores.compute import lots, nearness, rarity
from tasks.train.fit import Chosen
from training.data.crops import load_crops, picture_cache
from training.data.selection import SCORES, Selection
from training.evaluation.embedder import saved_embedder
from training.evaluation.features import tested_by
from training.heads import require_features
from training.targets.images import TRAIN

_LABELS = ("crop_key", "person_id")


@dataclass(frozen=True)
class Scores:
    """Scores of the training crops of a snapshot by the model of a run: ``key`` and ``person``
    (N,) texts; ``of``: name in ``SCORES`` -> (N,) float64, NaN where unknown; ``place``: where the
    table lies."""

    run: str
    place: str
    key: np.ndarray
    person: np.ndarray
    of: dict[str, np.ndarray]


def score(reader: SnapshotReader, model: Path) -> Scores:
    """Scores of a snapshot's training crops by a saved model, computed unless they are there."""
    embedder, checkpoint = saved_embedder(model)
    require_features(embedder.network.settings, "scoring crops")
    store, key = reader.dataset.store, _table_key(reader, checkpoint.run)
    if not store.exists(key):
        crops = load_crops(
            reader,
            TRAIN,
            embedder.height,
            embedder.width,
            picture_cache(),
            reader.snapshot.content_digest,
            remote=reader.remote,
        )
        features = embedder.embed(crops, tested_by(embedder.network, None))
        hardness, duplicate = nearness(crops, features)
        labels = snapshot_labels(reader).of(crops.keys.tolist())
        scores = (hardness, duplicate, rarity(labels), lots(crops.keys))
        columns = dict(zip(SCORES, scores, strict=True))
        table = pa.table(
            {
                "crop_key": crops.keys.tolist(),
                "person_id": labels.person.tolist(),
                # What is not known is null in the table, as people who open it expect.
                **{name: pa.array(values, from_pandas=True) for name, values in columns.items()},
            }
        )
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        store.put_if_absent(key, buffer.getvalue())
    return read_scores(reader, checkpoint.run)


def read_scores(reader: SnapshotReader, run: str | None = None) -> Scores:
    """Scores by the model of a run, or the only ones.

    ``NotFound`` if there are none, ``BadRecipe`` if several models scored it and none is named.
    """
    store, snapshot = reader.dataset.store, reader.snapshot
    name = f"{snapshot.dataset}, snapshot {snapshot.number}"
    if run is None:
        prefix = reader.dataset.scores_prefix(snapshot.content_digest)
        runs = [info.key.removeprefix(prefix).partition(".")[0] for info in store.list(prefix)]
        if len(runs) > 1:
            raise BadRecipe(
                f"{name}: {len(runs)} models have scored it; name one of them with --scored-by"
            )
        run = next(iter(runs), None)
    if run is None or not store.exists(key := _table_key(reader, run)):
        who = "has no scores" if run is None else f"has no scores by the model of run {run[:12]}"
        raise NotFound(
            f"{name} {who}; `unrealperson score {snapshot.dataset} --model FOLDER` computes them"
        )
    where = reader.dataset.where(key)
    remedy = f"delete it and score again (`unrealperson score {snapshot.dataset}`)"
    with reading_parquet(where, remedy):
        table = store.open_parquet(key).read(columns=[*_LABELS, *SCORES])
        key_column, person = (np.asarray(table[c].to_pylist(), np.str_) for c in _LABELS)
        columns = {
            score: np.asarray(table[score].to_numpy(zero_copy_only=False), np.float64)
            for score in SCORES
        }
    if table.num_rows != sum(snapshot.counts.get(TRAIN, {}).values()):
        raise CorruptData(f"{where}: not the training crops of {name}; {remedy}")
    return Scores(run, where, key_column, person, columns)


def chosen_crops(scores: Scores, selection: Selection) -> Chosen:
    """What a selection keeps; ``BadRecipe`` if that leaves fewer than two people."""
    kept = selection.mask(scores.of)
    people = len(np.unique(scores.person[kept]))
    if people < 2:
        raise BadRecipe(
            f"--select {' '.join(selection.texts())}: leaves {int(kept.sum())} of {len(kept)} "
            f"crops, of {people} people; nothing can be learnt from fewer than two. The scores "
            f"are in {scores.place}"
        )
    return Chosen(selection, scores.run, scores.key[kept])


def told(scores: Scores) -> list[str]:
    """Quartiles of every score, a line each."""
    lines = [
        f"{'':10s} {'lowest':>9} {'p25':>9} {'p50':>9} {'p75':>9} {'highest':>9} {'unknown':>9}"
    ]
    for name, values in scores.of.items():
        unknown = int(np.isnan(values).sum())
        shown = [np.nan] * 5
        if unknown < len(values):
            shown = np.nanpercentile(values, (0, 25, 50, 75, 100)).tolist()
        figures = "".join(f" {value:9.3f}" for value in shown)
        lines.append(f"{name:10s}{figures} {unknown:9,}")
    return lines


def _table_key(reader: SnapshotReader, run: str) -> str:
    return reader.dataset.scores_key(reader.snapshot.content_digest, run)
