"""A published data set as users open it; what it reads with is ``manifests.reader``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from pydantic import BeforeValidator, Field

from flows.places import chosen_dataset
from manifests.arguments import PLACE, checked, listed, such
from manifests.reader import SnapshotReader, open_snapshot
from manifests.snapshots import Snapshot

if TYPE_CHECKING:
    import numpy as np

    from training.data.crop_dataset import CropDataset


IMAGE = "image"
_WORDS = Annotated[
    listed(str, words="texts", example='["query", "gallery"]'),
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
]


class Dataset:
    """One pinned snapshot of a published data set.

    Later builds publish further snapshots and never change this one; every file is checked
    against its digest when it is read.
    """

    @checked(name=str, store=PLACE, snapshot=Annotated[int, Field(ge=1)], withdrawn=bool)
    def __init__(
        self,
        name: str,
        store: str | Path | None = None,
        snapshot: int | None = None,
        withdrawn: bool = False,
    ) -> None:
        """``store``: a folder or ``s3://bucket/prefix``, by default ``UNREALPERSON_STORE``, else
        ``out/store``; ``snapshot``: its number, by default the newest; ``withdrawn``: also one
        that is withdrawn.

        Raises ``BadRecipe`` for what cannot be a name, ``NotFound`` for what was never published.
        """
        place = chosen_dataset(name, None if store is None else str(store))
        self.reader: SnapshotReader = open_snapshot(place, snapshot, withdrawn=withdrawn)

    @property
    def name(self) -> str:
        """What the recipe is called."""
        return self.snapshot.dataset

    @property
    def snapshot(self) -> Snapshot:
        """Numbers of people and crops, digests, statistics, licence and lineage."""
        return self.reader.snapshot

    @property
    def files(self) -> list[str]:
        """Addresses of the published Parquet parts, for pandas, DuckDB or ``datasets``.

        Each row is a crop: ``image`` (struct of ``bytes`` and ``path``) and its labels. Files are
        called after the role that all their rows have; ``datasets`` opens their folder as splits.
        """
        return [self.reader.dataset.where(part.key) for part in self.snapshot.parts]

    def __len__(self) -> int:
        return self.snapshot.crops

    def __repr__(self) -> str:
        found = self.snapshot
        return (
            f"<Dataset {found.dataset!r}, snapshot {found.number}: {found.people} people, "
            f"{found.crops} crops>"
        )

    @checked(split=str, role=_WORDS, columns=_WORDS)
    def crops(
        self,
        split: str | None = None,
        role: str | Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Labels of crops with their JPEG bytes in the column ``image``, in canonical order.

        ``split``: train or test; ``role``: train, query, gallery or junk, one or several;
        ``columns``: which labels (``manifests.schema.MANIFEST`` documents all of them);
        ``["image"]`` is the pictures alone. Raises ``NotFound`` for other words.
        """
        if columns is not None:
            columns = [name for name in columns if name != IMAGE]
        rows, images = self.reader.crops(split=split, role=role, columns=columns)
        return rows.append_column(IMAGE, pa.array(images, pa.large_binary()))

    @checked(columns=_WORDS)
    def tracklets(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Runs of crops of one person in one camera, by person, camera and time."""
        return self.reader.tracklets(columns)

    @checked(
        split=str,
        role=_WORDS,
        transform=such(callable, "a function of an array (H, W, 3) uint8"),
        decoded=bool,
    )
    def torch(
        self,
        split: str = "train",
        role: str | Sequence[str] | None = None,
        transform: Callable[[np.ndarray], Any] | None = None,
        decoded: bool = False,
    ) -> CropDataset:
        """A ``torch.utils.data.Dataset`` of (crop, person, camera), ready for a ``DataLoader``.

        A crop is a uint8 tensor (3, 256, 128) sRGB, resized to the usual size, or whatever
        ``transform`` makes of the picture, an array (H, W, 3) uint8 of its own size. ``person``
        and ``camera`` are numbers: places in the lists ``person_ids`` and ``camera_names`` of the
        result. ``role``: query, gallery, junk, one or several; all if not said. ``decoded``: all
        crops now, once, and not whenever one is asked for. ``.batches(people=16, images=4)`` of the
        result is a ``batch_sampler``, drawn anew in every epoch.
        """
        from training.data.crop_dataset import CropDataset

        return CropDataset(self.reader, split, role, transform, decoded)
