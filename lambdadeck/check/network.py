"""Show that the talk needs no network: run without it, or watch connections."""

import fcntl
import ipaddress
import socket
import struct
import threading

import psutil

from lambdadeck.shared.namespaces import CLONE_NEWNET, enter

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
NOT_ROUTED = "192.0.2.1"  # RFC 5737: an address for documentation
EVERY_S = 0.5  # one look takes 70 ms of CPU


def isolate() -> None:
    """Leave this process, which must have one thread, and its children only a loopback interface.

    Uses a network namespace, without root inside a user namespace. OSError if that is not
    allowed (containers, macOS) or the network is still reachable.
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
    """Raise OSError if anything but loopback is reachable."""
    state = psutil.net_if_stats()  # tunnels (tunl0, sit0) of some kernels are there, but down
    if others := [name for _, name in socket.if_nameindex() if name != "lo" and state[name].isup]:
        raise OSError(f"interfaces are still up: {', '.join(others)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOT_ROUTED, 9))  # UDP: looks up a route, sends nothing
        except OSError:
            return
    raise OSError("the network is still reachable")


class ConnectionWatcher:
    """Collect connections of this process and its descendants; may miss short ones."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self.processes: set[int] = set()
        self.beyond: set[str] = set()

    def __enter__(self) -> "ConnectionWatcher":
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
    """Return a process's connections beyond this machine; empty if it has ended."""
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
    """Return whether the address is 127.0.0.0/8, also IPv4-mapped, or ::1."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
