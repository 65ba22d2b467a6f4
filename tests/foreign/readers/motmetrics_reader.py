"""What py-motmetrics says of an export of tracklets, as tracks of the people in it: JSON.

Argument: the export's folder. Boxes are those of its `metadata.parquet`.
"""

import json
import sys
from pathlib import Path

import motmetrics
import pandas

rows = pandas.read_parquet(Path(sys.argv[1]) / "metadata.parquet")
rows["tracklet"] = [str(Path(name).parent) for name in rows["file_name"]]
# It takes numbers.
for name in ("person_id", "tracklet"):
    rows[name] = pandas.factorize(rows[name])[0]
found = {}
for camera, seen in rows.groupby("camera"):
    score = motmetrics.MOTAccumulator(auto_id=True)
    for _, frame in seen.groupby("time", sort=True):
        boxes = [
            (row.box_x0, row.box_y0, row.box_x1 - row.box_x0, row.box_y1 - row.box_y0)
            for row in frame.itertuples()
        ]
        distances = motmetrics.distances.iou_matrix(boxes, boxes, max_iou=0.5)
        score.update(list(frame["person_id"]), list(frame["tracklet"]), distances)
    told = motmetrics.metrics.create().compute(
        score, metrics=["num_matches", "num_misses", "num_false_positives", "num_switches"]
    )
    found[camera] = {name: int(told[name].iloc[0]) for name in told}
print(json.dumps(found))
