"""The grammar of clothes files: what makers write is read, all else refused with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.errors import BadRecipe
from synth_workers.people.clothes.mhclo import MAX_VERTICES, read_pack
from tests.synth_workers.people.clothes.making_packs import QUAD, write_small

VERTS = "1500\n1501\n1502\n1503\n"


def test_every_tag_is_read_and_a_name_in_a_western_code_page(tmp_path: Path) -> None:
    header = "# author Zo\xeb Nu\xf1ez\n# license CC BY-SA 4.0\ntag Female\ntag Evening wear\n"
    pack = read_pack(write_small(tmp_path, header=header, encoding="cp1252"))
    assert pack.tags == ("Female", "Evening wear")
    assert pack.licence == "CC-BY-SA-4.0"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_byte_order_are_no_words(tmp_path: Path, encoding: str) -> None:
    pack = read_pack(write_small(tmp_path, encoding=encoding))
    assert (pack.licence, len(pack.faces)) == ("CC0-1.0", 2)


def test_windows_line_ends_and_a_file_name_in_other_letters_are_understood(tmp_path: Path) -> None:
    path = write_small(tmp_path, file="Small.OBJ")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_pack(path).rows[:, 0].tolist() == [1500, 1501, 1502, 1503]


@pytest.mark.parametrize(
    ("lines", "deleted"),
    [
        ("1 - 4 7 9-11", [1, 2, 3, 4, 7, 9, 10, 11]),
        ("3\n2 - 2\n20000", [2, 3]),
        ("5 -6", [5, 6]),
    ],
)
def test_deleted_vertices_are_numbers_and_ranges(tmp_path: Path, lines: str, deleted) -> None:
    body = f"{VERTS}\ndelete_verts\n{lines}\n"
    assert read_pack(write_small(tmp_path, body=body)).deleted.tolist() == deleted


def test_files_of_a_pack_may_be_links_into_a_cache(tmp_path: Path) -> None:
    blobs, linked = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    linked.mkdir()
    plain = write_small(blobs)
    for number, file in enumerate(sorted(blobs.iterdir())):
        (linked / file.name).symlink_to(file.rename(blobs / str(number)))
    assert len(read_pack(linked / plain.name).faces)


@pytest.mark.parametrize(
    ("faces", "triangles"),
    [
        ("f -4/-4 -3/-3 -2/-2 -1/-1", [[0, 1, 2], [0, 2, 3]]),
        ("f\t1//1 2//1 \\\n 3//1 # the front\n", [[0, 1, 2]]),
        ("g \nf 1 2 3\no x\nl 1 2\ns off\nf 1 3 4", [[0, 1, 2], [0, 2, 3]]),
    ],
)
def test_faces_are_read_however_they_are_written(tmp_path: Path, faces: str, triangles) -> None:
    pack = read_pack(write_small(tmp_path, obj=f"{QUAD}{faces}\n"))
    assert sorted(pack.faces.tolist()) == triangles


@pytest.mark.parametrize("corners", [3, 4, 5, 6, 9])
def test_a_face_of_many_corners_keeps_its_area(tmp_path: Path, corners: int) -> None:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    obj = "".join(f"v {x} {y} 0\nvt {x} {y}\n" for x, y in ring)
    face = " ".join(f"{i}/{i}" for i in range(1, corners + 1))
    body = "".join(f"{1500 + i}\n" for i in range(corners))
    pack = read_pack(write_small(tmp_path, obj=f"{obj}f {face}\n", body=body))
    (ax, ay), (bx, by), (cx, cy) = np.moveaxis(pack.texture[pack.texture_faces], 1, 0).swapaxes(
        1, 2
    )
    area = ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)).sum() / 2
    assert area == pytest.approx(corners / 2 * np.sin(2 * np.pi / corners), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"obj": f"{QUAD}f 1 2 9\n"}, "number 9 of 4 vertices"),
        ({"obj": f"{QUAD}f 1/1 2/2 3/7\n"}, "number 7 of 4 texture"),
        ({"obj": f"{QUAD}f -5 2 3\n"}, "line 9"),
        ({"obj": f"{QUAD}f 0 1 2\n"}, "line 9"),
        ({"obj": f"{QUAD}f 1 2\n"}, "line 9"),
        ({"obj": f"{QUAD}f 1 2 {'9' * 5000}\n"}, "line 9"),
        ({"obj": f"{QUAD}f 1 1 2\n"}, "has no faces"),
        ({"obj": QUAD.replace("1 1 0", "1 1e99 0") + "f 1 2 3\n"}, "not finite"),
        ({"obj": QUAD.replace("1 1 0", "1 1") + "f 1 2 3\n"}, "line 3"),
        ({"obj": b"\x00\xff\xfe" * 40}, "binds 4 vertices"),
        ({"body": "1500\n1501\n-3\n1503\n"}, "the vertex -3"),
        ({"body": "1500\n1501\n19158\n1503\n"}, "the vertex 19158"),
        ({"body": "1500\n1501\n15.5\n1503\n"}, "the vertex 15.5"),
        ({"body": "1500\n1501\n1502 1 2 1 0 0\n1503\n"}, "nine numbers"),
        ({"body": "1500\n1501\n1502 1 2 1 0 0 0 0 1e308\n1503\n"}, "1e308"),
        ({"body": f"{VERTS}delete_verts\n9 - 4\n"}, "9 - 4"),
        ({"body": f"{VERTS}delete_verts\n1 to 4\n"}, "numbers and ranges"),
        ({"body": ""}, "binds no vertices"),
        ({"body": "1500\n" * (MAX_VERTICES + 1)}, "more than 60,000 vertices"),
        ({"obj": "v 0 0 0\n" * (MAX_VERTICES + 9)}, "line 60001: larger than"),
        ({"file": "other.obj"}, "'small.obj' is not there"),
        ({"header": "# license: CC0\nbasemesh alpha_7\n"}, "alpha_7"),
        ({"header": "x_scale 99999 0 1\n"}, "line 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, change: dict, reason: str
) -> None:
    with pytest.raises(BadRecipe, match=r"small\.mhclo cannot be used") as caught:
        read_pack(write_small(tmp_path, **change))
    assert reason in str(caught.value)


WORDS = st.sampled_from(
    ["verts", "delete_verts", "x_scale", "tag", "license", "name", "obj_file", "f", "v", "vt", "g"]
    + ["-", "5-9", "0", "-1", "3", "19157", "1e9", "nan", "1.5", "#", "1/1", "-1/-1", "2//3"]
    + ["\\", "\t", "\xe9", "\u2028"]
)
LINES = st.lists(st.lists(WORDS, max_size=10).map(" ".join), max_size=6).map("\n".join)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(header=LINES, body=LINES, obj=LINES | st.binary(max_size=60))
def test_no_clothes_file_ends_in_a_traceback(tmp_path_factory, header, body, obj) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    whole = obj if isinstance(obj, bytes) else f"{QUAD}f 1 2 3 4\n{obj}"
    path = write_small(folder, header=f"{header}\n", body=f"{VERTS}{body}\n", obj=whole)
    try:
        pack = read_pack(path)
    except BadRecipe as error:
        assert "small.mhclo" in str(error)
    else:
        assert pack.faces.max() < len(pack.rows) == 4
