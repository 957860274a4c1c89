"""Start runtimes in Linux namespaces: a private /tmp of the configured size, read-only code.

The sandbox is a process of its own (`python -m lambdadeck.engine.execution.sandbox SOCKET_FD`),
because only a process with one thread may enter a user namespace, which an ordinary user needs to
mount anything. It starts each runtime with CLONE_PARENT, so that the runtime is a child of the
server. One empty namespace always waits for the next order. If namespaces are unavailable, `start`
returns None and runtimes get TMPDIR instead.
"""

import array
import contextlib
import ctypes
import json
import os
import platform
import resource
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from lambdadeck.shared.namespaces import CLONE_NEWNS, LIBC, checked, enter, unshare

TASK_ROOT, RUNTIME_DIR, OPT = "/var/task", "/var/runtime", "/opt"
HIDDEN = ("/tmp/", "/var/")  # each runtime has its own
OPEN_FILES = 1024  # Lambda quotas: file descriptors
CLONE_PARENT, SIGCHLD = 0x8000, 17
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
CLONE_CALL = {"x86_64": 56, "aarch64": 220}
MESSAGE_LIMIT = 1 << 18


@dataclass(frozen=True)
class Order:
    """One runtime to start.

    `shown` maps target folders to what they show read-only: code, layers, the runtime's files.
    `keep` lists folders that stay visible at their own paths, even below a hidden one.
    """

    command: list[str]
    environment: dict[str, str]
    shown: dict[str, str]
    tmp_mb: int
    keep: list[str]


class Sandbox:
    """The server's end: `spawn` starts a runtime and returns its process id."""

    def __init__(self, process: subprocess.Popen[bytes], link: socket.socket) -> None:
        self._process, self._link = process, link

    def spawn(self, order: Order, output: int, namespace: int | None = None) -> int:
        """Start a runtime that writes to `output`, in a kept mount namespace or in a new one.

        Raise OSError if it cannot be started.
        """
        handles = [output] if namespace is None else [output, namespace]
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handles))
        with contextlib.suppress(BrokenPipeError):  # the answer is empty then
            self._link.sendmsg([json.dumps(asdict(order)).encode()], [rights])
        ended = b'{"error": "the sandbox process has ended"}'
        answer = json.loads(self._link.recv(MESSAGE_LIMIT) or ended)
        if "error" in answer:
            raise OSError(answer["error"])
        return int(answer["pid"])

    def close(self) -> None:
        """End the process and the one that waits for an order; return when both have ended."""
        self._link.shutdown(socket.SHUT_WR)
        if answer := self._link.recv(MESSAGE_LIMIT):
            os.waitpid(json.loads(answer)["pid"], 0)
        self._link.close()
        self._process.wait()


def start(environment: Mapping[str, str] | None = None) -> Sandbox | None:
    """Start the sandbox process and probe it; return None if namespaces are unavailable.

    The process gets `environment`, or this process's own, which no thread may change meanwhile: the
    C library moves the array that exec reads ("Bad address").
    """
    if sys.platform != "linux" or platform.machine() not in CLONE_CALL:
        return None
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        fd, module = theirs.fileno(), "lambdadeck.engine.execution.sandbox"
        command = [sys.executable, "-m", module, str(fd)]
        process = subprocess.Popen(
            command, pass_fds=[fd], stderr=subprocess.DEVNULL, env=environment
        )
    sandbox = Sandbox(process, ours)
    try:
        _try(sandbox)
    except OSError:
        sandbox.close()
        return None
    return sandbox


def _try(sandbox: Sandbox) -> None:
    with open(os.devnull, "wb") as nowhere:
        order = Order(["/bin/true"], {}, {TASK_ROOT: os.getcwd()}, 1, [])
        pid = sandbox.spawn(order, nowhere.fileno())
    if os.waitpid(pid, 0)[1]:
        raise OSError("a runtime cannot be started in namespaces here")


# ---- the process ----


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
        clone_error = f"clone: {os.strerror(ctypes.get_errno())}"
        problem = "the process that waited has ended" if pid > 0 else clone_error
        os.close(writing)
        with open(reading, "rb") as taken:  # closes when the process becomes a runtime, or ends
            if not taken.read() and not _hung_up(link):
                _refuse(link, problem)


def _wait(link: socket.socket, taken: int) -> None:
    """Wait for an order in a new mount namespace and carry it out; never return."""
    try:
        os.setsid()
        unshare(CLONE_NEWNS)
        space = socket.CMSG_SPACE(8)
        data, rights, _, _ = link.recvmsg(MESSAGE_LIMIT, space, socket.MSG_CMSG_CLOEXEC)
        link.send(json.dumps({"pid": os.getpid()}).encode())
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
            checked(LIBC.setns(namespace, CLONE_NEWNS), "setns")
        for number, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(number, target)
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        os.chdir(TASK_ROOT)
        os.execve(order.command[0], order.command, order.environment)
    except OSError as error:
        os.write(output, f"[local] {error}\n".encode())


def _refuse(link: socket.socket, problem: str) -> None:
    link.recv(MESSAGE_LIMIT)
    link.send(json.dumps({"error": problem}).encode())


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
        _refuse(link, str(error))
        return
    _serve(link)


if __name__ == "__main__":
    main(int(sys.argv[1]))
