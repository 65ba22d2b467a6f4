"""A video (MP4) of every camera of a recording, coded from its published frames.

Videos are derived: no part of the content digest, and made anew from the frames when they are lost.
Which version of the coder made them is in the lineage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import CorruptData, MissingRequirement
from manifests.layout import repairing
from manifests.parquet import reading_parquet
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.recordings import Take, takes
from manifests.snapshots import PartInfo, Snapshot
from manifests.video_rules import VideoRules
from synth_workers.images import decode_lit
from synth_workers.processes.scratch import scratch_folder
from tasks.progress import Progress, report_progress
from tasks.publish.mp4 import Mp4Writer, can_code, coder
from tasks.publish.parts import file_info

_SUFFIX, _CODER = ".mp4", "video_coders"
_CAMERAS_AT_ONCE = 8  # every one takes about 50 MB at 1280x720
_FRAMES_AT_ONCE = 16


def require_coder(recipe: Recipe) -> None:
    """``MissingRequirement`` if ``recipe`` wants videos that this installation cannot code."""
    if recipe.video is not None and recipe.video.mp4 and not can_code():
        raise MissingRequirement(
            "video.mp4: PyAV is not installed; `pip install 'unrealperson[video]'` brings it, "
            "and `--set video.mp4=false` does without videos"
        )


def videos_of(snapshot: Snapshot) -> frozenset[str]:
    """The keys of the videos that a snapshot names."""
    return frozenset(file.key for file in snapshot.files if file.key.endswith(_SUFFIX))


def coders(snapshot: Snapshot, coded: Collection[str]) -> dict[str, list[str]]:
    """For the lineage: what coded the videos of ``snapshot``, of which those with the keys
    ``coded`` were coded here just now. Empty if it has none."""
    videos, found = videos_of(snapshot), set[str]()
    if coded:
        found.add(coder())
    if videos - set(coded):
        found.update(snapshot.lineage.get(_CODER, ()))
    return {_CODER: sorted(found)} if videos else {}


def store_videos(
    dataset: Dataset, recipe: Recipe, snapshot: Snapshot, only: Collection[str] | None = None
) -> tuple[PartInfo, ...]:
    """Code and store the videos of a snapshot that names its ``frames.parquet``; what it is to
    record of them, in order. ``only``: keys; none if the recipe wants none.

    ``CorruptData`` if a frame is gone or not the one that was published.
    """
    if recipe.video is None or not recipe.video.mp4:
        return ()
    require_coder(recipe)
    frames = SnapshotReader(dataset, snapshot).recorded()
    keys = {
        take: dataset.video_key(snapshot.publish_id, number, take.camera)
        for number, take in enumerate(takes(frames))
    }
    wanted = [take for take, key in keys.items() if only is None or key in only]
    rows, stored = frames.to_pandas(), dict[Take, PartInfo]()
    with scratch_folder("videos") as scratch:
        for some in _at_once(wanted):
            paths = {take: scratch / f"{number}{_SUFFIX}" for number, take in enumerate(some)}
            _code(dataset, rows, recipe.video, paths)
            for take, path in paths.items():
                dataset.store.put_file(keys[take], path)
                stored[take] = file_info(keys[take], path)
            report_progress(Progress("videos", len(stored), len(wanted), "videos"))
    return tuple(stored[take] for take in wanted)


def _at_once(wanted: Sequence[Take]) -> Iterator[list[Take]]:
    """Of one recording each, whose shards are read once for several cameras."""
    for recording in dict.fromkeys(take.recording for take in wanted):
        of_it = [take for take in wanted if take.recording == recording]
        for start in range(0, len(of_it), _CAMERAS_AT_ONCE):
            yield of_it[start : start + _CAMERAS_AT_ONCE]


def _code(
    dataset: Dataset, frames: pd.DataFrame, rules: VideoRules, paths: Mapping[Take, Path]
) -> None:
    """Write the videos ``paths``, of cameras of one recording."""
    recording = next(iter(paths)).recording
    chosen = frames["camera"].isin([take.camera for take in paths])
    rows = frames[chosen & (frames["recording"] == recording)]
    shards = rows.groupby("render_id")["tick"].min().sort_values()
    claims = read_claims(dataset, "frames", list(shards.index))
    with ExitStack() as stack:
        writers: dict[str, Mp4Writer] = {}
        for take, path in paths.items():
            first = rows[rows["camera"] == take.camera].iloc[0]
            size = int(first["width"]), int(first["height"])
            writer = Mp4Writer(path, *size, rules.fps, rules.ticks)
            writers[take.camera] = stack.enter_context(writer)
        for shard in shards.index:
            if shard not in claims:
                raise CorruptData(
                    f"{dataset.store.uri}: the frames of shard {shard} are gone; "
                    f"{repairing(dataset.name)}"
                )
            of_shard = rows[rows["render_id"] == shard].set_index("frame")
            for row, lit, suffix in _pictures(dataset, claims[shard], of_shard):
                picture = decode_lit(lit, suffix, (int(row["width"]), int(row["height"])))
                writers[str(row["camera"])].show(int(row["tick"]), picture)
        for writer in writers.values():
            writer.finish()


def _pictures(
    dataset: Dataset, claim: Claim, rows: pd.DataFrame
) -> Iterator[tuple[pd.Series, bytes, str]]:
    """``rows`` (by number of the frame) with the bytes and the format of their pictures."""
    columns = ["frame", "lit", "lit_format"]
    with reading_parquet(dataset.where(claim.key)):
        file = dataset.store.open_parquet(claim.key)
        for batch in file.iter_batches(batch_size=_FRAMES_AT_ONCE, columns=columns):
            for found in batch.to_pylist():
                if found["frame"] not in rows.index:
                    continue
                row = rows.loc[found["frame"]]
                if hashlib.sha256(found["lit"]).digest() != row["lit_sha256"]:
                    raise CorruptData(
                        f"{dataset.where(claim.key)}: frame {found['frame']} is not the one that "
                        f"was published; {repairing(claim.key)}"
                    )
                yield row, found["lit"], found["lit_format"]
