"""What servers of S3 say when they refuse, each with its remedy; and whether it passes."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manifests.errors import NotFound, StoreUnavailable, StoreUnsuitable
from manifests.stores.retry import Patience
from manifests.stores.s3 import S3Store
from tests.servers.answering_s3 import AnsweringS3, Reply, Request, answering_s3

HASTY = Patience(attempts=3, first_pause=0.001, longest_pause=0.001)


@pytest.fixture(scope="module")
def running() -> Iterator[AnsweringS3]:
    with answering_s3() as server:
        yield server


@pytest.fixture
def server(
    running: AnsweringS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AnsweringS3]:
    """An empty one, with the credentials of ``tmp_path / "credentials"``."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    hold(tmp_path, "first")
    running.objects.clear()
    running.requests.clear()
    yield running
    running.answer = lambda request: None


@pytest.fixture
def store(server: AnsweringS3) -> S3Store:
    return S3Store("bucket", "sets", endpoint=server.url, patience=HASTY)


def hold(folder: Path, key: str) -> None:
    (folder / "credentials").write_text(
        f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s\naws_session_token = t\n"
    )


def always(reply: Reply) -> Callable[[Request], Reply]:
    return lambda _: reply


def writes(reply: Reply) -> Callable[[Request], Reply | None]:
    return lambda request: reply if request.method == "PUT" else None


def conditional(reply: Reply) -> Callable[[Request], Reply | None]:
    return lambda request: reply if "if-none-match" in request.headers else None


REFUSALS = [
    (conditional(Reply(501, "NotImplemented", "A header is not implemented")),
     "501 NotImplemented: \"A header is not implemented\"; .*has no conditional writes"),
    (conditional(Reply(400, "InvalidArgument", "Bad header", "<Header>If-None-Match</Header>")),
     "400 InvalidArgument: \"Bad header\"; .*has no conditional writes"),
    (conditional(Reply(405, "MethodNotAllowed", "No conditional requests here")),
     "has no conditional writes"),
    (writes(Reply(507, "XMinioStorageFull", "Minimum free drive threshold reached")),
     "507 XMinioStorageFull: \"Minimum free drive threshold reached\"; .*no room left"),
    (writes(Reply(403, "QuotaExceeded", "Quota of the bucket")),
     "Quota of the bucket.*quota is used up"),
    (writes(Reply(403, "AccessDenied", "not authorized to perform: kms:GenerateDataKey")),
     "kms:GenerateDataKey.*the key that encrypts"),
    (writes(Reply(403, "AccessDenied", "Access Denied")),
     "AccessDenied: \"Access Denied\"; check.*rights"),
    (always(Reply(301, "PermanentRedirect", "Go there", "<Endpoint>b.s3.eu</Endpoint>",
                  headers={"x-amz-bucket-region": "eu-north-1"})),
     r"Go there.*AWS_DEFAULT_REGION=eu-north-1 \(the server names the endpoint b\.s3\.eu\)"),
    (always(Reply(400, "AuthorizationHeaderMalformed", "the region is wrong",
                  "<Region>eu-north-1</Region>")), "AWS_DEFAULT_REGION=eu-north-1$"),
    (always(Reply(301, headers={"location": "https://s3.lab/bucket/x"})),
     "set AWS_ENDPOINT_URL=https://s3.lab$"),
    (always(Reply(400, "ExpiredToken", "The token has expired")),
     "The token has expired.*expired; renew them.* run the same command again"),
    (always(Reply(403, "InvalidAccessKeyId", "No such key")), "does not know this key"),
    (always(Reply(403, "SignatureDoesNotMatch", "Not your secret")), "or its secret is another"),
    (always(Reply(403, "RequestTimeTooSkewed", "Too different")),
     "Too different.*set this machine's clock"),
    (always(Reply(200, text="<html>Please log in</html>", headers={"Content-Type": "text/html"})),
     "no server of S3 but"),
    (always(Reply(511, text="log in", headers={"Content-Type": "text/html"})), "511"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "words"), REFUSALS, ids=[words[:40] for _, words in REFUSALS])
def test_what_does_not_pass_is_said_at_once_with_its_remedy(
    store: S3Store, server: AnsweringS3, answer: Callable[[Request], Reply | None], words: str
) -> None:
    server.answer = answer
    with pytest.raises(StoreUnsuitable, match=words):
        store.probe()

    puts = [request for request in server.requests if request.method == "PUT"]
    assert len(puts) in (1, 2)  # the client library itself asks a second region
    assert server.objects == {}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, "SlowDown", "Reduce your request rate"),
        Reply(500, "InternalError", "We are sorry"),
        Reply(502, text="<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
        Reply(429, "TooManyRequests", "Wait"),
        Reply(400, "RequestTimeout", "Idle for too long"),
    ],
)
def test_what_passes_is_tried_again(store: S3Store, server: AnsweringS3, reply: Reply) -> None:
    waiting = [reply] * (HASTY.attempts - 1)
    server.answer = lambda _: waiting.pop() if waiting else None
    store.put("set/a", b"a")
    assert server.objects == {"/bucket/sets/set/a": b"a"}

    server.answer = always(reply)
    with pytest.raises(StoreUnavailable, match=f"the server answered {reply.status}") as error:
        store.get("set/a")
    assert reply.message in str(error.value)


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8"])
def test_the_page_of_a_network_is_no_answer_to_anything(
    store: S3Store, server: AnsweringS3, kind: str
) -> None:
    server.answer = always(Reply(200, text="<html>log in</html>", headers={"Content-Type": kind}))
    for ask in (
        lambda: store.get("a"),
        lambda: store.put("a", b"a"),
        lambda: store.put_if_absent("a", b"a"),
        lambda: store.exists("a"),
        lambda: list(store.list("set/")),
        lambda: list(store.leftovers("set/")),
    ):
        with pytest.raises(StoreUnsuitable, match="no server of S3 but"):
            ask()


