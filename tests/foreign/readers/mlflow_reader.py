"""A training that tells MLflow's file store, and what its client finds there: JSON.

Arguments: the repository, the folder of packages that it runs with (they come after MLflow's own),
an empty folder.
"""

import json
import os
import sys
from pathlib import Path

root, packages, folder = sys.argv[1:]
os.environ["MLFLOW_TRACKING_URI"] = Path(folder, "store").as_uri()
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"  # it asks for that since its version 3
os.environ["UNREALPERSON_LOGS"] = str(Path(root, "examples", "logs", "mlflow_log.py:MlflowLog"))
sys.path += [root, packages]


def main() -> None:
    from mlflow.tracking import MlflowClient

    from tasks.train.fit import fit, snapshot_data
    from tests.training.striped_people import StripedReader
    from training.config import load_training

    config = load_training("tiny", {"precision": "fp32", "iterations": 12})
    data = snapshot_data(StripedReader(people=6, test_people=0), config, Path(folder, "cache"))
    model = fit(data, config, Path(folder, "run"))
    client = MlflowClient()
    (run,) = client.search_runs([each.experiment_id for each in client.search_experiments()])
    told = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
    found = {
        "name": run.info.run_name,
        "status": run.info.status,
        "rate": run.data.params["optimiser.learning_rate"],
        "steps": {name: [each.step for each in history] for name, history in told.items()},
        "loss": run.data.metrics["loss"],
        "expected": sum(model.losses[-2:]) / 2,
        "files": [file.path for file in client.list_artifacts(run.info.run_id)],
    }
    print(json.dumps(found))


main()
