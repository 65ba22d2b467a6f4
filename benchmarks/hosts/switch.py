"""The network between hosts: a switch of our own, which loses, delays and throttles packets.

``python -m benchmarks.hosts.switch`` takes one JSON request a line from its input and answers each
with one line. Every host has a TUN device whose other end is here, so that no kernel needs
``netem``: what goes from one host to another is handed on, late, slowly or not at all, by rules
that hold for one direction of one pair.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import json
import os
import random
import selectors
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

MTU = 9000
DEVICE = "eth0"
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x0001 | 0x1000
_NEW_NETWORK = 0x40000000
_MOST_WAITING = 4000


@dataclass
class Rule:
    """What befalls packets of one direction. ``lost``: share of them; ``delay``: seconds;
    ``rate``: bytes a second, 0 for no limit."""

    lost: float = 0.0
    delay: float = 0.0
    rate: float = 0.0
    free_at: float = 0.0


class Switch:
    """Hands packets on between the devices of hosts."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)
        self._selector = selectors.DefaultSelector()
        self._devices: dict[str, int] = {}
        self._names: dict[bytes, str] = {}
        self._rules: dict[tuple[str, str], Rule] = {}
        self._waiting: list[tuple[float, int, str, bytes]] = []
        self._count = 0
        self._selector.register(sys.stdin.buffer.raw, selectors.EVENT_READ, None)  # pyright: ignore
        self._asked = b""

    def serve(self) -> None:
        """Until the input ends."""
        while True:
            pause = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            for key, _ in self._selector.select(pause):
                if key.data is None:
                    if not self._take_requests():
                        return
                else:
                    self._take_packets(key.fd, key.data)
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                _, _, name, packet = heapq.heappop(self._waiting)
                self._hand_over(name, packet)

    def _take_requests(self) -> bool:
        data = os.read(0, 65536)
        *lines, self._asked = (self._asked + data).split(b"\n")
        for line in lines:
            try:
                self._do(json.loads(line))
                answer = {}
            except (OSError, subprocess.CalledProcessError) as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
        return bool(data)

    def _do(self, request: dict[str, Any]) -> None:
        if request["do"] == "plug":
            self._plug(request["name"], request["address"], request["pid"])
        elif request["do"] == "unplug":
            self._unplug(request["name"])
        else:
            self._rules = {(a, b): Rule(**rule) for a, b, rule in request["rules"]}

    def _plug(self, name: str, address: str, pid: int) -> None:
        self._unplug(name)
        device = _device_in(pid, address)
        os.set_blocking(device, False)
        self._devices[name] = device
        self._names[bytes(map(int, address.split(".")))] = name
        self._selector.register(device, selectors.EVENT_READ, name)

    def _unplug(self, name: str) -> None:
        device = self._devices.pop(name, None)
        if device is not None:
            self._selector.unregister(device)
            os.close(device)

    def _take_packets(self, device: int, source: str) -> None:
        for _ in range(64):
            try:
                packet = os.read(device, MTU + 100)
            except BlockingIOError:
                return
            except OSError:  # its host has gone
                self._unplug(source)
                return
            target = self._names.get(packet[16:20])
            if packet[0] >> 4 == 4 and target is not None:
                self._send(source, target, packet)

    def _send(self, source: str, target: str, packet: bytes) -> None:
        rule = self._rules.get((source, target))
        if rule is None:
            self._hand_over(target, packet)
            return
        if rule.lost and self._rng.random() < rule.lost:
            return
        due = now = time.monotonic()
        if rule.rate:
            due = rule.free_at = max(now, rule.free_at) + len(packet) / rule.rate
        due += rule.delay
        if len(self._waiting) < _MOST_WAITING:
            self._count += 1  # packets of equal times keep their order
            heapq.heappush(self._waiting, (due, self._count, target, packet))

    def _hand_over(self, target: str, packet: bytes) -> None:
        device = self._devices.get(target)
        if device is not None:
            with suppress(OSError):  # it has gone, or takes no more now
                os.write(device, packet)


def _device_in(pid: int, address: str) -> int:
    """A TUN device in the network namespace of a process, up and with an address; our end."""
    made: list[int | OSError] = []

    def make() -> None:  # a thread has a namespace of its own; it ends with the thread
        try:
            with open(f"/proc/{pid}/ns/net") as namespace:  # noqa: PTH123
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN_NO_PI))
            made.append(device)
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    inside = ["nsenter", f"--net=/proc/{pid}/ns/net", "ip"]
    for command in (
        ("addr", "add", f"{address}/24", "dev", DEVICE),
        ("link", "set", DEVICE, "mtu", str(MTU), "up"),
    ):
        subprocess.run([*inside, *command], check=True, capture_output=True)
    return made[0]


if __name__ == "__main__":
    Switch(int(sys.argv[1]) if sys.argv[1:] else 0).serve()
