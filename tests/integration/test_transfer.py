"""The flow `transfer` on a real server: models, cells, a page; what is there is not made again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.local_server import LocalServer
from flows.transfer import transfer
from tasks.transfer.targets import chosen_targets
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader

pytestmark = [pytest.mark.integration]

TRAINING = """
name: least
model: {backbone: resnet8, height: 32, width: 16}
batch: {cameras: 3, people: 2, images: 2}
iterations: 1
precision: fp32
threads: 1
"""


@pytest.fixture
def folder(
    prefect_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    torch.set_num_threads(1)
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path / "out"))
    (tmp_path / "least.yaml").write_text(TRAINING)
    write_striped_list(tmp_path / "street.csv", StripedReader(people=4, test_people=0))
    write_striped_list(tmp_path / "yard.csv", StripedReader(people=0, test_people=4, seed=1))
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield tmp_path


def test_the_flow_answers_and_goes_on_from_what_is_there(folder: Path) -> None:
    asked = (
        [str(folder / "street.csv")],
        chosen_targets(None, [folder / "yard.csv"]),
        str(folder / "least.yaml"),
        1,
        str(folder / "store"),
    )

    first = transfer(*asked)

    results = folder / "out" / "transfer" / "results"
    made = {path: path.stat().st_mtime_ns for path in results.iterdir()}
    assert len(made) == 3  # a model, its network untrained, colours
    assert "| trained on | statistics | yard |" in first.text
    with get_client(sync_client=True) as client:
        pages = [page for page in client.read_artifacts() if page.key == "transfer"]
    assert "data:image/png;base64," in str(pages[0].data)

    missing = next(path for path in made if '"street, seed 0"' in path.read_text())
    missing.unlink()
    again = transfer(*asked)

    assert again == first
    now = {path: path.stat().st_mtime_ns for path in results.iterdir()}
    assert now.keys() == made.keys()
    assert {path for path in made if now[path] != made[path]} == {missing}
