"""Why an endpoint gave no greeting: what a bare look at it shows.

Only asked after a real client failed, because plugins take the first connection for their one
client.
"""

from __future__ import annotations

import contextlib
import socket

from synth_workers.framing import MAGIC
from synth_workers.probe.report import Finding, Mark
from synth_workers.worker.endpoint import Endpoint

_SECONDS = 2.0
_AREA = "connection"


def explain_silence(endpoint: Endpoint) -> Finding:
    """A finding that says what is at ``endpoint`` instead of a plugin that greets."""
    try:
        connection = socket.create_connection((endpoint.host, endpoint.port), _SECONDS)
    except ConnectionRefusedError:
        return _finding(
            "nothing listens there",
            "start the game, and look for `Start listening on` in its log: the port is in "
            "unrealcv.ini beside the executable; `Cannot start listening` means that it was taken",
        )
    except TimeoutError:
        return _finding(
            "the host does not answer",
            "check host and firewall; games listen on TCP, by default on port 9000",
        )
    except OSError as error:
        return _finding(f"cannot be reached: {error}", "check the name of the host")
    with contextlib.closing(connection):
        return _look(connection, endpoint)


def _look(connection: socket.socket, endpoint: Endpoint) -> Finding:
    connection.settimeout(_SECONDS)
    try:
        first = connection.recv(64)
        if not first:
            return _finding(
                "takes connections and closes them at once",
                "end the other client that it serves, or ask again in a moment",
            )
    except TimeoutError:
        return _finding(
            "takes connections and says nothing",
            "if it is a game: another client holds its one connection (end it), or its plugin "
            f"has left TCP, as UE 4.27 does after its first client (probe {endpoint.unix_socket} "
            "on its own host, or start the game anew); if it is not a game: wrong port",
        )
    except OSError:
        return _finding("breaks connections off", "ask for the port of the game")
    if first.startswith(MAGIC.to_bytes(4, "little")):
        return _finding(
            "speaks UnrealCV's frames but does not greet as it does",
            "ask again; if it stays so, the plugin is none of ours: install UnrealCV's",
        )
    shown = first[:24].decode("latin-1").encode("unicode_escape").decode()
    return _finding(
        f"speaks another protocol: it begins with {shown!r}",
        "that is another program's port; the game's is in its log and in unrealcv.ini",
    )


def _finding(found: str, remedy: str) -> Finding:
    return Finding(_AREA, "greeting of an UnrealCV server", Mark.missing, found, remedy)
