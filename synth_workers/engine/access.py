"""Who may command the engine and what: a shared token and a list of forbidden commands.

Release 1.1.0 of UnrealCV introduced such controls; how they look on its wire is not documented,
so the command below is this engine's own.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from pathlib import Path

from manifests.errors import BadRecipe

AUTHENTICATE = "vset /unrealcv/auth "
_SHORTEST = 16


class Access:
    """Stands before the dispatcher of one server."""

    def __init__(self, token: str | None = None, denied: Sequence[str] = ()) -> None:
        """``token``: what a client has to present; ``denied``: beginnings of commands."""
        self._token = token
        self._denied = tuple(denied)
        self._known = token is None

    def forget(self) -> None:
        """A client has come or gone: the next one has to present the token itself."""
        self._known = self._token is None

    def guard(self, execute: Callable[[str], str | bytes]) -> Callable[[str], str | bytes]:
        """``execute`` behind this access control."""
        if self._token is None and not self._denied:
            return execute

        def guarded(command: str) -> str | bytes:
            if self._token is not None and command.startswith(AUTHENTICATE):
                given = command.removeprefix(AUTHENTICATE).strip()
                self._known = hmac.compare_digest(given.encode(), self._token.encode())
                return "ok" if self._known else "error Wrong token"
            if not self._known:
                return f"error Not authenticated, send '{AUTHENTICATE}TOKEN' first"
            if any(beginning in command for beginning in self._denied):
                return "error Command is not allowed by this server's policy"
            return execute(command)

        return guarded


def read_token(path: Path) -> str:
    """The token in a file; ``BadRecipe`` if it is unreadable, short or has blanks."""
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadRecipe(f"--token-file {path} cannot be read: {error}") from error
    if len(token) < _SHORTEST or not token.isascii() or any(c.isspace() for c in token):
        raise BadRecipe(
            f"--token-file {path} must hold at least {_SHORTEST} ASCII characters without blanks"
        )
    return token
