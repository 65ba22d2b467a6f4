"""What is told of a round of shards while it runs: words, rows and small crops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.identity import render_id
from manifests.reasons import reason_today
from manifests.shards import ShardSpec
from manifests.stores import Store
from tasks.publish.wording import as_text
from tasks.render.jobs import shard_label
from tasks.render.watching import RoundProgress, ShardFailure
from tasks.report.markdown import plain_table
from tasks.report.thumbnails import thumbnail

_CROPS = 12
_ROW = 6
_CROP_HEIGHT = 128
_MESSAGE_LENGTH = 160


def progress_words(
    what: str,
    *,
    done: int,
    shards: int,
    crops: int,
    new_crops: int,
    share: float,
    new_share: float,
    seconds: float,
) -> str:
    """How far a round is, how fast, and how long it will still take.

    ``share`` of the round is done, ``new_share`` of it in these ``seconds``, and ``new_crops``
    of the ``crops``; the time that is left is estimated from these.
    """
    words = f"{what}: {done} of {shards} shards, {crops:,} crops"
    if share >= 1.0 or seconds <= 0.0 or new_share <= 0.0:
        return words
    left = (1.0 - share) / new_share * seconds
    return f"{words}, {new_crops / seconds:.1f} crops a second, about {in_words(left)} to go"


def in_words(seconds: float) -> str:
    """A duration as people say it: ``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def shard_rows(
    shards: Mapping[str, ShardSpec], claims: Mapping[str, Claim], progress: RoundProgress
) -> list[dict[str, str | float]]:
    """One row a shard (``shards`` and ``claims`` by crop_id): state, size and cost."""
    failed = Counter(failure.shard for failure in progress.failures)
    return [
        _shard_row(shard, claims.get(identity), failed[render_id(shard)], progress)
        for identity, shard in shards.items()
    ]


def _shard_row(
    shard: ShardSpec, claim: Claim | None, failed: int, progress: RoundProgress
) -> dict[str, str | float]:
    row: dict[str, str | float] = {
        "shard": shard_label(shard),
        "state": "done",
        "failed attempts": failed,
        "people": len(shard.people),
    }
    if claim is None:
        share = progress.share_of(render_id(shard))
        return row | {"state": "open" if share is None else f"{100 * share:.0f} %"}
    crops = sum(claim.people.values())
    return row | {
        "frames": claim.frames,
        "crops": crops,
        "crops per frame": round(crops / max(1, claim.frames), 1),
        "seconds": round(claim.wall_seconds, 1),
        "CPU-s": round(sum(claim.cpu_seconds.values()), 1),
        "host": claim.host,
    }


def failures_markdown(
    dataset: Dataset,
    shards: Mapping[str, ShardSpec],
    claims: Mapping[str, Claim],
    failures: Sequence[ShardFailure],
) -> str:
    """Failed attempts and refused frames by class, each with what shows it again."""
    labels = {render_id(shard): shard_label(shard) for shard in shards.values()}
    lines = [f"**{len(failures)} failed attempts**"]
    by_class: dict[str, list[ShardFailure]] = {}
    for failure in failures:
        by_class.setdefault(failure.error, []).append(failure)
    for kind, found in sorted(by_class.items(), key=lambda item: -len(item[1])):
        rows = [(labels.get(of.shard, of.shard), of.attempt, _one_line(of.message)) for of in found]
        table = plain_table(["shard", "attempt", "what happened"], rows, numbers=[1])
        lines += ["", f"### {kind}: {len(found)}", "", table]
        # Of several, one that got as far as a frame shows most.
        last = max(reversed(found), key=lambda failure: failure.frame)
        command = _replay(last.shard, last.frame, dataset)
        lines += ["", "To see it:", "", "```", command, "```"]
    refused = [
        (
            reason_today(reason),
            len(frames),
            labels.get(claim.render_id, claim.render_id),
            f"`{_replay(claim.render_id, frames[0], dataset)}`",
        )
        for claim in claims.values()
        for reason, frames in claim.frames_left_out.items()
    ]
    if refused:
        table = plain_table(["reason", "frames", "shard", "to see it"], refused, numbers=[1])
        lines += ["", "### Refused frames", "", table]
    return "\n".join(lines)


def _replay(shard: str, frame: int, dataset: Dataset) -> str:
    place = f"--dataset {dataset.name} --store {dataset.store.address}"
    return f"unrealperson replay {shard} {frame} {place}"


def _one_line(message: str) -> str:
    line = " ".join(message.split())
    return as_text(line if len(line) <= _MESSAGE_LENGTH else line[: _MESSAGE_LENGTH - 1] + "…")


def preview_markdown(store: Store, claims: Sequence[Claim]) -> str:
    """At most twelve small inlined crops out of the newest finished shards."""
    chosen = [claim for claim in claims if claim.rows][-_CROPS:]
    each = -(-_CROPS // max(1, len(chosen)))
    shown = [
        f"![{claim.render_id[:6]}]({thumbnail(jpeg, _CROP_HEIGHT).uri})"
        for claim in chosen
        for jpeg in _some_crops(store, claim, each)
    ][:_CROPS]
    crops = sum(sum(claim.people.values()) for claim in claims)
    head = f"{crops:,} crops of {len(claims)} shards; some of the newest:"
    # Only in a table do Prefect's pages show pictures side by side.
    rows = [shown[first : first + _ROW] for first in range(0, len(shown), _ROW)]
    return f"{head}\n\n{plain_table([' '] * _ROW, rows)}"


def _some_crops(store: Store, claim: Claim, count: int) -> list[bytes]:
    """JPEG bytes of ``count`` crops, spread over a shard's first row group."""
    crops = store.open_parquet(claim.key).read_row_group(0, columns=["jpeg"])
    step = max(1, crops.num_rows // count)
    return crops.column("jpeg").to_pylist()[::step][:count]
