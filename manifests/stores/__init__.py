"""Object stores behind one small interface: a local folder, or S3 at any endpoint."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from manifests.errors import StoreUnsuitable
from manifests.layout import check_key
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

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")


def open_store(uri: str | Path) -> Store:
    """The store at ``uri``: a folder's path, ``file:///folder`` or ``s3://bucket/prefix``.

    Nothing is read or written yet; ``probe`` says whether the store will do. S3 takes its
    endpoint and credentials from the environment or the platform, as every AWS tool does
    (``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID``, …), never from the URI. Where a farm keeps a list
    of its stores (``manifests.stores.named``), ``uri`` is a name of that list.
    """
    text, name, endpoint = str(uri), None, None
    if (allowed := allowed_stores()) is not None:
        entry = named_store(text, allowed)
        text, name, endpoint = entry.uri, text, entry.endpoint
    if "://" not in text:
        return LocalStore(Path(text).resolve(), name)
    parts = urlsplit(text)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise StoreUnsuitable("file://…: a file URI has three slashes: file:///absolute/folder")
        return LocalStore(Path(unquote(parts.path)), name)
    if parts.scheme == "s3":
        return _open_s3_uri(parts.netloc, parts.path, endpoint, name)
    raise StoreUnsuitable(
        f"{parts.scheme}://…: unknown kind of store; use a folder, file:///folder or "
        "s3://bucket/prefix"
    )


def _open_s3_uri(bucket: str, path: str, endpoint: str | None, name: str | None) -> Store:
    if "@" in bucket or ":" in bucket:
        raise StoreUnsuitable(
            "s3://…: a store's URI holds no credentials or ports; set AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL instead"
        )
    if not _BUCKET.match(bucket):
        raise StoreUnsuitable(f"s3://{bucket}: not a valid bucket name (3 to 63 of a-z 0-9 . -)")
    prefix = path.strip("/")
    if prefix:
        check_key(prefix)
    # Imported late: a local build never pays for loading the AWS client.
    from manifests.stores.s3 import S3Store

    return S3Store(bucket, prefix, endpoint=endpoint, name=name)
