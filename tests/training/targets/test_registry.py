"""Data sets are found by name, and adding one takes one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import CorruptData, NotFound
from tests.training.dropping_in import dropped_in
from tests.training.targets.trees import write_images
from training.targets.registry import TARGETS, open_target

MODULE = '''
"""A corridor with a door at each end; file names are person, door and number."""

from training.targets.folders import FolderLayout, labelled_by_names
from training.targets.images import GALLERY, QUERY, Official

labelled_by_names(
    FolderLayout(
        "corridor",
        ((QUERY, "left"), (GALLERY, "right")),
        r"^(?P<person>[a-z]+)-(?P<camera>[ab])-",
        (Official((QUERY,), 1, 1), Official((GALLERY,), people=2)),
    )
)
'''


def test_a_file_in_the_folder_is_a_data_set(tmp_path: Path) -> None:
    root = tmp_path / "corridor"
    write_images(root, ["left/anna-a-1.jpg", "right/anna-b-1.jpg", "right/anna-b-2.jpg"])
    with dropped_in(TARGETS, tmp_path, "corridor", MODULE):
        with pytest.raises(CorruptData, match="gallery: 1 people, officially 2"):
            open_target("corridor", root)
        write_images(root, ["right/bert-b-1.jpg"])
        (target,) = open_target("corridor", root)
        assert target.counts() == {"query": 1, "gallery": 3}
        assert {(i.person, i.camera) for i in target.images} == {
            ("anna", "a"),
            ("anna", "b"),
            ("bert", "b"),
        }
    with pytest.raises(NotFound, match="unknown data set 'corridor'"):
        open_target("corridor", root)
