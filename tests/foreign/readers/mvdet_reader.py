"""What MVDet's own reader sees of an export in WILDTRACK's layout: JSON.

Arguments: MVDet's source, the folder of a recording with seven cameras. Runs where torch and
torchvision are.
"""

import json
import sys
from pathlib import Path

import numpy

source, root = sys.argv[1:]
numpy.float = float  # which NumPy had when it was written
sys.path.insert(0, source)
from multiview_detector.datasets.frameDataset import frameDataset  # noqa: E402
from multiview_detector.datasets.Wildtrack import Wildtrack  # noqa: E402
from multiview_detector.utils.projection import get_imagecoord_from_worldcoord  # noqa: E402

wildtrack = Wildtrack(root)
data = frameDataset(wildtrack, force_download=True)
pictures, ground, _, frame = data[0]
feet = []
for name in sorted(data.map_gt):
    people = Path(root, "annotations_positions", f"{name:08d}.json").read_text()
    for one in json.loads(people):
        place = wildtrack.get_worldcoord_from_pos(one["positionID"]).reshape(2, 1)
        for camera, view in enumerate(one["views"]):
            if view["xmin"] != -1:
                x, y = get_imagecoord_from_worldcoord(
                    place,
                    wildtrack.intrinsic_matrices[camera],
                    wildtrack.extrinsic_matrices[camera],
                )[:, 0]
                feet.append([x - (view["xmin"] + view["xmax"]) / 2, y - view["ymax"]])
told = {
    "frames": len(data),
    "pictures": list(pictures.shape),
    "ground": list(ground.shape),
    "people": [int(data.map_gt[name].nnz) for name in sorted(data.map_gt)],
    "feet": numpy.abs(feet).max(axis=0).tolist(),
    "seen": len(feet),
}
print(json.dumps(told))
