"""What FiftyOne's own reader of COCO reads of an export, without its database: JSON.

Arguments: a folder of pictures, an annotation file, kinds of labels with commas between.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import fiftyone.utils.coco as coco

pictures, annotations, kinds = sys.argv[1:]
reader = coco.COCODetectionDatasetImporter(
    data_path=pictures, labels_path=annotations, label_types=kinds.split(",")
)
read, found, people = 0, Counter(), Counter()
with reader:
    for path, _, labels in reader:
        read += Path(path).is_file()
        if kinds in ("detections", "segmentations", "keypoints"):
            labels = {kinds: labels}
        for kind, label in labels.items():
            for one in label.keypoints if kind == "keypoints" else label.detections:
                found[kind] += 1
                found["masks"] += getattr(one, "mask", None) is not None
                found["points"] += len(getattr(one, "points", ()))
                if kind != "keypoints":
                    people[one["person"]] += 1
    licences = [licence["name"] for licence in reader.get_dataset_info()["licenses"]]
print(json.dumps({"pictures": read, "annotations": found, "licences": licences, "people": people}))
