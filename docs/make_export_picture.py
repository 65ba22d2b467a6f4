"""Draws the picture of ``ue4_people.md``: ``python docs/make_export_picture.py BPY_PYTHON``.

Above: the embedded engine's people. Below: the same people exported as .glb and rendered by
Blender's Cycles, which knows nothing of ours. ``BPY_PYTHON``: a Python that has ``bpy``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.export.glb import glb_bytes
from synth_workers.people.export.model import export_model
from synth_workers.people.export.people import file_stem
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import WalkStyle
from synth_workers.people_gallery import BACK, CELL, FRONT, Studio

PICTURE = Path(__file__).parent / "pictures" / "people" / "exported.jpg"
SEED, PEOPLE, QUALITY = 7, 5, 80
PHASE = 0.12


def main(blender_python: str) -> None:
    """Draw both rows and keep them as JPEG."""
    data = BodyData.load()
    builder, studio = PersonBuilder(data, GarmentCatalogue(data)), Studio()
    script = Path(__file__).with_name("render_glb.py")
    ours = []
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), []
        for spec in sample_people(PeopleRecipe(count=PEOPLE), SEED, range(PEOPLE)):
            gait = spec.gait.model_copy(update={"walk": WalkStyle.normal})
            spec = spec.model_copy(update={"gait": gait})
            files.append(folder / f"{file_stem(spec)}.glb")
            files[-1].write_bytes(glb_bytes(export_model(spec, builder)))
            person = builder.build(spec)
            ours += [
                studio.picture(person, heading, phase=PHASE, size=CELL)[..., ::-1]
                for heading in (FRONT, BACK)
            ]
        command = [blender_python, str(script), name, *map(str, CELL), *map(str, files)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        theirs = [
            np.asarray(cv2.imread(str(folder / f"{file.stem}_{side}.png")))
            for file in files
            for side in ("front", "back")
        ]
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    sheet = np.concatenate([np.concatenate(ours, 1), np.concatenate(theirs, 1)])
    cv2.imwrite(str(PICTURE), sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main(sys.argv[1])
