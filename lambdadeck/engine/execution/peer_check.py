"""Check whether a loopback peer belongs to a given process tree.

On Linux this takes microseconds: sock_diag(7) returns the inode of the peer's socket, and /proc
shows which process holds it. Elsewhere psutil lists the connections of the processes.
"""

import os
import socket
import struct
import sys

import psutil

from lambdadeck.engine.execution.family import descendants

Address = tuple[str, int]
NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, ANY = 4, 20, 1, 0xFFFFFFFF
INODE_AT = 84  # in the answer: netlink header 16, then idiag_inode of struct inet_diag_msg


def held_by(pid: int, peer: Address, ours: Address, init: int | None = None) -> bool:
    """Return whether `pid` or a descendant, or one of `init`, holds `peer`, connected to `ours`."""
    try:
        inode = _inode(peer, ours) if sys.platform == "linux" else None
    except OSError:  # some containers forbid netlink
        inode = None
    if inode is not None and _holds(pid, inode):
        return True
    others = descendants(init or pid)
    if inode is None:
        return any(_lists(one, peer) for one in (pid, *others))
    return any(_holds(one, inode) for one in others)


def _inode(peer: Address, ours: Address) -> int | None:
    """Return the inode of the socket at `peer`, None if the kernel knows no such connection."""
    ends = struct.pack("!HH", peer[1], ours[1]) + b"".join(
        socket.inet_aton(end[0]).ljust(16, b"\0") for end in (peer, ours)
    )
    protocol = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, ANY)
    query = protocol + ends + struct.pack("=III", 0, ANY, ANY)
    header = struct.pack("=IHHII", 16 + len(query), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as diagnostics:
        diagnostics.settimeout(1)
        diagnostics.send(header + query)
        answer = diagnostics.recv(4096)
    if struct.unpack_from("=H", answer, 4)[0] != SOCK_DIAG_BY_FAMILY:
        return None
    return int(struct.unpack_from("=I", answer, INODE_AT)[0]) or None


def _holds(pid: int, inode: int) -> bool:
    folder, wanted = f"/proc/{pid}/fd", f"socket:[{inode}]"
    try:
        return any(_link(f"{folder}/{number}") == wanted for number in os.listdir(folder))
    except OSError:  # it has ended
        return False


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:  # closed meanwhile
        return ""


def _lists(pid: int, peer: Address) -> bool:
    try:
        # Java's sockets, and other runtimes', are IPv6 ones that speak IPv4: ::ffff:127.0.0.1
        return any(
            (c.laddr.ip.removeprefix("::ffff:"), c.laddr.port) == tuple(peer)
            for c in psutil.Process(pid).net_connections("tcp")
            if c.laddr
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
