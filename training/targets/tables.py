"""Tables of images as people write them, CSV or Parquet, by the names of their columns.

Programs differ in what stands between columns, in the case of names and in blanks; here that is all
one.
"""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.errors import CorruptData
from manifests.parquet import reading_parquet
from manifests.texts_of_others import text_lines

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")
MAX_LENGTH = 4096
"""Of a text; in Parquet of its bytes. No name is longer."""

_MAX_ROWS = 5_000_000
_BATCH = 10_000
_BETWEEN = ",;\t|"
_DECIMAL_COMMA = re.compile(r"^([+-]?[0-9]+),([0-9]+)$")
_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"
_SEPARATOR_SAID = re.compile(r"sep=(.)\s*", re.IGNORECASE)

_Lines = Iterator[tuple[int, Sequence[str]]]
Rows = Iterator[tuple[int, dict[str, str]]]
"""Number of the line, where names are line 1, and texts by names of columns; "" is nothing said."""


def is_table(name: str) -> bool:
    """Whether a file is called like a table."""
    return name.lower().endswith(TABLE_SUFFIXES)


def read_table(path: Path, columns: Collection[str]) -> tuple[set[str], Rows]:
    """Which of ``columns`` (in small letters) a table has, and its rows of them, one after the
    other, so that a long table takes no more memory. Rows that say nothing are left out.

    ``CorruptData``, at once or on the way, if it is no table, says two things in one place, or is
    too large for a list of images.
    """
    parquet = path.suffix.lower() == ".parquet"
    lines = (_parquet_lines if parquet else _csv_lines)(path, columns)
    number, header = next(lines, (1, ()))
    if not parquet and header and header[0].startswith("#"):
        raise CorruptData(
            f"{path}, line {number}: begins with # like a comment, which lists do not have; their "
            "first line names the columns"
        )
    names = [_tidy(name) for name in header]
    if doubled := sorted({name for name in names if name in columns and names.count(name) > 1}):
        raise CorruptData(f"{path}: column {', '.join(doubled)} is there twice")
    return set(columns) & set(names), _rows(path, names, lines, columns)


def _rows(path: Path, names: Sequence[str], lines: _Lines, columns: Collection[str]) -> Rows:
    chosen = [(place, name) for place, name in enumerate(names) if name in columns]
    for count, (number, fields) in enumerate(lines, start=1):
        _expect_few(path, count)
        if any(fields[len(names) :]):
            raise CorruptData(
                f"{path}, line {number}: {len(fields)} values under {len(names)} names of columns; "
                "a text that holds what separates columns stands in quotes"
            )
        said = [*fields, *[""] * (len(names) - len(fields))]
        yield number, {name: said[place] for place, name in chosen}


def _tidy(name: str) -> str:
    return _bare(name).casefold()


def _bare(text: str) -> str:
    """Without blanks around it, those that nobody sees included."""
    return text.strip().strip(_INVISIBLE).strip()


def _csv_lines(path: Path, columns: Collection[str]) -> _Lines:
    """Fields of all lines that say something; names first."""
    lines = text_lines(path)
    before, first = _first(lines)
    separator = _SEPARATOR_SAID.fullmatch(first)
    if separator is not None:
        more, first = _first(lines)
        before += more
    between = separator[1] if separator else _between(first, columns)
    reader = csv.reader(chain([first], lines), delimiter=between, skipinitialspace=True)
    try:
        for row in reader:
            fields = [_bare(field) for field in row]
            if between != ",":
                fields = [_DECIMAL_COMMA.sub(r"\1.\2", field) for field in fields]
            if any(fields):
                yield before + reader.line_num - 1, fields
    except csv.Error as error:
        raise CorruptData(f"{path}: not a CSV file: {error}") from error


def _first(lines: Iterator[str]) -> tuple[int, str]:
    """Number and text of the next line that says something."""
    number = 0
    for number, line in enumerate(lines, start=1):
        if line.strip(f"{_BETWEEN} \r\n"):
            return number, line
    return number, ""


def _between(header: str, columns: Collection[str]) -> str:
    """What separates the columns: that with which most of their names are found."""
    found = {
        between: sum(_tidy(name.strip('" ')) in columns for name in header.split(between))
        for between in _BETWEEN
    }
    return max(_BETWEEN, key=found.__getitem__)


def _parquet_lines(path: Path, columns: Collection[str]) -> _Lines:
    """The same of a Parquet file, as if it had been a CSV."""
    with reading_parquet(str(path), "write it again"), pq.ParquetFile(path) as file:
        _expect_few(path, file.metadata.num_rows)
        # Images, masks and the like that a manifest may carry are no labels.
        labels = [field.name for field in file.schema_arrow if not pa.types.is_nested(field.type)]
        plain = [name for name in labels if _tidy(name) in columns]
    # Texts as dictionaries: a long one that every row repeats is held once.
    with (
        reading_parquet(str(path), "write it again"),
        pq.ParquetFile(path, read_dictionary=plain) as file,
    ):
        table = file.read(columns=plain)
    _expect_short(path, table)
    yield 1, plain
    number = 1
    for batch in table.to_batches(_BATCH):
        for row in zip(*(column.to_pylist() for column in batch.columns)):
            number += 1
            yield number, [_text(value) for value in row]


def _text(value: Any) -> str:
    """As a CSV would say it, but whole numbers without what pandas makes of them in a column in
    which some are missing."""
    if value is None or value != value:  # not a number: nothing is said
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return _bare(str(value))


def _expect_few(path: Path, rows: int) -> None:
    if rows > _MAX_ROWS:
        raise CorruptData(f"{path}: more than {_MAX_ROWS:,} rows, which no list of images has")


def _expect_short(path: Path, table: pa.Table) -> None:
    for name, column in zip(table.column_names, table.columns):
        for chunk in column.chunks:
            texts = chunk.dictionary if isinstance(chunk, pa.DictionaryArray) else chunk
            longest = pc.max(pc.binary_length(texts)).as_py() if _is_text(texts.type) else 0
            if (longest or 0) > MAX_LENGTH:
                raise CorruptData(
                    f"{path}: column {name} holds a text of {longest:,} bytes; at most "
                    f"{MAX_LENGTH:,} are a name"
                )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)
