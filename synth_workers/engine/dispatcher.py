"""From a command's text to its handler, by UnrealCV's template rules.

Templates become regular expressions that are searched unanchored; among those that match,
the one registered last wins. Handlers get the captured arguments as text and answer text,
bytes (images) or nothing (``ok``); they raise ``CommandError`` for ``error …`` replies.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

Reply = str | bytes
Handler = Callable[..., Reply | None]

_PLACEHOLDERS = {
    "[str]": r"([^ ]*)",
    "[uint]": r"(\d*)",
    # In one way only, or texts of digits without end would be tried in every way there is.
    "[float]": r"([-+]?(?:\d+(?:[.]\d+)?|[.]\d+))",
}
_PLACEHOLDER = re.compile(r"(\[(?:str|uint|float)\])")
_log = logging.getLogger(__name__)


class CommandError(Exception):
    """A command that cannot be carried out; its text follows ``error `` in the reply."""


@dataclass(frozen=True)
class Command:
    """One template with its handler. ``literals`` are texts every matching command contains."""

    template: str
    description: str
    handler: Handler
    pattern: re.Pattern[str]
    literals: tuple[str, ...]


def compile_template(template: str) -> re.Pattern[str]:
    """The regular expression of a template such as ``vget /camera/[uint]/lit [str]``."""
    pieces = (_PLACEHOLDERS.get(p) or re.escape(p) for p in _PLACEHOLDER.split(template))
    return re.compile("".join(pieces) + r"[ ]*$", re.ASCII)


class Dispatcher:
    """The command table of one server."""

    def __init__(self, no_handler: str, require_equal_verb: bool = False) -> None:
        """``no_handler``: format of the error, with the command for ``{}``."""
        self._commands: list[Command] = []
        self._no_handler = no_handler
        self._require_equal_verb = require_equal_verb

    @property
    def commands(self) -> tuple[Command, ...]:
        """Registered commands, oldest first."""
        return tuple(reversed(self._commands))

    def register(self, template: str, handler: Handler, description: str) -> None:
        """Add a command; it shadows earlier ones that match the same text."""
        literals = {piece.strip(" ") for piece in _PLACEHOLDER.split(template)[::2]} - {""}
        longest = tuple(sorted(literals, key=len, reverse=True)[:2])
        pattern = compile_template(template)
        self._commands.insert(0, Command(template, description, handler, pattern, longest))

    def find(self, text: str) -> tuple[Command, tuple[str, ...]] | None:
        """The command that handles ``text`` and its captured arguments."""
        for command in self._commands:
            for literal in command.literals:
                if literal not in text:
                    break
            else:
                found = command.pattern.search(text)
                wrong_verb = text.partition(" ")[0] != command.template.partition(" ")[0]
                if found is not None and not (self._require_equal_verb and wrong_verb):
                    return command, found.groups()
        return None

    def dispatch(self, text: str) -> Reply:
        """Carry out one command. Never raises: whatever goes wrong is an ``error …`` reply."""
        found = self.find(text)
        if found is None:
            return "error " + self._no_handler.format(text)
        command, arguments = found
        try:
            reply = command.handler(*arguments)
        except CommandError as error:
            return f"error {error}"
        except Exception:
            _log.exception("command %r failed", text)
            return f"error Internal error in '{command.template}', see the engine's log"
        return "ok" if reply is None or reply == "" else reply
