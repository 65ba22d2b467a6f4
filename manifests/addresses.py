"""Places as people type them: a folder of this machine, or a bucket of S3; each names one place.

What could mean two places, or another one than it says, is refused with what was probably meant.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, unquote_to_bytes

from pydantic import BeforeValidator

from manifests.errors import BadRecipe, StoreUnsuitable
from manifests.layout import is_key

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):(?=[/\\])|(s3|file):", re.IGNORECASE)
"""Of ``name:/…``; a folder may be called ``a:b``, but not so by accident."""

_BUCKET = re.compile(r"(?!.*\.\.)(?![0-9.]+\Z)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AWS = re.compile(
    r"(?:(?P<virtual>[a-z0-9.-]+)\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?\Z"
)
_CONSOLE = re.compile(r"(?:[a-z0-9-]+\.)?console\.aws\.amazon\.com(?:\.cn)?\Z")
_LIKE_S3 = {"s3a", "s3n", "minio", "ceph"}
_KINDS = "a store is a folder, file:///folder or s3://bucket/prefix"


@dataclass(frozen=True)
class BucketAddress:
    """``s3://bucket/prefix``; the prefix may be empty and ends without a slash."""

    bucket: str
    prefix: str


def store_address(text: str) -> Path | BucketAddress:
    """Where a store lies: an absolute folder, or a bucket and a prefix.

    ``~`` is the home folder. Raises ``StoreUnsuitable``, and never shows what may be credentials.
    """
    if not text.strip() or "\0" in text:
        raise StoreUnsuitable(f"a store without a name: {_KINDS}")
    found = _SCHEME.match(text)
    if found is None:
        return _folder(text)
    scheme, rest = (found[1] or found[2]).lower(), text[found.end() :].rstrip()
    if text != text.strip() or _CONTROL.search(text):
        raise StoreUnsuitable(
            f"{scheme}:…: there are blanks or line ends around or in this URI; leave them out"
        )
    if len(scheme) == 1:
        raise StoreUnsuitable(
            f"{text}: a drive of Windows; here it is a folder such as /mnt/{scheme}/…"
        )
    if not rest.startswith("//"):
        raise StoreUnsuitable(_one_slash(scheme, rest.replace("\\", "/").lstrip("/")))
    if scheme == "file":
        return _file_uri(rest[2:])
    if scheme == "s3":
        return _s3_uri(rest[2:])
    raise StoreUnsuitable(
        f"{scheme}://…: unknown kind of store; {_KINDS}{_probably(scheme, rest[2:])}"
    )


def local_path(place: str | os.PathLike[str]) -> Path:
    """A file or folder of this machine, as typed: a path, ``~`` or ``file:///…``.

    ``BadRecipe`` for anything that names a place elsewhere, such as ``s3://bucket``.
    """
    text = os.fspath(place)
    # What has been a `Path` before has lost one of its two slashes.
    found = _SCHEME.match(text)
    if found is None:
        try:
            return Path(text).expanduser()
        except RuntimeError as error:
            raise BadRecipe(f"{text}: nobody of that name has a home folder here") from error
    scheme = (found[1] or found[2]).lower()
    if scheme == "file":
        try:
            address = store_address(text)
        except StoreUnsuitable as refused:
            raise BadRecipe(str(refused)) from None
        assert isinstance(address, Path)
        return address
    raise BadRecipe(
        f"{scheme}:…: a file or folder of this machine is needed here, and this names another "
        f"place; only --store takes s3://bucket/prefix (a folder really called so: ./{scheme}:…)"
    )


def as_local(value: Any) -> Any:
    """``local_path`` of text, for fields; ``ValueError`` where it refuses."""
    try:
        return local_path(value) if isinstance(value, str | os.PathLike) else value
    except BadRecipe as refused:
        raise ValueError(str(refused)) from None


LocalPath = Annotated[Path, BeforeValidator(as_local)]
"""A file or folder of this machine as a field of a file, a form or the environment."""


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreUnsuitable(f"{text}: not a folder ({error})") from None


def _one_slash(scheme: str, rest: str) -> str:
    if scheme == "file":
        meant = f"file:///{_shown(rest)}"
    elif scheme == "s3" or scheme in _LIKE_S3:
        meant = f"s3://{_shown(rest)}"
    else:
        return f"{scheme}:…: {_KINDS}; for a folder really called so write ./{scheme}:…"
    return (
        f"{scheme}:/…: a URI of this kind has more slashes; you probably mean {meant} (for a "
        f"folder really called so write ./{scheme}:…)"
    )


