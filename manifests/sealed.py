"""Documents that are kept for years beside the data and say their own digest."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, ValidationError

from manifests.errors import CorruptData
from manifests.identity import sha256_hex
from manifests.model import Stored

_SEAL = re.compile(rb'\{"self_digest":"([0-9a-f]{64})"')
_ZEROS = "0" * 64
_MARK = b"<!-- sha256 "


def sealed_text(text: str) -> bytes:
    """HTML that says its own SHA-256 in a comment at its end."""
    body = text.encode()
    return body + _MARK + f"{sha256_hex(body)} -->\n".encode()


def text_is_whole(data: bytes, sealed: bool) -> bool:
    """Whether HTML is what its seal says.

    Without ``sealed`` it may have none, as what was written before 0.2; it must end all the same.
    """
    body, mark, seal = data.rpartition(_MARK)
    if mark:
        return seal == f"{sha256_hex(body)} -->\n".encode()
    return not sealed and data.rstrip().endswith(b"</html>")


def is_sealed(data: bytes) -> bool:
    """Whether ``data`` is a sealed document, of whatever kind, and whole."""
    try:
        return bool(Sealed.unseal(data).self_digest)
    except (CorruptData, ValidationError):
        return False


class Sealed(Stored):
    """A document that says its own digest, so that a change of any byte is seen when it is read.

    ``self_digest``, its first key, is the SHA-256 of the stored bytes with zeros in its place;
    documents of version 0.1 have none.
    """

    self_digest: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    def seal(self) -> tuple[Self, bytes]:
        """The same document with its digest, and the bytes to be stored."""
        unsealed = self.model_copy(update={"self_digest": _ZEROS}).model_dump_json().encode()
        digest = sha256_hex(unsealed)
        sealed = unsealed.replace(_ZEROS.encode(), digest.encode(), 1)
        return self.model_copy(update={"self_digest": digest}), sealed

    @classmethod
    def unseal(cls, data: bytes) -> Self:
        """The document in ``data``.

        Raises ``CorruptData`` if it is sealed and the seal is broken, pydantic's
        ``ValidationError`` for anything else that is no such document.
        """
        found = _SEAL.match(data)
        if found:
            start, end = found.span(1)
            digest = sha256_hex(data[:start] + _ZEROS.encode() + data[end:])
            if digest.encode() != found[1]:
                raise CorruptData("damaged or edited by hand (its SHA-256 is not the one it says)")
        document = cls.model_validate_json(data)
        if document.self_digest and not found:
            raise CorruptData("edited by hand (its self_digest does not come first)")
        return document
