"""Object stores behind one small interface: a local folder, or S3 at any endpoint."""

from __future__ import annotations

from pathlib import Path

from manifests.addresses import store_address
from manifests.stores.base import Leftover, ObjectInfo, Store
from manifests.stores.local import LocalStore
from manifests.stores.named import allowed_stores, named_store

__all__ = [
    "Leftover",
    "LocalStore",
    "ObjectInfo",
    "Store",
    "allowed_stores",
    "open_store",
]


def open_store(uri: str | Path) -> Store:
    """The store at ``uri``: a folder's path, ``file:///folder`` or ``s3://bucket/prefix``.

    Nothing is read or written yet; ``probe`` says whether the store will do. S3 takes its
    endpoint and credentials from the environment or the platform, as every AWS tool does
    (``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, …), never from the URI. Where a farm keeps a list
    of its stores (``manifests.stores.named``), ``uri`` is a name of that list. Raises
    ``StoreUnsuitable`` for what names no place, or could name two.
    """
    text, name, endpoint = str(uri), None, None
    if (allowed := allowed_stores()) is not None:
        entry = named_store(text, allowed)
        text, name, endpoint = entry.uri, text, entry.endpoint
    address = store_address(text)
    if isinstance(address, Path):
        return LocalStore(address, name)
    # Imported late: a local build never pays for loading the AWS client.
    from manifests.stores.s3 import S3Store

    return S3Store(address.bucket, address.prefix, endpoint=endpoint, name=name)
