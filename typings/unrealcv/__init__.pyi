"""What is used of the official client, which has no types; inferred ones cannot be worked with.

A reply is text, or bytes that are no UTF-8.
"""

from queue import SimpleQueue
from socket import socket
from typing import Any, overload

class Client:
    sock: socket | None
    send_message_id: int
    recv_num_q: SimpleQueue[int | None]
    recv_data_q: SimpleQueue[Any]
    _command_capabilities_checked: bool

    def __init__(self, endpoint: tuple[str, int] | str, type: str = "inet") -> None: ...
    def connect(self, timeout: float = 1, start_receive_thread: bool = True) -> bool: ...
    def disconnect(self) -> None: ...
    def isconnected(self) -> bool: ...
    def receive_loop_queue(self) -> None: ...
    @overload
    def request(self, message: list[str], timeout: float = 15) -> list[Any]: ...
    @overload
    def request(self, message: str | bytes, timeout: float = 15) -> Any: ...
