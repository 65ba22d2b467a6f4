"""A published data set as a folder: its files as they are stored, and a card for the hub."""

from __future__ import annotations

from pathlib import Path

import yaml

from manifests.licences import UNKNOWN
from manifests.reader import SnapshotReader
from tasks.export.folders import complete_or_absent
from tasks.hub.licences import licence_fields

CARD = "README.md"
_NOT_FOR_OTHERS = "claims.json"


def publish_dataset(reader: SnapshotReader, folder: Path) -> int:
    """Copy what a snapshot consists of into ``folder``; returns how many files that were.

    The folder appears complete or not at all, and every file in it is the one that the snapshot
    names. What only the store needs (``claims.json``) stays there. Raises ``BadRecipe`` if the
    folder is in use, ``CorruptData`` if a file is damaged.
    """
    files = {info.key.rpartition("/")[2]: info for info in reader.snapshot.named_files()}
    wanted = {name: info for name, info in files.items() if name != _NOT_FOR_OTHERS}
    with complete_or_absent(folder) as staging:
        for name, info in wanted.items():
            reader.save(info, staging / name)
        if CARD in wanted:
            _say_licence(staging / CARD, reader.snapshot.licence or UNKNOWN)
    return len(wanted)


def _say_licence(card: Path, licence: str) -> None:
    """The licence of a card in the hub's words; the rest stays letter by letter."""
    before, head, body = card.read_text(encoding="utf-8").split("---\n", 2)
    said = {**yaml.safe_load(head), **licence_fields(licence)}
    # As the card was written: see `tasks.publish.card`.
    head = yaml.safe_dump(said, sort_keys=False, default_flow_style=None)
    card.write_text(f"{before}---\n{head}---\n{body}", encoding="utf-8")