def _file_uri(rest: str) -> Path:
    host, slash, path = rest.partition("/")
    if not slash or host not in ("", "localhost"):
        raise StoreUnsuitable(
            f"file://…: a file URI has three slashes; you probably mean file:///{_shown(rest)}"
        )
    for sign in "?#":
        if sign in path:
            raise StoreUnsuitable(
                f"file:///{path}: in a URI {sign!r} ends the folder's name; for a folder "
                f"that has it in its name write /{path} or file:///{quote(path, safe='/%:=+@,')}"
            )
    try:
        plain = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        plain = "\0"
    if _PERCENT.search(path) or re.search("%2f", path, re.IGNORECASE) or "\0" in plain:
        raise StoreUnsuitable(
            f"file:///{path}: '%' and two digits stand for one byte of a name in UTF-8, and here "
            "they do not; write the plain path, which needs none of this"
        )
    return _folder(f"/{plain}")


def _s3_uri(rest: str) -> BucketAddress:
    bucket, _, prefix = rest.partition("/")
    if bucket.startswith("arn:"):
        raise StoreUnsuitable(
            "s3://arn:…: access points are not known here; name the bucket: s3://bucket/prefix"
        )
    if "@" in bucket or ":" in bucket:
        host = re.fullmatch(r"([A-Za-z0-9.-]+:[0-9]{1,5})", bucket)
        meant = f"; perhaps AWS_ENDPOINT_URL=http://{bucket} and s3://{prefix}" if host else ""
        raise StoreUnsuitable(
            "s3://…: a store's URI holds no credentials or ports; set AWS_ACCESS_KEY_ID, "
            f"AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL instead{meant if '@' not in rest else ''}"
        )
    for sign in "?#":
        before = rest.partition(sign)[0]
        if before != rest:
            raise StoreUnsuitable(
                f"s3://{_shown(before)}{sign}…: a store's URI has no query and no fragment, and "
                f"no object of ours has {sign!r} in its name; do you mean s3://{_shown(before)}?"
            )
    if not _BUCKET.match(bucket):
        meant = prefix.lstrip("/") if not bucket else bucket.lower()
        raise StoreUnsuitable(
            f"s3://{bucket}: not a valid bucket name (3 to 63 of a-z 0-9 . -)"
            + (f"; do you mean s3://{meant}?" if _BUCKET.match(meant.partition("/")[0]) else "")
        )
    prefix = prefix.removesuffix("/")
    if prefix and not is_key(prefix):
        parts = [part for part in prefix.split("/") if part]
        wrong = next((part for part in parts if not is_key(part)), None)
        raise StoreUnsuitable(
            f"s3://{bucket}/{prefix}: "
            + (
                f"{wrong!r} cannot be part of a store's prefix: letters without accents, digits "
                "and _ = + - . are allowed, and no '.' in front"
                if wrong is not None
                else f"an empty name between slashes; do you mean s3://{bucket}/{'/'.join(parts)}?"
                if len(parts) < len(prefix.split("/"))
                else "too long for a prefix"
            )
        )
    return BucketAddress(bucket, prefix)


def _probably(scheme: str, rest: str) -> str:
    """What somebody means who names a scheme that we do not know."""
    if "@" in rest:
        return ""
    rest, _, query = rest.partition("#")[0].partition("?")
    if scheme in _LIKE_S3:
        return f"; you probably mean s3://{rest}"
    if scheme in ("http", "https"):
        host, _, path = rest.partition("/")
        if found := _AWS.match(host):
            inside = f"{found['virtual']}/{path}" if found["virtual"] else path
            return f"; you probably mean s3://{inside.rstrip('/')}"
        if _CONSOLE.match(host):
            bucket, told = path.rstrip("/").rpartition("/")[2], parse_qs(query).get("prefix", [""])
            return f"; you probably mean s3://{f'{bucket}/{told[0]}'.rstrip('/')}"
        return f"; for a server of S3 set AWS_ENDPOINT_URL={scheme}://{host} and name s3://" + (
            path.rstrip("/") or "bucket"
        )
    return ""


def _shown(rest: str) -> str:
    """Not what may be somebody's key."""
    return "…" if "@" in rest else re.split(r"[?#]", rest, maxsplit=1)[0]
