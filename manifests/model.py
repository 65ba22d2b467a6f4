"""What requests, stored documents and identities are made of: frozen models, and fields that later
releases add to them.

Identities are digests of what models say in JSON (``manifests.identity``), defaults included. A
field added by ``since`` says nothing while it is at its default, so that data made before there
was such a field keeps its identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from operator import eq
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, to_jsonable_python


class Model(BaseModel):
    """A frozen part of a request; unknown keys and numbers that are not finite are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, field: ValidationInfo) -> Any:
        # YAML also reads `yes` and `on` as true, and pydantic would count it as one.
        assert field.field_name is not None
        kinds = set(_kinds_in(cls.model_fields[field.field_name].annotation))
        if kinds & {int, float} and bool not in kinds and _has_truth(value):
            raise PydanticCustomError("number_type", "must be a number")
        return value


def _kinds_in(annotation: Any) -> Iterator[Any]:
    """What a field may hold, itself or in a list, a tuple or a union."""
    inside = get_args(annotation)
    if not inside:
        yield annotation
    for kind in inside:
        yield from _kinds_in(kind)


def _has_truth(value: Any) -> bool:
    return isinstance(value, bool) or (
        isinstance(value, list | tuple) and any(isinstance(item, bool) for item in value)
    )


class Stored(BaseModel):
    """A frozen JSON document that is kept for years beside the data; fields that a newer version
    added are ignored by an older reader."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def since(release: str, default: Any, **more: Any) -> Any:
    """A field that ``release`` added to a model of which data is stored; use it like ``Field``.

    At its default it is part of no identity and of nothing that is stored. So the default has to
    mean what was done before the field existed, and may never change: if another value turns out
    to be better, the shipped recipes and presets ask for it.
    """
    return Field(
        default=default,
        exclude_if=partial(eq, default),
        json_schema_extra={"since": release},
        **more,
    )


def in_full(value: Any) -> Any:
    """``value`` in JSON's terms, every field of every model in it, whatever it is set to."""
    if isinstance(value, BaseModel):
        return {name: in_full(each) for name, each in value}
    if isinstance(value, Mapping):
        return {str(key): in_full(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [in_full(each) for each in value]
    return to_jsonable_python(value)
