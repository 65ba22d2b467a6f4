"""The content digest: what changes it, and what must not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from manifests.content import CONTENT_COLUMNS, PROVENANCE, ContentDigest
from manifests.schema import MANIFEST
from tests.manifests.claimed_shards import crop_row

ROWS = [
    crop_row(person, "street", "street_c01", frame, occluders=["5-000009"] * frame)
    | {"split": "train", "role": "train", "joints": [1.0, None, 2.0] if frame else None}
    for person in range(3)
    for frame in range(4)
]


def digest(rows: list[dict], batch: int = 100) -> str:
    content = ContentDigest()
    for start in range(0, len(rows), batch):
        plain = [{k: v for k, v in row.items() if k != "jpeg"} for row in rows[start:][:batch]]
        content.update(pa.Table.from_pylist(plain, schema=MANIFEST))
    return content.hexdigest()


@pytest.mark.parametrize("batch", [1, 5, 12])
def test_it_does_not_depend_on_how_rows_are_batched(batch: int) -> None:
    assert digest(ROWS, batch) == digest(ROWS)


def test_slices_and_chunks_count_like_fresh_tables() -> None:
    plain = [{k: v for k, v in row.items() if k != "jpeg"} for row in ROWS]
    table = pa.Table.from_pylist(plain, schema=MANIFEST)
    content = ContentDigest()
    content.update(pa.concat_tables([table.slice(0, 5), table.slice(5, 7)]))
    assert content.hexdigest() == digest(ROWS)


def test_provenance_is_not_content() -> None:
    assert {"crop_key", "render_id", "dedupe_id"} == PROVENANCE
    other = [row | {"crop_key": "x", "render_id": "y", "dedupe_id": 7} for row in ROWS]
    assert digest(other) == digest(ROWS)


@pytest.mark.parametrize("column", CONTENT_COLUMNS)
def test_every_other_column_is_content(column: str) -> None:
    kind = MANIFEST.field(column).type
    changed = {
        pa.types.is_boolean: True,
        pa.types.is_floating: 77.0,
        pa.types.is_integer: 77,
        pa.types.is_string: "other",
        pa.types.is_list: [7]
        if pa.types.is_list(kind) and kind.value_type != pa.string()
        else ["o"],
        pa.types.is_fixed_size_binary: b"o" * 32,
        pa.types.is_binary: b"other",
    }
    value = next(value for is_kind, value in changed.items() if is_kind(kind))
    if ROWS[4].get(column) == value:
        value = False
    assert digest([*ROWS[:4], ROWS[4] | {column: value}, *ROWS[5:]]) != digest(ROWS)


def test_order_number_and_grouping_of_rows_are_content() -> None:
    assert digest(ROWS[::-1]) != digest(ROWS)
    assert digest(ROWS[:-1]) != digest(ROWS)
    one = [ROWS[0] | {"garments": ["ab", "c"]}, ROWS[1] | {"garments": ["d"]}]
    other = [ROWS[0] | {"garments": ["ab"]}, ROWS[1] | {"garments": ["c", "d"]}]
    assert digest(one) != digest(other)
    assert digest([ROWS[0] | {"accessories": []}]) != digest([ROWS[0] | {"accessories": [""]}])


def test_columns_that_nobody_filled_add_nothing() -> None:
    """Data keep their digest when a later schema adds a column that they do not have."""
    rows = [row | {"mask_rle": None, "joints": None} for row in ROWS]
    without = ContentDigest()
    del without._columns["mask_rle"], without._columns["joints"]  # pyright: ignore[reportPrivateUsage]
    plain = [{k: v for k, v in row.items() if k != "jpeg"} for row in rows]
    without.update(pa.Table.from_pylist(plain, schema=MANIFEST))
    assert without.hexdigest() == digest(rows)


def test_null_is_not_zero_or_empty() -> None:
    assert digest([ROWS[0] | {"full_pixels": None}]) != digest([ROWS[0] | {"full_pixels": 0}])
    assert digest([ROWS[0] | {"mask_rle": None}]) != digest([ROWS[0] | {"mask_rle": b""}])
    assert digest([ROWS[0] | {"joints": None}]) != digest([ROWS[0] | {"joints": []}])
