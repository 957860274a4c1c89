"""That the talk needs no network: shown by taking it away, or, where that is not allowed, by watching who connects where."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
import threading

import psutil

from lambdadeck.shared.namespaces import CLONE_NEWNET, enter

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
NOT_ROUTED = "192.0.2.1"  # RFC 5737: an address for documentation
EVERY_S = 0.5  # looking costs 70 ms of a core


def isolate() -> None:
    """From now on this process and those that it starts have a loopback interface and no other; it must have one thread.

    A network namespace of its own, for who is not root inside a user namespace of its own. OSError where that is not
    allowed (containers, other systems than Linux) or does not cut the network off.
    """
    enter(CLONE_NEWNET)
    _loopback_up()
    _try()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
        (flags,) = struct.unpack_from("H", asked, 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def _try() -> None:
    """OSError if anything but loopback is there after all."""
    if others := [name for _, name in socket.if_nameindex() if name != "lo" and not _is_down(name)]:
        raise OSError(f"there is still {', '.join(others)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                (NOT_ROUTED, 9)
            )  # of a datagram socket: sends nothing, only looks for a way
        except OSError:
            return
    raise OSError("there is still a way out")


def _is_down(name: str) -> bool:
    """Some kernels put tunnels that lead nowhere (tunl0, sit0) into every namespace."""
    return not psutil.net_if_stats()[name].isup


class Watcher:
    """Looks, every half second, where this process and its descendants are connected to; a shorter connection may be missed."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self.processes: set[int] = set()
        self.beyond: set[str] = set()

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(EVERY_S):
            for process in [own, *own.children(recursive=True)]:
                self.processes.add(process.pid)
                self.beyond.update(beyond(process))


def beyond(process: psutil.Process) -> set[str]:
    """Where a process is connected to beyond this machine, as `program to address:port`; nothing for one that is gone."""
    try:
        connections = process.net_connections(kind="inet")
        return {
            f"{process.name()} to {c.raddr.ip}:{c.raddr.port}"
            for c in connections
            if c.raddr and not is_loopback(c.raddr.ip)
        }
    except psutil.Error:
        return set()


def is_loopback(address: str) -> bool:
    """Whether the address is this machine: 127.0.0.0/8, ::1, and the former written as the latter."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
