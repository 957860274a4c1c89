"""The process that makes containers: `python -c MAIN …`.

It is a process of its own because only one with a single thread may enter a user namespace, which
an ordinary user needs to mount anything. It makes each container with CLONE_PARENT, so that the
container's first process is a child of the server. One empty container always waits for an order.
"""

import array
import ctypes
import json
import os
import platform
import signal
import socket
import struct
from contextlib import suppress
from typing import NoReturn

from lambdadeck.engine.execution import container
from lambdadeck.engine.execution.order import (
    CLONE_CALL,
    MESSAGE_LIMIT,
    OPEN_FILES,
    TASK_ROOT,
    Order,
)
from lambdadeck.engine.execution.prepared import Client, Program
from lambdadeck.shared.namespaces import CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, LIBC

CLONE = CLONE_CALL.get(platform.machine(), -1)
CLONE_PARENT, SIGCHLD = 0x8000, 17
CLONE_FILES = 0x400
NOTHING = 0  # no runtime was started
WORKER = CLONE_FILES | SIGCHLD
CONTAINER = CLONE_PARENT | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD


def _clone(flags: int) -> int:
    """Call clone(2), which leaves the memory alone that os.fork would touch in each process."""
    assert LIBC
    return int(LIBC.syscall(CLONE, flags, 0, 0, 0, 0))


def _serve(link: socket.socket, client: Client) -> None:
    """Keep one container waiting for the next order until the server hangs up."""
    while not _hung_up(link):
        reading, writing = os.pipe()
        pid = _clone(CONTAINER)
        if pid == 0:
            _wait(link, writing, client)
        errno = ctypes.get_errno()
        os.close(writing)
        with open(reading, "rb") as taken:  # closes when the container has its order, or ends
            if taken.read():
                continue
            if _hung_up(link):
                link.send(json.dumps([pid, None]).encode())
            else:
                _refuse(link, pid, errno, "clone" if pid < 0 else "the waiting container has ended")


def _wait(link: socket.socket, taken: int, client: Client) -> NoReturn:
    """Become the init of a container that another process furnishes.

    It does little, because what it writes to is memory of its own. Raise Forked in the process that
    becomes a runtime.
    """
    try:
        worker = _clone(WORKER)
        if worker == 0:
            os._exit(_furnish(link, taken, client))
        container.give_up()
        _bury(link, worker)
    except Forked:
        raise
    except BaseException:  # noqa: BLE001  # this is a copy of the process that makes containers
        os._exit(NOTHING)
    os._exit(NOTHING)


def _furnish(link: socket.socket, taken: int, client: Client) -> int:
    """Wait for an order and carry it out; return the id of the runtime, or NOTHING.

    This process and its memory end then. It shares its descriptors with the init.
    """
    runtime = _Runtime(client, link.fileno(), taken)
    container.begin()
    runtime.confine()
    words, handles = _receive(link)
    if not words:  # the server has hung up and waits for the end of this process
        return NOTHING
    link.send(json.dumps([0, None]).encode())
    channel = link.fileno()
    os.dup2(handles[0], channel, inheritable=False)  # where the init finds it
    _tell(link, 1)
    with suppress(BrokenPipeError):  # the process that made this container was killed
        os.write(taken, b".")
    for one in (taken, handles[0]):
        os.close(one)
    return _contain(link, runtime, words, *handles[1:])


def _tell(channel: socket.socket, pid: int) -> None:
    """Send the id of a process, which the server gets as one of its own namespace."""
    sender = struct.pack("=3i", pid, os.getuid(), os.getgid())
    channel.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, sender)])


def _receive(link: socket.socket) -> tuple[bytes, list[int]]:
    """Return an order and its descriptors."""
    space = socket.CMSG_SPACE(12)
    words, rights, _, _ = link.recvmsg(MESSAGE_LIMIT, space, socket.MSG_CMSG_CLOEXEC)
    return words, list(array.array("i", rights[0][2])) if rights else []


class Forked(BaseException):
    """This process is a fork that becomes a runtime; `programs` is what it runs."""

    def __init__(self, programs: list[Program]) -> None:
        super().__init__()
        self.programs = programs


class _Runtime:
    """A process without rights that waits until its container is furnished."""

    def __init__(self, client: Client, *closed: int) -> None:
        self._client = client
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            for one in (*closed, self._ours.fileno()):
                os.close(one)
            _become(theirs, client)
        theirs.close()

    def confine(self) -> None:
        """Let it give up its rights, which needs /proc."""
        self._ours.send(b".")

    def start(self, words: bytes, channel: int, output: int) -> None:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [channel, output]))
        self._ours.sendmsg([words], [rights])
        self._ours.close()

    def replaced(self) -> "_Runtime":
        """Return one of the mount namespace that this process has entered meanwhile."""
        os.kill(self.pid, signal.SIGKILL)
        runtime = _Runtime(self._client, self._ours.fileno())
        runtime.confine()
        return runtime


def _contain(
    link: socket.socket, runtime: _Runtime, words: bytes, output: int, namespace: int | None = None
) -> int:
    """Furnish the container and start the runtime in it; return the runtime's id, or NOTHING."""
    order = Order(**json.loads(words))
    try:
        if namespace is None:
            container.furnish(order)
        else:
            container.reenter(order, namespace)
            os.close(namespace)
            runtime = runtime.replaced()
        runtime.start(words, link.fileno(), output)
    except OSError as error:
        link.send(json.dumps([error.errno, error.strerror, error.filename]).encode())
        return NOTHING
    os.close(output)
    return runtime.pid


def _become(orders: socket.socket, client: Client) -> NoReturn:
    """Become a runtime when the order comes; the message's sender is its process."""
    try:
        orders.recv(1)
        container.confine()
        words, (channel, output) = _receive(orders)
        os.setsid()
        os.write(channel, b"0")
        for number, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(number, target)
        order = Order(**json.loads(words))
        os.chdir(TASK_ROOT)
        if order.prepared and client.serves(order):
            orders.close()
            os.closerange(3, OPEN_FILES)
            raise Forked(client.programs(order))
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execve(order.command[0], order.command, order.environment)
    except OSError as error:
        os.write(2, f"[local] {error}\n".encode())
    os._exit(127)


def _bury(link: socket.socket, worker: int) -> None:
    """Bury the dead until the runtime has ended; the end of PID 1 ends all other processes.

    The worker's exit code says which one is the runtime.
    """
    ended: dict[int, int] = {}
    while worker not in ended:
        pid, status = os.wait()
        ended[pid] = status
    runtime = os.waitstatus_to_exitcode(ended[worker])
    while runtime > NOTHING and runtime not in ended:
        pid, status = os.wait()
        if pid == runtime:
            ended[pid] = status
    if runtime in ended:
        link.send(str(ended[runtime]).encode())


def _refuse(link: socket.socket, pid: int, errno: int, problem: str) -> None:
    link.recv(MESSAGE_LIMIT)
    link.send(json.dumps([pid, [errno, problem]]).encode())


def _hung_up(link: socket.socket) -> bool:
    try:
        return not link.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False


def main(number: str, own_path: str, python_runtime: str, toolchain: str) -> list[Program]:
    """Make containers until the server hangs up; in a runtime return what it has to run."""
    link = socket.socket(fileno=int(number))
    link.set_inheritable(False)  # a runtime must not read or send orders
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a PID 1 ignores
    container.limit_all()
    try:
        container.change_root(python_runtime, toolchain)
    except OSError as error:
        _refuse(link, 0, error.errno or 0, str(error))
        return []
    try:
        _serve(link, Client(own_path))
    except Forked as fork:
        return fork.programs
    return []
