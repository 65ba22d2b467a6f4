"""S3 at any endpoint: AWS, Ceph radosgw and others that honour conditional writes."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies

import botocore.session
import pyarrow as pa
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import create_loader

from manifests.errors import FactoryError, NotFound, StoreUnavailable, StoreUnsuitable
from manifests.layout import check_key
from manifests.loopback import is_loopback
from manifests.stores.base import Leftover, ObjectInfo, Store
from manifests.stores.ranges import RangeFile
from manifests.stores.retry import Patience
from manifests.stores.s3_answers import (
    ANSWERED,
    is_unexplained,
    named_error,
    not_s3,
    refuses_credentials,
    stop_at_redirects,
)

T = TypeVar("T")

PART_BYTES = 32 << 20
"""Size of the parts of a multipart upload; smaller objects go up in one request."""

_PART_THREADS = 4
_CONDITION = {"IfNoneMatch": "*"}
_SERVICE_MODELS = create_loader()  # parsed once; every session would parse a megabyte of JSON


class S3Store(Store):
    """Objects under ``s3://bucket/prefix``; ``name``: what a farm calls it.

    Retries are ours rather than the client library's, because only we know that a conditional
    write whose reply was lost may have won: then the object is read back and compared.
    Uploads carry an MD5 that the server checks; readers check SHA-256 from the manifests.
    """

    remote = True

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint: str | None = None,
        name: str | None = None,
        patience: Patience | None = None,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint, self._name = endpoint, name
        self._patience = patience or Patience.of_environment()
        self._timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._renewing = threading.Lock()
        self._held, self._client = self._connect()

    @property
    def uri(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    @property
    def address(self) -> str:
        return self._name or self.uri

    def __reduce__(self) -> tuple[Callable[..., S3Store], tuple[str, str]]:
        # Credentials and connections stay here: whoever unpickles it uses their own.
        again = partial(S3Store, endpoint=self._endpoint, name=self._name)
        return again, (self._bucket, self._prefix.rstrip("/"))

    def get(self, key: str) -> bytes:
        return self._call(key, lambda: self._read(key, {}))

    def get_range(self, key: str, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        wanted = {"Range": f"bytes={start}-{start + length - 1}"}
        return self._call(key, lambda: self._read(key, wanted))

    def put(self, key: str, data: bytes) -> None:
        self._call(key, lambda: self._write(key, data))

    def put_if_absent(self, key: str, data: bytes) -> bool:
        lost_a_reply = False

        def attempt() -> bool:
            nonlocal lost_a_reply
            try:
                self._write(key, data, **_CONDITION)
            except ClientError as error:
                if _status(error) == 412:
                    return lost_a_reply and self._holds(key, data)
                lost_a_reply |= _status(error) >= 500
                raise
            except BotoCoreError:
                lost_a_reply = True
                raise
            return True

        try:
            return self._call(key, attempt, conditional=True)
        except StoreUnavailable:
            if self._holds(key, data):
                return True
            raise

    def put_file(self, key: str, path: Path) -> None:
        if path.stat().st_size <= PART_BYTES:
            self.put(key, path.read_bytes())
            return
        target = self._target(key)
        upload = self._call(key, lambda: self._client.create_multipart_upload(**target))
        target["UploadId"] = upload["UploadId"]
        try:
            parts = self._upload_parts(key, path, target)
            self._complete(key, target, parts, path.stat().st_size)
        except BaseException:
            with suppress(FactoryError):
                self._call(key, lambda: self._client.abort_multipart_upload(**target))
            raise

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        marks = {"ContinuationToken": "NextContinuationToken"}
        for page in self._pages(prefix, "list_objects_v2", marks):
            for item in page.get("Contents", []):
                key = item["Key"].removeprefix(self._prefix)
                yield ObjectInfo(key, item["Size"], item["LastModified"].timestamp())

    def leftovers(self, prefix: str) -> Iterator[Leftover]:
        marks = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}
        for page in self._pages(prefix, "list_multipart_uploads", marks):
            for item in page.get("Uploads", []):
                key = item["Key"].removeprefix(self._prefix)
                yield Leftover(key, item["UploadId"], item["Initiated"].timestamp())

    def discard(self, leftover: Leftover) -> None:
        target = self._target(leftover.key)
        with suppress(NotFound):
            self._call(
                leftover.key,
                lambda: self._client.abort_multipart_upload(**target, UploadId=leftover.token),
            )

    def size(self, key: str) -> int:
        target = self._target(key)
        return self._call(key, lambda: self._head(key, target)["ContentLength"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        target = self._target(key)
        self._call(key, lambda: self._client.delete_object(**target))

    def open_input(self, key: str) -> pa.NativeFile:
        file = RangeFile(self.size(key), lambda start, length: self.get_range(key, start, length))
        return pa.PythonFile(file, mode="r")

    def _pages(self, prefix: str, ask: str, marks: dict[str, str]) -> Iterator[dict[str, Any]]:
        """All answers about keys under ``prefix``; ``ask``: the client's method; ``marks``:
        parameters that ask for the next one, and where each answer says their values."""
        page: dict[str, Any] = {"IsTruncated": True}
        where = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        while page["IsTruncated"]:
            page = self._call(prefix, lambda: getattr(self._client, ask)(**where))  # noqa: B023 (called at once)
            if "IsTruncated" not in page:
                raise not_s3(f"{self.uri}/{prefix}")
            yield page
            where |= {ours: page.get(theirs, "") for ours, theirs in marks.items()}

    def _target(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": self._prefix + check_key(key)}

    def _read(self, key: str, wanted: dict[str, str]) -> bytes:
        response = self._client.get_object(**self._target(key), **wanted)
        self._expect_s3(key, response)
        data = response["Body"].read()
        if len(data) != response["ContentLength"]:
            raise StoreUnavailable(f"{self.uri}/{key}: the answer ended early")
        return data

    def _write(self, key: str, data: bytes, **condition: str) -> None:
        target = self._target(key) | condition
        self._expect_s3(key, self._client.put_object(**target, Body=data, ContentMD5=_md5(data)))

    def _head(self, key: str, target: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._client.head_object(**target)
        except ClientError as error:
            if is_unexplained(error):
                # An answer to HEAD has no words: the same with GET says what is wrong.
                self._client.get_object(**target, Range="bytes=0-0")
            raise
        self._expect_s3(key, response)
        return response

    def _expect_s3(self, key: str, response: dict[str, Any]) -> None:
        """Some networks answer every request with a page of their own, as if all were well."""
        kind = response["ResponseMetadata"].get("HTTPHeaders", {}).get("content-type", "")
        if "ETag" not in response and kind.lower().startswith("text/html"):
            raise not_s3(f"{self.uri}/{key}")

    def _upload_parts(self, key: str, path: Path, target: dict[str, Any]) -> list[dict[str, Any]]:
        def upload(number: int) -> dict[str, Any]:
            with path.open("rb") as file:
                file.seek((number - 1) * PART_BYTES)
                data = file.read(PART_BYTES)
            reply = self._call(
                key,
                lambda: self._client.upload_part(
                    **target, PartNumber=number, Body=data, ContentMD5=_md5(data)
                ),
            )
            return {"ETag": reply["ETag"], "PartNumber": number}

        count = -(-path.stat().st_size // PART_BYTES)
        with ThreadPoolExecutor(_PART_THREADS) as pool:
            return list(pool.map(upload, range(1, count + 1)))

    def _complete(
        self, key: str, target: dict[str, Any], parts: list[dict[str, Any]], size: int
    ) -> None:
        try:
            self._call(
                key,
                lambda: self._client.complete_multipart_upload(
                    **target, MultipartUpload={"Parts": parts}
                ),
            )
        except NotFound:
            # The upload is gone: an earlier try completed it and its reply was lost.
            if self.size(key) != size:
                raise

    def _holds(self, key: str, data: bytes) -> bool:
        try:
            return self.get(key) == data
        except NotFound:
            return False

    def _call(self, key: str, operation: Callable[[], T], *, conditional: bool = False) -> T:
        def renewing() -> T:
            client = self._client
            try:
                return operation()
            except ANSWERED as error:
                if not (refuses_credentials(error) and self._renewed(client)):
                    raise
            return operation()

        def named() -> T:
            try:
                return renewing()
            except ANSWERED as error:
                raise named_error(
                    f"{self.uri}/{key}",
                    self._bucket,
                    error,
                    conditional=conditional,
                    secrets=_secrets(self._held),
                ) from error

        return self._patience.run(named)

    def _renewed(self, refused: Any) -> bool:
        """Whether there are other credentials by now than those of a client that was refused."""
        with self._renewing:
            if self._client is refused:
                held, client = self._connect()
                if _secrets(held) == _secrets(self._held):
                    return False
                self._held, self._client = held, client
            return True

    def _connect(self) -> tuple[Any, Any]:
        """The credentials of this moment, and a client that has them."""
        try:
            session = _session()
            held = session.get_credentials()
            client = self._client_of(session)
            if is_loopback(client.meta.endpoint_url) and getproxies():
                client = self._client_of(session, proxies={})
        except (BotoCoreError, ValueError) as error:
            words = type(error).__name__ if "@" in str(error) else error
            raise StoreUnsuitable(
                f"{self.uri}: the settings of S3 are wrong ({words}); see "
                "AWS_ENDPOINT_URL, AWS_DEFAULT_REGION, AWS_PROFILE and `aws configure list`"
            ) from None
        endpoint = urlsplit(client.meta.endpoint_url)
        if "@" in endpoint.netloc:
            raise StoreUnsuitable(
                f"{self.uri}: the endpoint of S3 is given with a user and password in its URL, "
                "which every message about it would show; set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY and leave them out of AWS_ENDPOINT_URL"
            )
        if endpoint.query or endpoint.fragment:
            raise StoreUnsuitable(
                f"{self.uri}: the endpoint of S3 has a query or a fragment; set AWS_ENDPOINT_URL="
                f"{endpoint.scheme}://{endpoint.netloc}"
            )
        return held, client

    def _client_of(self, session: Session, **more: Any) -> Any:
        client = session.client(
            "s3",
            endpoint_url=self._endpoint,
            config=Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                max_pool_connections=32,
                retries={"total_max_attempts": 1},
                # Other servers than AWS reject the trailing checksums of newer clients.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                **self._timeouts,
                **more,
            ),
            region_name=session.region_name or "us-east-1",
        )
        client.meta.events.register_first("needs-retry.s3", stop_at_redirects)
        return client


def _session() -> Session:
    """A session of its own for every store, so that each takes the credentials of its time."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _SERVICE_MODELS)
    return Session(botocore_session=core)


def _secrets(held: Any) -> frozenset[str]:
    """Key, secret and token; none if they cannot be had just now."""
    try:
        return frozenset(filter(None, held.get_frozen_credentials() if held else ()))
    except (BotoCoreError, ClientError):
        return frozenset()


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
