"""``publish-folder`` as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.stores import open_store
from tests.flows.typed import run_cli
from tests.tasks.report.publishing import publish_small
from tests.training.small_model import save_small_model
from training.saved_model import Model


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and a model that learnt from nothing."""
    folder = tmp_path_factory.mktemp("place")
    publish_small(open_store(folder / "store"), people=3)
    save_small_model(folder)
    return folder


def test_a_data_set_and_a_model(place: Path, tmp_path: Path) -> None:
    store = str(place / "store")
    done = run_cli("publish-folder", "small", "--store", store, "-o", str(tmp_path / "data"))
    assert done.returncode == 0 and done.stdout.endswith(f"2 files in {tmp_path / 'data'}\n")
    assert (tmp_path / "data" / "manifest.parquet").is_file()
    public, model = str(tmp_path / "model"), str(place / "model")
    done = run_cli("publish-folder", "--model", model, "--licence", "MIT", "-o", public)
    assert done.returncode == 0 and "licence MIT" in done.stdout
    assert Model.load(public).dimension == Model.load(model).dimension
    assert "\n# model\n" in (tmp_path / "model" / "README.md").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "one of both"),
        (("small", "--model", "{model}"), "one of both"),
        (("small", "--licence", "MIT"), "are for a --model"),
        (("--model", "{model}"), "say it with --licence"),
    ],
)
def test_what_does_not_go_together_is_refused(
    place: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    asked = [word.format(model=place / "model") for word in words]
    store = str(place / "store")
    done = run_cli("publish-folder", *asked, "--store", store, "-o", str(tmp_path / "new"))
    assert done.returncode == 10 and said in done.stderr
    assert not (tmp_path / "new").exists()
