"""Text files in the encodings and with the line ends that people's programs write."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from manifests.errors import CorruptData
from manifests.recipes_io import load_recipe
from manifests.texts_of_others import decoded_text, text_lines

TEXT = "Straße,1\r\nZoë,2\n\nÅke,3\r最後,4"
MARKED = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16": b"",
    "utf-32": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", MARKED)
def test_every_unicode_text_with_a_mark_is_read(encoding: str, tmp_path: Path) -> None:
    data = MARKED[encoding] + TEXT.encode(encoding)
    assert decoded_text(data) == TEXT
    (tmp_path / "people.txt").write_bytes(data)
    assert list(text_lines(tmp_path / "people.txt")) == TEXT.splitlines(keepends=True)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_by_its_nuls_where_the_mark_is_missing(encoding: str) -> None:
    assert decoded_text("name: Zoë".encode(encoding)) == "name: Zoë"


@pytest.mark.parametrize("page", ["cp1252", "cp1250", "latin-1", "shift-jis"])
def test_code_pages_are_refused_by_the_line_and_not_guessed(page: str, tmp_path: Path) -> None:
    rows = [f"crops/{n}.jpg,anna,c1,gallery" for n in range(2_000)]
    name = "最後" if page == "shift-jis" else "Jörg"
    path = tmp_path / "people.txt"
    path.write_bytes("\r\n".join([*rows, f"x.jpg,{name},c2,query"]).encode(page))
    with pytest.raises(CorruptData, match=r"people\.txt: line 2001 is not UTF-8 text.*CSV UTF-8"):
        list(text_lines(path))
    if page != "shift-jis":
        with pytest.raises(ValueError, match=r"if 'x\.jpg,Jörg,c2,query' is right"):
            decoded_text(path.read_bytes())


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_the_words_that_are_no_unicode_are_shown_as_they_stand(mark: bytes) -> None:
    """Behind a mark, too, and where the line before has the same byte in a letter that is right."""
    with pytest.raises(ValueError, match=r"line 2 is not UTF-8 text; if 'b\xE9' is right"):
        decoded_text(mark + "a\u9999\nb".encode() + b"\xe9\nc")
    with pytest.raises(ValueError, match=r"line 2 is not UTF-8 text; if 'ab\xE9' is right"):
        decoded_text(mark + b"x\nab\xe9")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (codecs.BOM_UTF16_LE + b"a\0\0\xd8b\0", "nor UTF-16"),
    ],
)
def test_what_is_no_text_is_called_by_its_name(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(data)
    with pytest.raises(CorruptData, match=said):
        list(text_lines(tmp_path / "list.csv"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorruptData, match="cannot be read: Is a directory"):
        list(text_lines(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_recipe_is_read_as_notepad_and_powershell_write_it(encoding: str, tmp_path: Path) -> None:
    recipe = "name: small\r\npeople: {count: 3}\r\nscenes: [{name: street}]\r\n"
    recipe += "images_per_person: 4\r\n"
    (tmp_path / "mine.yaml").write_bytes(recipe.encode(encoding))
    assert load_recipe(tmp_path / "mine.yaml").people.count == 3
