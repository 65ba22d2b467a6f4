"""What a server of S3 answers when it does not do what it was asked: whether that passes, and the
remedy, in the server's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from botocore import exceptions as raised
from botocore.parsers import ResponseParserError

from manifests.errors import CorruptData, FactoryError, NotFound, StoreUnavailable, StoreUnsuitable
from manifests.stores.base import CONDITION_MISSING

ANSWERED = (raised.ClientError, raised.BotoCoreError, ResponseParserError)
"""What the client library raises when a call of ours has failed."""

_PASSING = {
    *("BadDigest", "ConditionalRequestConflict", "InvalidDigest", "OperationAborted"),
    *("RequestLimitExceeded", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException"),
    "TooManyRequests",
}
_FOR_GOOD = {501, 505, 507, 508, 510, 511}
"""Statuses of the server's own failures that no patience mends."""

_EXPIRED = {
    *("ExpiredToken", "ExpiredTokenException", "InvalidToken", "RequestExpired"),
    *("TokenRefreshRequired", "XAmzSecurityTokenExpired"),
}
_KEYS = {"InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch"}
_FULL = {
    *("InsufficientCapacity", "InsufficientStorage", "NoSpaceLeft", "NotEnoughSpace"),
    *("StorageFull", "XMinioStorageFull"),
}
_REGION = {"IllegalLocationConstraintException", "PermanentRedirect", "TemporaryRedirect"}
_CONDITION = re.compile(r"if-none-match|condition", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?i)(signature|token)=\S+")
_CERTIFICATE = re.compile(r"(?i)certificate|hostname|wrong.version.number|unknown.protocol")
_MAX_WORDS = 300

# Whatever else the client library raises is a matter of settings and does not pass.
_PASSES = (
    raised.ChecksumError,
    raised.ConnectionError,
    raised.CredentialRetrievalError,
    raised.HTTPClientError,
    raised.IncompleteReadError,
    raised.MetadataRetrievalError,
)


@dataclass(frozen=True)
class Answer:
    """A refusal taken apart: HTTP status, the server's code and message, the header that it names,
    where it says the bucket is, where it sends requests."""

    status: int
    code: str
    words: str
    header: str
    region: str
    endpoint: str
    location: str

    @classmethod
    def of(cls, error: raised.ClientError) -> Answer:
        """What a server answered."""
        said: dict[str, Any] = error.response.get("Error", {})
        meta: dict[str, Any] = dict(error.response.get("ResponseMetadata", {}))
        headers = meta.get("HTTPHeaders", {})
        return cls(
            status=int(meta.get("HTTPStatusCode", 0)),
            code=str(said.get("Code", "")),
            words=" ".join(str(said.get("Message") or "").split()),
            header=str(said.get("Header", "")),
            region=str(said.get("Region") or headers.get("x-amz-bucket-region", "")),
            endpoint=str(said.get("Endpoint", "")),
            location=str(headers.get("location", "")),
        )

    def shown(self, secrets: Iterable[str]) -> str:
        """In the server's words, without the ``secrets`` that some servers repeat."""
        code = "" if self.code in ("", str(self.status)) else f" {self.code}"
        words = self.words
        for secret in sorted(secrets, key=len, reverse=True):
            words = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", words)
        words = _SIGNATURE.sub(r"\1=…", words)
        words = words if len(words) <= _MAX_WORDS else f"{words[:_MAX_WORDS]}…"
        return f"{self.status}{code}" + (f': "{words}"' if words else "")


def refuses_credentials(error: Exception) -> bool:
    """Whether other credentials might be taken: these have expired, or nobody knows them."""
    if isinstance(error, raised.ClientError):
        return Answer.of(error).code in _EXPIRED | _KEYS
    return isinstance(error, raised.NoCredentialsError)


def is_unexplained(error: Exception) -> bool:
    """Whether a server refused without a word, as it must when only headers are asked for."""
    if not isinstance(error, raised.ClientError):
        return False
    answer = Answer.of(error)
    return answer.status in (301, 307, 400, 403) and answer.code == str(answer.status)


def stop_at_redirects(
    response: tuple[Any, dict[str, Any]] | None, operation: Any, **_: Any
) -> None:
    """For the client library, which follows a bucket to its region: where no region is named, it
    would ask the same server again and again."""
    parsed = {} if response is None else response[1]
    error = raised.ClientError(parsed, operation.name)
    answer = Answer.of(error)
    if 300 <= answer.status < 400 and not answer.region:
        raise error


