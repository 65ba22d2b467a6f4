"""How Hugging Face's library opens a published folder: what it finds in the head of the card."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from manifests.schema import PUBLISHED
from manifests.snapshots import Snapshot

_NAME = "default"
_NAMES = {"float": "float32", "double": "float64"}
"""Of types, where Arrow has other ones."""


def configurations(snapshot: Snapshot) -> dict[str, Any]:
    """How parts are divided into splits, one for each role, and the types of columns.

    So ``load_dataset`` without saying more has nobody who is tested in ``train``. Versions of the
    library before 5.1 read binary columns of a fixed size only where the card calls them binary.
    """
    features = [{"name": field.name, **_feature(field.type)} for field in PUBLISHED]
    splits = [{"split": name, "path": path} for name, path in split_files(snapshot).items()]
    return {
        "configs": [{"config_name": _NAME, "data_files": splits}],
        "dataset_info": [{"config_name": _NAME, "features": features}],
    }


def split_files(snapshot: Snapshot) -> dict[str, str]:
    """Split -> what its files are called. Parts that hold all roles (schema versions 1 and 2) are
    one split, which is not called ``train``."""
    if any(not part.role for part in snapshot.parts):
        return {"everything": "part-*.parquet"}
    return {role: f"{role}-*.parquet" for role in snapshot.roles()}


def _feature(kind: pa.DataType) -> dict[str, str]:
    if isinstance(kind, pa.ListType):
        return {"list": _type_name(kind.value_type)}
    return {"dtype": _type_name(kind)}


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "image"
    if pa.types.is_fixed_size_binary(kind):
        return "binary"
    return _NAMES.get(str(kind), str(kind))
