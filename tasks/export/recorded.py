"""Recordings as sequences, one of each camera: what formats of video and tracking are made from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow.parquet as pq

from manifests.channels import Channel
from manifests.checksums import check_stored
from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.requests import read_recipe
from tasks.annotate.bundle import Frame, frames_in
from tasks.export.crop_layout import safe_name
from tasks.progress import Progress, report_progress

_ROWS = 16


@dataclass(frozen=True)
class Sequence:
    """What one camera recorded. ``ticks``: how many frames it would have if none were refused;
    ``tracks``: its rows of ``manifests.recordings.TRACKS``, by tick and person."""

    name: str
    recording: str
    scene: str
    light: str
    camera: str
    fps: int
    ticks: int
    width: int
    height: int
    tracks: pd.DataFrame


@dataclass(frozen=True)
class Picture:
    """One frame as it was recorded; ``suffix``: of its file, with a dot."""

    sequence: Sequence
    tick: int
    lit: bytes
    suffix: str


class Recorded:
    """The recordings of a snapshot, as far as ``cameras`` saw them; ``NotFound`` if it has none."""

    def __init__(self, reader: SnapshotReader, cameras: Collection[str]) -> None:
        self.reader = reader
        frames = reader.recorded().to_pandas()
        self._frames = frames[frames["camera"].isin(list(cameras))]

    def only(self, recording: str, ticks: Collection[int]) -> Recorded:
        """Of all these frames those of some ticks of one recording; no other bundle is read."""
        part = copy(self)
        mine = self._frames["recording"] == recording
        part._frames = self._frames[mine & self._frames["tick"].isin(list(ticks))]
        return part

    @cached_property
    def recipe(self) -> Recipe:
        """What was asked for."""
        return read_recipe(self.reader.dataset, self.reader.snapshot.recipe_digest)

    @cached_property
    def sequences(self) -> list[Sequence]:
        """One per recording and camera, called by camera, light and a number, in that order."""
        video = self.recipe.video
        assert video is not None  # or nothing would be recorded
        tracks = self.reader.tracks().to_pandas().sort_values(["tick", "person_index"])
        of = dict(iter(tracks.groupby(["recording", "camera"])))
        found: list[Sequence] = []
        for (_, light, camera), rows in self._frames.groupby(["scene", "light", "camera"]):
            runs = sorted(rows["recording"].unique())
            for number, recording in enumerate(runs, start=1):
                first = rows[rows["recording"] == recording].iloc[0]
                found.append(
                    Sequence(
                        name=safe_name(f"{camera}-{light}-{number:02d}"),
                        recording=recording,
                        scene=str(first["scene"]),
                        light=str(light),
                        camera=str(camera),
                        fps=video.fps,
                        ticks=video.ticks,
                        width=int(first["width"]),
                        height=int(first["height"]),
                        tracks=of.get((recording, camera), tracks.iloc[:0]),
                    )
                )
        return found

    @cached_property
    def together(self) -> dict[str, list[Sequence]]:
        """Sequences by one clock, in order of cameras, called by scene, light and a number."""
        found: dict[str, list[Sequence]] = {}
        of: dict[str, str] = {}
        for one in sorted(self.sequences, key=lambda one: (one.scene, one.light, one.recording)):
            if one.recording not in of:
                place = f"{one.scene}-{one.light}"
                number = 1 + sum(name.rpartition("-")[0] == place for name in found)
                of[one.recording] = safe_name(f"{place}-{number:02d}")
            found.setdefault(of[one.recording], []).append(one)
        return {name: sorted(each, key=lambda one: one.camera) for name, each in found.items()}

    def pictures(self) -> Iterator[Picture]:
        """Every frame, shard by shard; within a camera in order of time."""
        for file, _, found in self._bundles():
            for batch in file.iter_batches(_ROWS, columns=["frame", "lit", "lit_format"]):
                for row in batch.to_pylist():
                    if row["frame"] in found:
                        sequence, tick = found[row["frame"]]
                        suffix = ".png" if row["lit_format"] == "png" else ".jpg"
                        yield Picture(sequence, tick, row["lit"], suffix)

    def frames(self, channels: Collection[Channel] = ()) -> Iterator[tuple[Sequence, Frame]]:
        """Every frame with its mask, people and ``channels`` of ground truth; its ``instant`` is
        the tick. See ``pictures``."""
        for file, key, found in self._bundles():
            for frame in frames_in(file, key, list(channels)):
                if frame.frame in found:
                    yield found[frame.frame][0], frame

    def _bundles(self) -> Iterator[tuple[pq.ParquetFile, str, dict[int, tuple[Sequence, int]]]]:
        """Checked bundles in order of time, and of whom and when their frames are, by number."""
        of = {(one.recording, one.camera): one for one in self.sequences}
        rows = self._frames.groupby("render_id")
        dataset = self.reader.dataset
        claims = _kept(dataset, list(rows.groups))
        starts = {name: (of_shard["tick"].min(), name) for name, of_shard in rows}
        for done, name in enumerate(sorted(starts, key=lambda name: starts[name]), start=1):
            shard, claim = rows.get_group(name), claims[name]
            check_stored(dataset.store, claim)
            seen = zip(shard["frame"], shard["recording"], shard["camera"], shard["tick"])
            found = {int(n): (of[clock, camera], int(tick)) for n, clock, camera, tick in seen}
            yield dataset.store.open_parquet(claim.key), claim.key, found
            report_progress(Progress("export", done, len(starts), "shards"))


def _kept(dataset: Dataset, names: list[str]) -> dict[str, Claim]:
    claims = read_claims(dataset, "frames", names)
    if missing := len(names) - len(claims):
        raise NotFound(
            f"{dataset.store.uri}: the frames of {missing} of {len(names)} shards of "
            f"{dataset.name!r} are gone; `unrealperson repair {dataset.name}` renders them again"
        )
    return claims