def named_error(
    name: str, bucket: str, error: Exception, *, conditional: bool, secrets: Iterable[str]
) -> FactoryError:
    """What the client library raised, as one of ours, with the remedy.

    ``name``: what was asked for. ``conditional``: it was a write under a condition.
    """
    if isinstance(error, raised.ClientError):
        return _refusal(name, bucket, Answer.of(error), conditional, secrets)
    said = f"{name}: {type(error).__name__}: {error}"
    if isinstance(error, ResponseParserError):
        return not_s3(name)
    if isinstance(error, raised.NoCredentialsError):
        return StoreUnsuitable(
            f"{name}: no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or use "
            "the platform's role"
        )
    if isinstance(error, raised.SSLError) and _CERTIFICATE.search(str(error)):
        return StoreUnsuitable(
            f"{said}; is it https there? If the server's certificate is your own authority's, "
            "name that in AWS_CA_BUNDLE"
        )
    if isinstance(error, _PASSES):
        return StoreUnavailable(said)
    return StoreUnsuitable(f"{said}; see AWS_PROFILE, `aws configure list` and `aws sso login`")


def not_s3(name: str) -> StoreUnsuitable:
    """Of an answer that no server of S3 gives."""
    return StoreUnsuitable(
        f"{name}: what answers there is no server of S3 but, it seems, a web page; see "
        "AWS_ENDPOINT_URL, and whether a proxy or the login of a network stands between"
    )


def _refusal(
    name: str, bucket: str, answer: Answer, conditional: bool, secrets: Iterable[str]
) -> FactoryError:
    status, code = answer.status, answer.code
    if code == "NoSuchBucket":
        return StoreUnsuitable(f"{name}: the bucket {bucket!r} does not exist; create it")
    if status == 404:
        return NotFound(f"{name}: no such object")
    if status == 416:
        return CorruptData(f"{name}: shorter than its manifest says")
    remedy = _remedy(answer, conditional)
    if remedy is None and (code in _PASSING or status in (408, 425, 429) or status >= 500):
        return StoreUnavailable(f"{name}: the server answered {answer.shown(secrets)}")
    return StoreUnsuitable(
        f"{name}: refused with {answer.shown(secrets)}; "
        + (remedy or "check the credentials' rights on this bucket")
    )


def _remedy(answer: Answer, conditional: bool) -> str | None:
    """What to do about a refusal that does not pass; ``None``: nothing is known."""
    status, code, words = answer.status, answer.code, answer.words
    about_condition = _CONDITION.search(f"{answer.header} {words}")
    if conditional and (status == 501 or (status in (400, 405) and about_condition)):
        return f"this store has no conditional writes (If-None-Match), {CONDITION_MISSING}"
    if code == "RequestTimeTooSkewed":
        return (
            "the clocks of this machine and the server differ too much; set this machine's clock "
            "(for example with `timedatectl set-ntp true`)"
        )
    if code in _EXPIRED:
        return (
            "the credentials have expired; renew them (`aws sso login`, a new AWS_SESSION_TOKEN or "
            "a new credentials file) and run the same command again: what was finished is kept"
        )
    if code in _KEYS:
        return (
            "the server does not know this key, or its secret is another; see AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_PROFILE, and whether AWS_ENDPOINT_URL is the right server"
        )
    if "quota" in code.lower():
        return "the bucket's or the user's quota is used up; have it raised, or `unrealperson gc`"
    if status == 507 or code in _FULL:
        return (
            "the store has no room left; free some (`unrealperson gc` removes what no snapshot "
            "needs) or have it enlarged, and run the same command again: what was finished is kept"
        )
    if code in _REGION or (answer.region and status in (301, 307, 400)):
        where = f"AWS_DEFAULT_REGION={answer.region}" if answer.region else "AWS_DEFAULT_REGION"
        at = f" (the server names the endpoint {answer.endpoint})" if answer.endpoint else ""
        return f"the bucket lies in another region; set {where}{at}"
    if 300 <= status < 400:
        scheme, _, rest = answer.location.partition("://")
        there = f"={scheme}://{rest.partition('/')[0]}" if rest else " to it"
        return (
            "requests are sent on to another address; if that is the server's own, set "
            f"AWS_ENDPOINT_URL{there}"
        )
    if "kms:" in words:
        return "the key that encrypts this bucket must let these credentials use it (KMS policy)"
    if code == "InvalidObjectState":
        return "the object lies in an archive; restore it from there first"
    if status in _FOR_GOOD:
        return "the server cannot do this at all; use another one"
    return None
