"""What datumaro, which CVAT converts with, reads of a COCO export: one line of JSON."""

import json
import sys
from collections import Counter

from datumaro import Dataset

folder = sys.argv[1]
found = {}
for form in ("coco_instances", "coco_person_keypoints"):
    try:
        items = list(Dataset.import_from(folder, format=form))
    except Exception as error:
        found[form] = str(error)
        continue
    found[form] = {
        "subsets": sorted({item.subset for item in items}),
        "pictures": sum(item.media is not None and item.media.data is not None for item in items),
        "annotations": Counter(one.type.name for item in items for one in item.annotations),
    }
print(json.dumps(found))
