"""What the words name that are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manifests.stores import open_store
from tasks.compare.sources import open_side
from tests.training.targets.trees import write_images


def test_a_folder_is_read_without_litter_and_through_links(tmp_path: Path) -> None:
    folder = tmp_path / "Zoës pictures"
    write_images(folder, ["hall/1.jpg", "hall/deep/2.png", "__MACOSX/hall/._1.jpg", "._3.jpg"])
    write_images(tmp_path, ["blobs/4.jpg"])
    (folder / "door").symlink_to(tmp_path / "blobs", target_is_directory=True)
    side = open_side(str(folder), open_store(tmp_path / "store"))
    assert list(zip(side.camera.tolist(), side.names)) == [
        ("door", "4.jpg"),
        ("hall", "1.jpg"),
        ("hall", "2.png"),
    ]
    assert all(side.read(np.arange(3)))


def test_a_list_of_tabs_is_a_list(tmp_path: Path) -> None:
    write_images(tmp_path, ["1.jpg"])
    rows = "Path\tPerson\tCamera\tRole\r\n1.jpg\tanna\tdoor\ttrain\r\n"
    (tmp_path / "lab.TSV").write_bytes(rows.encode("utf-16"))
    side = open_side(str(tmp_path / "lab.TSV"), open_store(tmp_path / "store"))
    assert (side.name, side.camera.tolist()) == ("lab", ["door"])
