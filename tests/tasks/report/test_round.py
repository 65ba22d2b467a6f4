"""What is told of a round while it runs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import simplejpeg

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.identity import render_id
from manifests.recipes_io import load_recipe
from manifests.stores import LocalStore, open_store
from tasks.plan.planner import plan_build
from tasks.render.watching import RoundProgress, ShardFailure
from tasks.report.round import (
    failures_markdown,
    in_words,
    preview_markdown,
    progress_words,
    shard_rows,
)

SHARDS = {render_id(shard): shard for shard in plan_build(load_recipe("tiny")).shards}
FIRST, SECOND = SHARDS


def claim_of(shard: str, **values: object) -> Claim:
    return Claim.model_validate(
        {
            "id": shard,
            "render_id": shard,
            "attempt": "a",
            "key": "tiny/crops/a/a.parquet",
            "sha256": "0" * 64,
            "rows": 20,
            "bytes": 1,
            "frames": 5,
            "people": {0: 12, 1: 8},
            "cpu_seconds": {"engine": 3.0, "worker": 1.5},
            "wall_seconds": 9.0,
            "host": "node-7",
            **values,
        }
    )


def words(**values: float) -> str:
    given = {"done": 2, "shards": 8, "crops": 100, "new_crops": 60, "share": 0.25}
    given |= {"new_share": 0.25, "seconds": 30.0}
    return progress_words("demo, render", **{**given, **values})  # type: ignore[arg-type]


def test_progress_says_how_far_how_fast_and_how_long() -> None:
    assert words() == (
        "demo, render: 2 of 8 shards, 100 crops, 2.0 crops a second, about 2 min to go"
    )


@pytest.mark.parametrize("values", [{"share": 1.0}, {"new_share": 0.0}, {"seconds": 0.0}])
def test_progress_makes_no_guess_without_a_rate(values: dict[str, float]) -> None:
    assert words(**values) == "demo, render: 2 of 8 shards, 100 crops"


@pytest.mark.parametrize(
    ("seconds", "text"), [(40, "40 s"), (720, "12 min"), (12_600, "3.5 h"), (0, "0 s")]
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert in_words(seconds) == text


def test_a_row_says_what_a_shard_is_doing_and_what_it_cost() -> None:
    progress = RoundProgress("render", 2)
    progress.on_event({"shard": SECOND, "frames": 3, "frames_expected": 6, "crops": 7})
    progress.failed(ShardFailure(FIRST, 1, "Crashed", "gone"))

    done, running = shard_rows(SHARDS, {FIRST: claim_of(FIRST)}, progress)

    assert (done["state"], running["state"]) == ("done", "50 %")
    assert done["failed attempts"] == 1
    assert (done["crops"], done["crops per frame"], done["CPU-s"]) == (20, 4.0, 4.5)
    assert done["host"] == "node-7"


def test_failures_are_sorted_by_class_each_with_the_command_that_shows_it() -> None:
    failures = [
        ShardFailure(FIRST, 1, "EngineLost", "the engine ended\n| signal 9"),
        ShardFailure(
            FIRST, 2, "EngineLost", "lost twice (at frame 3: …; at frame 7: …)\nat frame 9"
        ),
        ShardFailure(SECOND, 1, "Crashed", "Process exited with status code: -9"),
    ]
    tiny = Dataset("tiny", LocalStore(Path("/mnt/lab"), "lab"))
    claims = {SECOND: claim_of(SECOND, frames_left_out={"black": [4, 11]})}

    text = failures_markdown(tiny, SHARDS, claims, failures)

    assert text.index("### EngineLost: 2") < text.index("### Crashed: 1")
    assert f"unrealperson replay {FIRST} 7 --dataset tiny --store lab" in text
    assert f"unrealperson replay {SECOND} 0 --dataset tiny --store lab" in text
    assert "| black | 2 |" in text
    assert f"`unrealperson replay {SECOND} 4 --dataset tiny --store lab`" in text
    assert "the engine ended \\| signal 9" in text


def test_a_preview_shows_a_few_crops_of_the_newest_shards(tmp_path: Path) -> None:
    import numpy as np

    store = open_store(tmp_path)
    jpeg = simplejpeg.encode_jpeg(np.full((200, 80, 3), 90, np.uint8))
    path = tmp_path / "crops.parquet"
    pq.write_table(pa.table({"jpeg": pa.array([jpeg] * 40, pa.large_binary())}), path)
    store.put_file("tiny/crops/a/a.parquet", path)

    text = preview_markdown(store, [claim_of(FIRST), claim_of(SECOND, rows=0, people={})])

    assert text.startswith("20 crops of 2 shards")
    assert text.count("data:image/jpeg;base64,") == 12


def test_the_loss_of_a_training_is_one_falling_line() -> None:
    import base64
    import re

    from tasks.report.build import loss_markdown

    text = loss_markdown([4.0 - 0.003 * step for step in range(1_000)], seconds=61.0)
    svg = base64.b64decode(text.partition("base64,")[2].rstrip(")")).decode()
    heights = [float(y) for y in re.findall(r"[\d.]+,([\d.]+)", svg.partition("points=")[2])]

    assert text.startswith("1,000 iterations, loss 1.0")
    assert len(heights) == 120
    assert heights == sorted(heights)  # Downwards: y grows towards the bottom.
