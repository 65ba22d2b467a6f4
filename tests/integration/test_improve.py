"""The flow `improve` on a real server: what it leaves, and that it waits for a person."""

from __future__ import annotations

import threading
import time
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import StateType
from prefect.flow_runs import resume_flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import improve as module
from flows.flow_runs import read_flow_runs, runs_in
from flows.local_server import LocalServer
from manifests.recipes_io import dump_recipe
from manifests.snapshots import Snapshot
from tasks.improve.rounds import Improved
from tests.tasks.improve.test_rounds import BASE, CONFIG, Toy
from training.config import TrainingConfig

pytestmark = [pytest.mark.integration, pytest.mark.slow]


class Asked:
    """Answers a run that waits, from another thread, as somebody at the page would."""

    def __init__(self, name: str, *answers: bool) -> None:
        self.name, self.answers, self.runs = name, list(answers), list[Any]()
        # Which server is asked is known in this context.
        known = copy_context()
        self.thread = threading.Thread(target=known.run, args=(self._answer,), daemon=True)

    def _answer(self) -> None:
        while self.answers:
            with get_client(sync_client=True) as client:
                for run in read_flow_runs(client, runs_in(StateType.PAUSED)):
                    if run.name.startswith(self.name):
                        self.runs.append(run.id)
                        resume_flow_run(run.id, run_input={"go_on": self.answers.pop(0)})
            time.sleep(0.5)


def test_it_waits_for_a_person_and_goes_on_from_what_is_there(
    prefect_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = Toy(tmp_path)
    recipe = tmp_path / "asked.yaml"
    recipe.write_text(dump_recipe(BASE))
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path / "out"))

    def build(file: str, *_: object) -> Snapshot:
        return toy.build(Path(file))

    class Trained:
        """As much of a trained model as the flow reads."""

        def __init__(self, path: Path) -> None:
            self.path = path

    def train(*given: Any) -> Trained:
        snapshot = next(s for s in made if s.number == given[1])
        return Trained(toy.train(snapshot, given[5]))

    made: list[Snapshot] = []
    monkeypatch.setattr(
        module, "build_dataset", lambda *given: made.append(build(*given)) or made[-1]
    )
    monkeypatch.setattr(module, "train", train)

    def small(_: str) -> TrainingConfig:
        return CONFIG

    monkeypatch.setattr(module, "load_training", small)

    def run() -> Improved:
        return module.improve(str(recipe), {}, str(tmp_path / "s"), "tiny", rounds=1, approve=True)

    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        refusing = Asked(str(recipe), False)
        refusing.thread.start()
        first = run()
        assert first.stopped == "round 1 was not approved" and len(first.rounds) == 1
        with get_client(sync_client=True) as client:
            of_run = ArtifactFilterFlowRunId(any_=refusing.runs)
            artifacts = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=of_run))
        pages = {artifact.key: str(artifact.data) for artifact in artifacts}
        assert "data:image/jpeg;base64," in pages["round-0"], "the confusions, as pictures"
        assert "not approved" in pages["improvement"]
        agreeing = Asked(str(recipe), True)
        agreeing.thread.start()
        second = run()
    for asked in (refusing, agreeing):
        asked.thread.join(60)
        assert not asked.thread.is_alive()
    assert second.rounds[0] == first.rounds[0] and len(second.rounds) == 2
    assert toy.done == ["build", "train", "build", "train on"]
