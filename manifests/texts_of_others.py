"""Text files as people's programs write them: UTF-8 with or without a byte order mark, UTF-16 and
UTF-32; lines may end as on any system.

Bytes that are none of these are refused, not guessed: the same byte is another letter in each of
the old code pages.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from manifests.errors import CorruptData

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXTS = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or another Office file",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
}
_LOOKED_AT = 4
_SHOWN = 12


def decoded_text(data: bytes) -> str:
    """What the bytes of a text file say; ``ValueError`` says what it is that is no text, or names
    the line that is no Unicode."""
    encoding = _encoding(data[:_LOOKED_AT])
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(_complaint(error, encoding)) from error


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a text file with their ends, one after the other, however long it is.

    ``CorruptData`` where ``decoded_text`` raises ``ValueError``, and if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            encoding = _encoding(file.read(_LOOKED_AT))
        with path.open(encoding=encoding, newline="") as file:
            try:
                yield from file
            except UnicodeDecodeError:
                # It knows its place in a piece of the file only.
                decoded_text(path.read_bytes())
    except ValueError as error:
        raise CorruptData(f"{path}: {error}") from error
    except OSError as error:
        raise CorruptData(f"{path}: cannot be read: {error.strerror}") from error


def _encoding(start: bytes) -> str:
    kind = next((kind for begins, kind in _NO_TEXTS.items() if start.startswith(begins)), None)
    if kind is not None:
        raise ValueError(f"this is {kind}, not text")
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
    if marked is not None:
        return marked
    # No text begins with a NUL: it is half of a letter.
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8"


def _complaint(error: UnicodeDecodeError, encoding: str) -> str:
    if not encoding.startswith("utf-8"):
        return f"not UTF-8 text, nor {encoding.upper()}, as it begins; save it as UTF-8"
    # Without the mark, from behind which the decoder counts.
    data, start = error.object, error.start
    line = data.count(b"\n", 0, start) + 1
    first = max(start - _SHOWN, 0)
    first = max(first, *(data.rfind(end, first, start) + 1 for end in (b"\n", b"\r")))
    said = data[first : start + _SHOWN].splitlines()[0]
    return (
        f"line {line} is not UTF-8 text; if "
        f"{said.decode('cp1252', 'replace')!r} is right, it is in the code page Windows-1252: save "
        'the file as UTF-8 (Excel calls that "CSV UTF-8")'
    )
