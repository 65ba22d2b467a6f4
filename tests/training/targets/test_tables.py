"""Lists of images as Windows, spreadsheets and pandas write them."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import CorruptData
from tests.training.targets.trees import write_images
from training.targets.images import Target
from training.targets.registry import open_target

NAMES = ["cam a/één.jpg", "cam a/zwei.png", "cam b/trois.jpg"]
ROWS = [
    ["cam a/één.jpg", "12", "a", "query", "1", "12.5"],
    ["cam a/zwei.png", "Öykü", "a", "train", "0", ""],
    ["cam b/trois.jpg", "12", "b", "gallery", "2", "31.25"],
]
HEAD = ["path", "person", "camera", "role", "outfit", "time"]
MEANT = [
    ("12", "a", "query", 1, 12.5),
    ("Öykü", "a", "train", 0, None),
    ("12", "b", "gallery", 2, 31.25),
]


def text(between: str = ",", end: str = "\r\n", rows: list[list[str]] = ROWS, head=HEAD) -> str:
    return "".join(between.join(row) + end for row in [head, *rows])


def read(folder: Path, name: str, data: str | bytes) -> Target:
    write_images(folder, NAMES)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    (target,) = open_target(name, folder)
    return target


def said(target: Target) -> list[tuple[str, str, str, int, float | None]]:
    return [(i.person, i.camera, i.role, i.outfit, i.time) for i in target.images]


def german(rows: list[list[str]]) -> list[list[str]]:
    return [[*row[:-1], row[-1].replace(".", ",")] for row in rows]


WRITTEN = {
    "unix": text(end="\n"),
    "old mac": text(end="\r"),
    "no last end": text().rstrip(),
    "utf-8 of excel": text().encode("utf-8-sig"),
    "unicode text of excel": text("\t").encode("utf-16"),
    "big endian": codecs.BOM_UTF16_BE + text().encode("utf-16-be"),
    "semicolons": text(";", rows=german(ROWS)),
    "semicolons, said": "sep=;\r\n" + text(";"),
    "tabs": text("\t"),
    "bars": text("|"),
    "blanks": text(" , ", rows=[[f" {field}  " for field in row] for row in ROWS]),
    "a blank and quotes": text(", ", rows=[[f'"{field}"' for field in row] for row in ROWS]),
    "quoted names": text(head=[f'"{name}"' for name in HEAD]),
    "capitals": text(head=["Path", "PERSON", " Camera", "Role ", "Outfit", "TIME"]),
    "roles in capitals": text(rows=[[*row[:3], row[3].title(), *row[4:]] for row in ROWS]),
    "floats": text(rows=[[row[0], *(f"{f}.0" if f.isdigit() else f for f in row[1:])]
                         for row in ROWS]),
    "back slashes": text(rows=[[row[0].replace("/", "\\"), *row[1:]] for row in ROWS]),
    "empty rows": "\r\n\r\n,,,\r\n" + text() + ",,,,,\r\n\r\n ,\r\n",
    "empty columns": text(head=[*HEAD, "", ""], rows=[[*row, "", ""] for row in ROWS]),
    "blanks that nobody sees": text(head=["\ufeffpath", "\u00a0person\u200b", *HEAD[2:]]),
    "accents of macos": unicodedata.normalize("NFD", text()),
    "an index": text(head=["", *HEAD], rows=[[str(n), *row] for n, row in enumerate(ROWS)]),
    "short rows": text(rows=[row if row[5] else row[:4] for row in ROWS]),
}  # fmt: skip


@pytest.mark.parametrize("how", WRITTEN)
def test_a_list_is_read_however_it_was_written(how: str, tmp_path: Path) -> None:
    assert said(read(tmp_path, "lab.csv", WRITTEN[how])) == MEANT


@pytest.mark.parametrize("name", ["lab.CSV", "lab.tsv", "LAB.Csv"])
def test_lists_are_known_by_their_suffix_in_any_case(name: str, tmp_path: Path) -> None:
    assert said(read(tmp_path, name, text("\t"))) == MEANT


def frame(**columns: Any) -> pd.DataFrame:
    found: dict[str, Any] = {
        "path": NAMES, "person": [7.0, 8.0, 7.0], "camera": [1.0, np.nan, 2.0],
        "role": ["query", "train", "gallery"], "outfit": [1.0, np.nan, 2.0], "time": [0.5, 1, 2],
    }  # fmt: skip
    return pd.DataFrame(found | columns)


def test_what_pandas_writes_is_one_as_csv_and_as_parquet(tmp_path: Path) -> None:
    write_images(tmp_path, NAMES)
    table = frame(camera=[1.0, 4.0, 2.0])
    table.to_csv(tmp_path / "plain.csv")
    table.to_csv(tmp_path / "german.csv", sep=";", decimal=",", index=False)
    table.to_parquet(tmp_path / "plain.parquet")
    table.rename(columns=str.upper).to_parquet(tmp_path / "capitals.PARQUET")
    table.astype({"role": "category", "path": "category"}).to_parquet(tmp_path / "kinds.parquet")
    texts = pa.array([name.encode() for name in NAMES])
    binary = pa.Table.from_pandas(table).set_column(0, "path", texts)
    pq.write_table(binary, tmp_path / "binary.parquet")
    for path in sorted(tmp_path.glob("*.*")):
        (target,) = open_target(path.name, tmp_path)
        assert said(target) == [
            ("7", "1", "query", 1, 0.5),
            ("8", "4", "train", 0, 1),
            ("7", "2", "gallery", 2, 2),
        ], path.name


def test_an_empty_cell_of_a_column_of_numbers_is_empty(tmp_path: Path) -> None:
    write_images(tmp_path, NAMES)
    frame().to_parquet(tmp_path / "lab.parquet")
    frame().to_csv(tmp_path / "lab.csv")
    for name in ("lab.parquet", "lab.csv"):
        with pytest.raises(CorruptData, match="line 3: camera is empty"):
            open_target(name, tmp_path)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (text().encode("cp1252"), r"line 2 is not UTF-8 text; if .*één"),
        (b"PK\x03\x04" + bytes(100), "this is an Excel workbook"),
        (text(head=[*HEAD[:-1], "Path"]), "column path is there twice"),
        (text(rows=[["cam a,1/één.jpg", *ROWS[0][1:]]]), "line 2: 7 values under 6 names"),
        (text(rows=[[ROWS[0][0], "2.02512E+13", *ROWS[0][2:]]]), "line 2: person .*rounded away"),
        (text(rows=[ROWS[0], [], ["gone.jpg", *ROWS[1][1:]]]), "line 4: image .*gone"),
        ("# of our lab\n" + text(), "lab.csv, line 1: begins with # like a comment"),
        (b"", "column camera, path, person, role is missing"),
        ("\r\n\r\n", "column camera, path, person, role is missing"),
        ("sep=;\r\n", "column camera, path, person, role is missing"),
        (text("/"), "column camera, path, person, role is missing"),
        (text(rows=[[*ROWS[0][:-1], '"1,234,5"']]), "time '1,234,5' is not a number"),
    ],
    ids=["code page", "workbook", "twice", "comma", "rounded", "line", "comment", "empty", "blank",
         "said", "unknown", "thousands"],
)  # fmt: skip
def test_what_cannot_be_read_right_is_refused(
    data: str | bytes, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(CorruptData, match=complaint):
        read(tmp_path, "lab.csv", data)


def test_a_list_in_a_cache_of_links(tmp_path: Path) -> None:
    """As Hugging Face's hub keeps snapshots."""
    snapshot = tmp_path / "snapshots" / "1f"
    write_images(tmp_path, ["blobs/x.png"])
    (tmp_path / "blobs" / "list").write_text("path,person,camera,role\ncrops/1.png,a,c,query\n")
    (snapshot / "crops").mkdir(parents=True)
    (snapshot / "crops" / "1.png").symlink_to("../../../blobs/x.png")
    (snapshot / "lab.csv").symlink_to("../../blobs/list")
    (target,) = open_target("lab.csv", snapshot)
    assert target.root == snapshot
    assert target.crops(["query"], 24, 12).keys.tolist() == ["crops/1.png"]
    (tmp_path / "blobs" / "list").write_text("path,person,camera,role\n../2.png,a,c,query\n")
    with pytest.raises(CorruptData, match=r"line 2: .*leads out of"):
        open_target("lab.csv", snapshot)
