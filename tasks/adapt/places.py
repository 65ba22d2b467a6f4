"""Where the images of an adaptation lie: published data sets, or folders of somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from manifests.addresses import LocalPath
from manifests.dataset import Dataset
from manifests.errors import BadRecipe, TrainingFailed
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import open_store
from tasks.evaluate.evaluation_sets import EvaluationSet, snapshot_set, target_set
from training.config import TrainingConfig
from training.targets.images import GALLERY, QUERY, TRAIN
from training.targets.registry import open_for_training, placed
from training.targets.tables import is_table

if TYPE_CHECKING:
    from tasks.train.fit import TrainingData  # imports torch: only once nothing is refused any more


class DataPlace(BaseModel):
    """One data set: a published one, or another by its official layout below ``root``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="A published data set, or market1501, msmt17-v1, a CSV, ….")
    store: str = Field(default="out/store", description="Folder or s3://bucket/prefix.")
    snapshot: int | None = Field(default=None, ge=1, description="None: the newest.")
    content_digest: str | None = Field(default=None, description="What it must contain.")
    root: LocalPath | None = Field(
        default=None,
        description="Folder of somebody else's data set; None: a published one or a list.",
    )
    partial: bool = Field(default=False, description="Accept unofficial counts.")

    def published(self) -> SnapshotReader | None:
        """The snapshot that is meant, if it is one."""
        if self.root is not None or is_table(self.name):
            return None
        dataset = Dataset(self.name, open_store(self.store))
        return open_snapshot(dataset, self.snapshot, self.content_digest)

    def opened(self) -> OpenedPlace:
        """Look the data set up; ``NotFound`` or ``CorruptData`` if it is not there or not whole."""
        if (reader := self.published()) is not None:
            has_test = reader.snapshot.people_by_split.get("test", 0) > 0

            def of_snapshot(config: TrainingConfig, cache: Path) -> TrainingData:
                from tasks.train.fit import snapshot_data

                return snapshot_data(reader, config, cache)

            return OpenedPlace(
                training=of_snapshot,
                test=lambda: snapshot_set(reader) if has_test else None,
            )
        (target, *others) = open_for_training(*placed(self.name, self.root), self.partial)
        if others:
            raise BadRecipe(f"{self.name} has {len(others) + 1} splits; name one as a CSV")
        tested = target_set(target) if target.people_in(QUERY, GALLERY) else None

        def of_target(config: TrainingConfig, _: Path) -> TrainingData:
            from tasks.train.fit import target_data

            return target_data(target, config)

        return OpenedPlace(
            training=of_target,
            test=lambda: tested,
            cameras=frozenset(image.camera for image in target.images if image.role == TRAIN),
        )


@dataclass(frozen=True)
class OpenedPlace:
    """A data set that exists. ``training``: its ``train`` images at a configuration's size, large
    ones cached in a folder; ``test``: its test images, None if it has none; ``cameras``: of the
    ``train`` images of others' data sets."""

    training: Callable[[TrainingConfig, Path], TrainingData]
    test: Callable[[], EvaluationSet | None]
    cameras: frozenset[str] | None = None


def open_places(source: DataPlace, target: DataPlace) -> tuple[OpenedPlace, OpenedPlace]:
    """Both data sets of an adaptation, before anything of them is decoded.

    ``NotFound`` or ``CorruptData`` as in ``opened``; ``TrainingFailed`` for a target without
    training images, or with those of one camera, between which and others there is nothing to
    adapt.
    """
    labelled, unlabelled = source.opened(), target.opened()
    cameras = unlabelled.cameras
    if cameras is not None and len(cameras) < 2:
        of = f"of one camera, {min(cameras)}" if cameras else "none"
        raise TrainingFailed(
            f"{target.name} in {target.root}: an adaptation needs training images of several "
            f"cameras, these are {of}"
        )
    return labelled, unlabelled
