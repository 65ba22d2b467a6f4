"""A training with a matching head is asked about as any other, and beside a plain one."""

from __future__ import annotations

import json
from pathlib import Path

from tasks.transfer.__main__ import main
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader

TRAINING = """
name: {head}
model: {{backbone: resnet8, height: 32, width: 16, normalisation: batch, head: {head}}}
batch: {{sampler: identity, cameras: 1, people: 3, images: 2}}
iterations: 2
precision: fp32
threads: 1
"""


def test_two_heads_are_compared_on_the_same_queries(tmp_path: Path) -> None:
    write_striped_list(tmp_path / "street.csv", StripedReader(people=4, test_people=0))
    write_striped_list(tmp_path / "yard.csv", StripedReader(people=0, test_people=5, seed=1))
    common = ["--target", str(tmp_path / "yard.csv"), "--folder", str(tmp_path), "--seeds", "1"]
    models: list[str] = []
    for head in ("plain", "matching"):
        training = tmp_path / f"{head}.yaml"
        training.write_text(TRAINING.format(head=head))
        assert main([str(tmp_path / "street.csv"), "--training", str(training), *common]) == 0
        (made,) = {path.parent for path in tmp_path.glob("models/*/model.pt")} - {
            Path(word.partition("=")[2]) for word in models
        }
        models.append(f"{head}={made}")

    assert main([*reversed(models), "--training", str(training), *common]) == 0

    answers = [json.loads(path.read_text()) for path in tmp_path.glob("matching-*.json")]
    (both,) = [one for one in answers if len(one["sources"]) == 2]
    assert {one["statistics"] for one in both["differences"]} == {"running", "camera"}
    assert {one["what"] for one in both["differences"]} == {"matching minus plain"}
    assert {one["target"] for one in both["differences"]} == {"yard"}
