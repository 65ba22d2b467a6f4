"""What supervision reads of a COCO export: one line of JSON.

Arguments: a folder of pictures, an annotation file, and `masks` to read those, too.
"""

import json
import sys

import supervision

pictures, annotations, *masks = sys.argv[1:]
data = supervision.DetectionDataset.from_coco(
    images_directory_path=pictures, annotations_path=annotations, force_masks=bool(masks)
)
found = {"pictures": 0, "boxes": 0, "masks": 0, "classes": data.classes}
for _, picture, detections in data:
    found["pictures"] += picture is not None
    found["boxes"] += len(detections)
    if detections.mask is not None:
        found["masks"] += int(detections.mask.any(axis=(1, 2)).sum())
print(json.dumps(found))
