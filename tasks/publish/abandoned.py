"""Publications whose publisher was killed: noted while they are written, removed by the next build.

A snapshot that names one makes it a published data set, whatever became of its publisher.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from pathlib import Path

from manifests.dataset import Dataset
from manifests.snapshots import snapshot_numbers
from synth_workers.processes.host import host_folder
from synth_workers.processes.notes import Note, abandoned, noted
from tasks.publish.store_clock import store_clock

_LAST_WORDS_SECONDS = 600.0
"""What a publisher told a store across a network may arrive after its death, but not so late."""

_log = logging.getLogger("unrealperson.build")


def being_published(dataset: Dataset, publish_id: str) -> AbstractContextManager[None]:
    """Note that this process writes a publication; the note goes when the block ends well."""
    about = {"store": dataset.store.address, "dataset": dataset.name, "publish_id": publish_id}
    return noted(_folder(), about)


def abandoned_publications(dataset: Dataset) -> dict[str, Note]:
    """By publish id: what publishers of this host that are gone have begun in ``dataset``."""
    place = {"store": dataset.store.address, "dataset": dataset.name}
    return {
        note.about["publish_id"]: note
        for note in abandoned(_folder())
        if "publish_id" in note.about and note.about.items() >= place.items()
    }


def patience_with_dead(dataset: Dataset) -> float:
    """Seconds for which an abandoned publication is still left alone."""
    return _LAST_WORDS_SECONDS if dataset.store.remote else 0.0


def sweep_publications(dataset: Dataset) -> list[str]:
    """Remove the publications of ``dataset`` that died on this host; their publish ids."""
    swept: list[str] = []
    for note in abandoned(_folder()):
        store = Path(note.about.get("store", ""))
        if store.is_absolute() and not store.exists():  # and with it what was written there
            note.put_away()
    for publish_id, note in abandoned_publications(dataset).items():
        if not _is_settled(dataset, publish_id):
            continue
        if remove_publication(dataset, publish_id):
            _log.info("removed publication %s, whose publisher was killed", publish_id)
            swept.append(publish_id)
        note.put_away()
    return swept


def remove_publication(dataset: Dataset, publish_id: str) -> bool:
    """Remove what was written of a publication unless a snapshot names it; whether it did."""
    store, prefix = dataset.store, dataset.published_prefix(publish_id)
    listed = [info for info in store.list(prefix) if dataset.names_data(info.key)]
    documents = (store.get(dataset.snapshot_key(n)) for n in snapshot_numbers(dataset))
    if any(publish_id.encode() in document for document in documents):
        return False
    for info in listed:
        if not info.linked:
            store.delete(info.key)
    for leftover in list(store.leftovers(prefix)):
        store.discard(leftover)
    return True


def _is_settled(dataset: Dataset, publish_id: str) -> bool:
    patience = patience_with_dead(dataset)
    if not patience:
        return True
    listed = dataset.store.list(dataset.published_prefix(publish_id))
    youngest = max((info.modified for info in listed), default=0.0)
    return youngest < store_clock(dataset.store) - patience


def _folder() -> Path:
    return host_folder("publications")