def test_the_first_refusal_is_the_one_that_is_said(store: S3Store, server: AnsweringS3) -> None:
    server.answer = lambda request: Reply(
        *((507, "StorageFull", "Full") if request.method == "PUT" else (403, "AccessDenied", "No"))
    )
    with pytest.raises(StoreUnsuitable, match="Full"):
        store.probe()


def test_an_answer_without_a_body_is_asked_for_again_in_words(
    store: S3Store, server: AnsweringS3
) -> None:
    server.answer = always(Reply(403, "AccessDenied", "Ask Mary for the right to read"))
    with pytest.raises(StoreUnsuitable, match="Ask Mary for the right to read"):
        store.exists("set/a")

    server.answer = lambda _: None
    with pytest.raises(NotFound):
        store.size("set/a")


def test_an_open_store_takes_renewed_credentials(
    store: S3Store, server: AnsweringS3, tmp_path: Path
) -> None:
    store.put("set/a", b"a")
    server.answer = lambda request: (
        Reply(400, "ExpiredToken", "The token has expired")
        if "Credential=first/" in request.headers["authorization"]
        else None
    )
    with pytest.raises(StoreUnsuitable, match="renew them"):
        store.get("set/a")
    hold(tmp_path, "second")

    assert store.get("set/a") == b"a"
    assert store.put_if_absent("set/b", b"b")
    assert list(store.list("set/")) == []
    assert pickle.loads(pickle.dumps(store)).get("set/b") == b"b"


def test_a_server_that_repeats_what_it_was_shown_is_not_quoted_in_full(
    store: S3Store, server: AnsweringS3
) -> None:
    server.answer = lambda request: Reply(
        403, "AccessDenied", f"You sent {request.headers['authorization']} with t"
    )
    with pytest.raises(StoreUnsuitable, match="You sent") as refused:
        store.get("set/a")
    said = str(refused.value)
    assert "Credential=…/" in said
    assert "Signature=…" in said
    assert "first" not in said
    assert 'with …"; check' in said


@pytest.mark.parametrize("where", ["credentials", "config", "program"])
def test_a_profile_says_who_asks_where_and_of_which_region(
    server: AnsweringS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    keys = "aws_access_key_id = ofthelab\naws_secret_access_key = s\n"
    if where == "program":
        told = {"Version": 1, "AccessKeyId": "ofthelab", "SecretAccessKey": "s"}
        (tmp_path / "told.json").write_text(json.dumps(told))
        keys = f"credential_process = cat {tmp_path / 'told.json'}\n"
    in_config = "" if where == "credentials" else keys
    (tmp_path / "config").write_text(
        f'[profile "the lab"]\nregion = eu-north-1\nendpoint_url = {server.url}\n{in_config}'
    )
    if where == "credentials":
        (tmp_path / "credentials").write_text(f"[the lab]\n{keys}")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "the lab")

    S3Store("bucket", patience=HASTY).put("a", b"1")
    (request,) = server.requests
    assert "Credential=ofthelab/" in request.headers["authorization"]
    assert "/eu-north-1/s3/" in request.headers["authorization"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("AWS_ENDPOINT_URL", "localhost:9000", "Invalid endpoint: localhost:9000"),
        ("AWS_ENDPOINT_URL", "http://localhost/?bucket=b", "AWS_ENDPOINT_URL=http://localhost$"),
        ("AWS_PROFILE", "nobody", r"profile \(nobody\) could not be found"),
        ("AWS_DEFAULT_REGION", "over there", "over there"),
        ("AWS_ACCESS_KEY_ID", "half", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_settings_that_cannot_be_are_said_before_any_request(
    server: AnsweringS3, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StoreUnsuitable, match=words):
        S3Store("bucket")
    assert server.requests == []


def test_a_server_on_this_machine_is_reached_without_a_proxy(
    server: AnsweringS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    S3Store("bucket", endpoint=server.url, patience=HASTY).probe()


def test_a_certificate_that_is_not_trusted_does_not_pass(server: AnsweringS3) -> None:
    plain = server.url.replace("http:", "https:")
    with pytest.raises(StoreUnsuitable, match="is it https there"):
        S3Store("bucket", endpoint=plain, patience=HASTY).get("a")
