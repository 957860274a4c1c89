"""The process that makes namespaces: `python -m lambdadeck.engine.execution.sandbox_process FD`.

It is a process of its own because only one with a single thread may enter a user namespace, which
an ordinary user needs to mount anything. It starts each runtime with CLONE_PARENT, so that the
runtime is a child of the server. One empty namespace always waits for the next order.
"""

import array
import ctypes
import json
import os
import platform
import resource
import socket
import stat
import sys

from lambdadeck.engine.execution.sandbox import (
    CLONE_CALL,
    MESSAGE_LIMIT,
    OPEN_FILES,
    OPT,
    TASK_ROOT,
    Order,
)
from lambdadeck.shared.namespaces import CLONE_NEWNS, LIBC, checked, enter, unshare

HIDDEN = ("/tmp/", "/var/")  # each runtime has its own
CLONE_PARENT, SIGCHLD = 0x8000, 17
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18


def _mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None
) -> None:
    assert LIBC
    words = [text.encode() if text is not None else None for text in (source, target, kind)]
    options = data.encode() if data else None
    checked(LIBC.mount(*words, ctypes.c_ulong(flags), options), f"mount {target}")


def _enter() -> None:
    """Enter a mount namespace whose mounts no other process sees."""
    enter(CLONE_NEWNS)
    _mount("none", "/", None, MS_REC | MS_PRIVATE)


def _furnish(order: Order) -> None:
    """Mount an empty /tmp and /var, the code and the kept folders in the runtime's namespace."""
    shown = [(target, os.open(source, os.O_PATH)) for target, source in order.shown.items()]
    kept = [(path, os.open(path, os.O_PATH)) for path in order.keep if path.startswith(HIDDEN)]
    _mount("tmpfs", "/tmp", "tmpfs", 0, f"size={order.tmp_mb}m,mode=1777")
    _mount("tmpfs", "/var", "tmpfs", 0, "size=1m,mode=755")
    for path, handle in kept:
        _bind(handle, path)
    for target, handle in shown:
        if target == OPT:
            _show_layers(handle)
        else:
            _bind(handle, target)
            _make_read_only(target)


def _show_layers(layers: int) -> None:
    """Show the layers at /opt beside the machine's own files there, which may hold a runtime."""
    roots = (OPT, f"/proc/self/fd/{layers}")
    handles = {
        name: os.open(f"{root}/{name}", os.O_PATH | os.O_NOFOLLOW)
        for root in roots
        for name in os.listdir(root)
    }
    _mount("tmpfs", OPT, "tmpfs", 0, "size=1m,mode=755")
    for name, handle in handles.items():
        _show(handle, f"{OPT}/{name}")
    _make_read_only(OPT)


def _make_read_only(target: str) -> None:
    locked = MS_NOSUID | MS_NODEV | MS_NOEXEC  # a user namespace may not drop these
    kept = os.statvfs(target).f_flag & locked
    _mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def _show(handle: int, target: str) -> None:
    mode = os.fstat(handle).st_mode
    if stat.S_ISLNK(mode):
        os.symlink(os.readlink("", dir_fd=handle), target)
        return
    if stat.S_ISDIR(mode):
        os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    _mount(f"/proc/self/fd/{handle}", target, None, MS_BIND | MS_REC)
    _make_read_only(target)


def _bind(handle: int, target: str) -> None:
    os.makedirs(target, exist_ok=True)
    _mount(f"/proc/self/fd/{handle}", target, None, MS_BIND | MS_REC)


def _serve(link: socket.socket) -> None:
    """Keep one process waiting for the next order until the server hangs up."""
    assert LIBC
    clone = CLONE_CALL[platform.machine()]
    while not _hung_up(link):
        reading, writing = os.pipe()
        pid = LIBC.syscall(clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0)
        if pid == 0:
            _wait(link, writing)
        errno = ctypes.get_errno()
        os.close(writing)
        with open(reading, "rb") as taken:  # closes when the process becomes a runtime, or ends
            if not taken.read() and not _hung_up(link):
                _refuse(link, pid, errno, "clone" if pid < 0 else "the waiting process has ended")


def _wait(link: socket.socket, taken: int) -> None:
    """Wait for an order in a new mount namespace and carry it out; never return."""
    try:
        os.setsid()
        unshare(CLONE_NEWNS)
        space = socket.CMSG_SPACE(8)
        data, rights, _, _ = link.recvmsg(MESSAGE_LIMIT, space, socket.MSG_CMSG_CLOEXEC)
        link.send(json.dumps([os.getpid(), None]).encode())
        if data:  # else the server has hung up and waits for the end of this process
            os.write(taken, b".")
            _become(Order(**json.loads(data)), *array.array("i", rights[0][2]))
    finally:
        os._exit(127)


def _become(order: Order, output: int, namespace: int | None = None) -> None:
    """Mount everything, or enter a kept namespace, and exec the runtime; return on failure."""
    assert LIBC
    try:
        if namespace is None:
            _furnish(order)
        else:
            _reenter(order, namespace)
        for number, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(number, target)
        most = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        os.chdir(TASK_ROOT)
        os.execve(order.command[0], order.command, order.environment)
    except OSError as error:
        os.write(output, f"[local] {error}\n".encode())


def _reenter(order: Order, namespace: int) -> None:
    """Enter a kept namespace; furnish a new one if a sandbox process that has ended had made it."""
    assert LIBC
    try:
        checked(LIBC.setns(namespace, CLONE_NEWNS), "setns")
    except PermissionError:
        _furnish(order)


def _refuse(link: socket.socket, pid: int, errno: int, problem: str) -> None:
    link.recv(MESSAGE_LIMIT)
    link.send(json.dumps([pid, [errno, problem]]).encode())


def _hung_up(link: socket.socket) -> bool:
    try:
        return not link.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False


def main(number: int) -> None:
    link = socket.socket(fileno=number)
    link.set_inheritable(False)  # a runtime must not read or send orders
    try:
        _enter()
    except OSError as error:
        _refuse(link, 0, error.errno or 0, str(error))
        return
    _serve(link)


if __name__ == "__main__":
    main(int(sys.argv[1]))
