"""The token that some engines want to see before they take commands.

It comes from the environment and goes to the engine, nowhere else: no message, log or manifest
ever holds it. Engines that want none are never shown one.
"""

from __future__ import annotations

from pathlib import Path

from manifests.environment import environment, variable
from manifests.errors import MissingRequirement

TOKEN_VARIABLE = variable("engine_token")
TOKEN_FILE_VARIABLE = variable("engine_token_file")

AUTHENTICATE = b"vset /unrealcv/auth "
REFUSAL = "error Not authenticated"
"""How a server answers everything until it has seen the token."""


def token_file() -> Path | None:
    """The file that holds the token, if the environment names one."""
    return environment().engine_token_file


def engine_token() -> str:
    """The token to present; ``MissingRequirement`` if there is none or it cannot be one."""
    path, given = token_file(), environment().engine_token
    token = given.get_secret_value() if given is not None else ""
    source = TOKEN_VARIABLE
    if path is not None:
        source = f"{TOKEN_FILE_VARIABLE}={path}"
        try:
            token = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MissingRequirement(f"{source} cannot be read: {error}") from None
    token = token.strip()
    if not token:
        raise MissingRequirement(
            f"the engine wants a token: put it into {TOKEN_VARIABLE}, or the name of a file that "
            f"holds it into {TOKEN_FILE_VARIABLE}"
        )
    if not token.isascii() or any(letter.isspace() for letter in token):
        raise MissingRequirement(f"the token of {source} must be one word of ASCII characters")
    return token
