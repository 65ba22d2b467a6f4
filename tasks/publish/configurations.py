"""How Hugging Face's library opens a published folder: what it finds in the head of the card."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from manifests.schema import PUBLISHED, ROLES
from manifests.snapshots import Snapshot

_ALL = "everything"
_NAMES = {"float": "float32", "double": "float64"}
"""Of types, where Arrow has other ones."""


def configurations(snapshot: Snapshot) -> dict[str, Any]:
    """How the parts are divided, by role, each a split of its own name; and types of columns.

    The parts hold all roles side by side, so that a split alone cannot name its files. What is
    opened without saying more are the training crops, and nothing of test people. Versions of the
    library before 5.1 read binary columns of a fixed size only where the card calls them binary.
    """
    names = (*snapshot.roles(), _ALL)
    features = [{"name": field.name, **_feature(field.type)} for field in PUBLISHED]
    return {
        "configs": [_configuration(name) for name in names],
        "dataset_info": [{"config_name": name, "features": features} for name in names],
    }


def _configuration(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "config_name": name,
        "data_files": [{"split": name, "path": "part-*.parquet"}],
    }
    if name != _ALL:
        found["filters"] = [["role", "==", name]]
    if name == ROLES[0]:  # train
        found["default"] = True
    return found


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
