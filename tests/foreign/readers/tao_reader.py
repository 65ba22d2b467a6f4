"""What NVIDIA's data services read of an export in AI City's form of 2025: JSON.

Arguments: the export's folder, with every camera's frames beside its videos, a folder to write to
and the frames per second. Their own package of calibrations is in no registry; what they need of it
is below.
"""

import json
import logging
import pickle
import sys
import types
from pathlib import Path

import numpy


def load_calib(scene, **_):
    sensors = json.loads((Path(scene) / "calibration.json").read_text())["sensors"]
    last = [[0.0, 0.0, 0.0, 1.0]]
    return {
        one["id"]: {
            "intrinsic_matrix": one["intrinsicMatrix"],
            "w2c_matrix": one["extrinsicMatrix"] + last,
        }
        for one in sensors
    }, None


def module(name, **content):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(content)


def cameras_of(scene, **_):
    return [path.name for path in Path(scene).glob("Camera_*")]


for name in ("spatialai_data_utils", "spatialai_data_utils.loaders", "spatialai_data_utils.utils"):
    module(name)
module("spatialai_data_utils.constants", FPS=30)
module("spatialai_data_utils.loaders.calibration", load_calib=load_calib)
module("spatialai_data_utils.utils.camera_name_utils", get_cam_names_in_scene=cameras_of)
# Theirs brings a training framework along.
module("nvidia_tao_ds.core.logging.logging", logger=logging.getLogger("tao"))
from nvidia_tao_ds.annotations.conversion import aicity_to_ovpkl as theirs  # noqa: E402

root, output, fps = sys.argv[1:]
classes = theirs.update_class_config({"CLASS_LIST": ["Person"], "SUB_CLASS_DICT": {}})
theirs.create_ov_infos_aicity2025(
    root, output, class_config=classes, depth_format="png", fps=float(fps)
)
found = {"frames": 0, "boxes": [], "people": [], "cameras": [], "visible": 0}
for path in sorted(Path(output, "train").glob("*.pkl")):
    for frame in pickle.loads(path.read_bytes())["infos"]:
        found["frames"] += 1
        found["boxes"].append(frame["gt_boxes"].tolist())
        found["people"].append(frame["instance_inds"].tolist())
        found["cameras"].append(sorted(frame["cams"]))
        corner = numpy.array([*frame["gt_boxes"][0][:3], 1.0])
        for camera in frame["cams"].values():
            seen = (camera["sensor2world_transform"] @ corner)[:3]
            u, v, depth = camera["cam_intrinsic"] @ seen
            found["visible"] += bool(depth > 0 and u > 0 and v > 0)
print(json.dumps(found))
