"""What TrackEval says of results in an export as MOTChallenge: JSON.

Arguments: the export's folder, the name of its benchmark and split, the folder of all trackers.
Sequences are those of its list.
"""

import contextlib
import io
import json
import sys

import numpy
import trackeval

truth, name, trackers = sys.argv[1:]
benchmark, split = name.rsplit("-", 1)
with contextlib.redirect_stdout(io.StringIO()):
    reader = trackeval.datasets.MotChallenge2DBox(
        {
            "GT_FOLDER": truth,
            "BENCHMARK": benchmark,
            "SPLIT_TO_EVAL": split,
            "TRACKERS_FOLDER": trackers,
            "TRACKER_SUB_FOLDER": "",
        }
    )
    metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR(), trackeval.metrics.Identity()]
    asked = {"TIME_PROGRESS": False, "OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False}
    asked |= {"PLOT_CURVES": False, "OUTPUT_EMPTY_CLASSES": False}
    results, _ = trackeval.Evaluator(asked).evaluate([reader], metrics)
found = {}
for tracker, sequences in results["MotChallenge2DBox"].items():
    whole = sequences["COMBINED_SEQ"]["pedestrian"]
    found[tracker] = {
        "HOTA": float(numpy.mean(whole["HOTA"]["HOTA"])),
        "MOTA": float(whole["CLEAR"]["MOTA"]),
        "IDF1": float(whole["Identity"]["IDF1"]),
    }
print(json.dumps(found))
