"""Stores by name: the list that whoever runs a farm keeps, and from which everybody may choose.

``UNREALPERSON_STORES`` names a YAML file; where it is set, only what it lists can be opened, so
that a form field or a parameter cannot send data anywhere else. A store's name stands for the
same data on every host, whatever its address is there.

    lab:      {uri: s3://reid/factory, endpoint: https://s3.lab.example}
    scratch:  {uri: /mnt/scratch/reid}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel, StringConstraints, field_validator

from manifests.addresses import store_address
from manifests.environment import environment, variable
from manifests.errors import StoreUnsuitable
from manifests.model import Model
from manifests.settings import Form

STORES_VARIABLE = variable("stores")

StoreName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class NamedStore(Model):
    """One entry of the list. Credentials are never written here: they come from the platform."""

    uri: str = Field(description="Folder, file:///folder or s3://bucket/prefix.")
    endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^@?#\s]+$",
        description="S3 server, when not AWS itself.",
    )

    @field_validator("uri")
    @classmethod
    def _names_one_place(cls, uri: str) -> str:
        try:
            store_address(uri)
        except StoreUnsuitable as refused:
            raise ValueError(str(refused)) from None
        return uri


class StoreList(RootModel[dict[StoreName, NamedStore]]):
    """The whole file: name -> store."""


_LISTS = Form(
    StoreList,
    f"store list ({STORES_VARIABLE})",
    refusal=StoreUnsuitable,
    missing=StoreUnsuitable,
)


def allowed_stores() -> dict[str, NamedStore] | None:
    """The stores that may be used on this host by name; ``None`` where every store may.
    ``StoreUnsuitable`` if the list cannot be read or is not a list of stores."""
    path = environment().stores
    return _LISTS.read(path).root if path is not None else None


def named_store(name: str, allowed: dict[str, NamedStore]) -> NamedStore:
    """The entry called ``name``; ``StoreUnsuitable`` lists those there are."""
    if name not in allowed:
        names = ", ".join(sorted(allowed)) or "none at all"
        scheme, colon, _ = name.partition("://")  # what follows may hold somebody's credentials
        shown = f"{scheme}://…" if colon else name
        raise StoreUnsuitable(
            f"{shown!r} is not a store of this farm, which allows: {names}. Choose one by its "
            f"name, or have it added to the list that {STORES_VARIABLE} names"
        )
    return allowed[name]
