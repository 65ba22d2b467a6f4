"""Frozen dataclasses as the named arrays of one file, and back.

Fields may hold arrays, sparse matrices, numbers, words, and dataclasses, tuples and dictionaries of
these. What lies inside a field is named after it: ``clips.walk.bones``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import scipy

_SPARSE = ("data", "indices", "indptr", "shape")
_PLAIN = (str, int, float)
_kinds = cache(get_type_hints)


def flattened(value: Any, name: str = "") -> dict[str, np.ndarray]:
    """The arrays of a value; ``name``: where it stands, with a dot at the end."""
    if isinstance(value, scipy.sparse.csr_matrix):
        inside: Iterable[tuple[Any, Any]] = [(part, getattr(value, part)) for part in _SPARSE]
    elif is_dataclass(value):
        inside = [(field.name, getattr(value, field.name)) for field in fields(value)]
    elif isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, tuple) and not isinstance(next(iter(value), None), _PLAIN):
        inside = enumerate(value)
    else:
        return {name[:-1]: np.asarray(value)}
    found: dict[str, np.ndarray] = {}
    for part, content in inside:
        found |= flattened(content, f"{name}{part}.")
    return found


def rebuilt(kind: Any, arrays: Mapping[str, np.ndarray], name: str = "") -> Any:
    """The value of type ``kind`` of which ``flattened`` made the arrays; ``KeyError`` if not."""
    if is_dataclass(kind):
        kinds = _kinds(kind)
        names = (field.name for field in fields(kind))
        return kind(*(rebuilt(kinds[f], arrays, f"{name}{f}.") for f in names))  # type: ignore[misc]
    if kind is np.ndarray:
        return arrays[name[:-1]]
    outer, inner = get_origin(kind), get_args(kind)
    if outer is dict or (outer is tuple and inner[0] not in _PLAIN):
        parts = dict.fromkeys(k[len(name) :].split(".")[0] for k in arrays if k.startswith(name))
        rows = {part: rebuilt(inner[outer is dict], arrays, f"{name}{part}.") for part in parts}
        return rows if outer is dict else tuple(rows.values())
    if outer is tuple:
        return tuple(arrays[name[:-1]].tolist())
    if kind in _PLAIN:
        return kind(arrays[name[:-1]].item())
    *parts, shape = (arrays[name + part] for part in _SPARSE)
    return kind(tuple(parts), shape=tuple(shape))
