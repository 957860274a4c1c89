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

CLONE_PARENT, SIGCHLD = 0x8000, 17
CONTAINER = CLONE_PARENT | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD


def _serve(link: socket.socket, client: Client) -> None:
    """Keep one container waiting for the next order until the server hangs up."""
    assert LIBC
    clone = CLONE_CALL[platform.machine()]
    while not _hung_up(link):
        reading, writing = os.pipe()
        pid = LIBC.syscall(clone, CONTAINER, 0, 0, 0, 0)
        if pid == 0:
            os.close(reading)
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
    """Wait for an order and carry it out.

    Raise Forked in the process that becomes a runtime.
    """
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a PID 1 ignores it then
        container.begin()
        runtime = _Runtime(client, link)
        words, handles = _receive(link)
        if words:  # else the server has hung up and waits for the end of this process
            link.send(json.dumps([0, None]).encode())
            link.close()
            os.write(handles[0], b".")  # whose sender is the container's first process
            with suppress(BrokenPipeError):  # the process that made this container was killed
                os.write(taken, b".")
            os.close(taken)
            _contain(runtime, words, *handles)
    except Forked:
        raise
    except BaseException:  # noqa: BLE001  # this is a copy of the process that makes containers
        os._exit(127)
    os._exit(127)


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

    def __init__(self, client: Client, *closed: socket.socket) -> None:
        self._client = client
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            for one in (*closed, self._ours):
                one.close()
            _become(theirs, client)
        theirs.close()

    def start(self, words: bytes, channel: int, output: int) -> None:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [channel, output]))
        self._ours.sendmsg([words], [rights])
        self._ours.close()

    def replaced(self) -> "_Runtime":
        """Return one of the mount namespace that this process has entered meanwhile."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return _Runtime(self._client, self._ours)


def _contain(
    runtime: _Runtime, words: bytes, channel: int, output: int, namespace: int | None = None
) -> None:
    """Furnish the container, start the runtime in it and become its init."""
    link, order = socket.socket(fileno=channel), Order(**json.loads(words))
    try:
        if namespace is None:
            container.furnish(order)
        else:
            container.reenter(order, namespace)
            os.close(namespace)
            runtime = runtime.replaced()
        container.give_up()
        runtime.start(words, channel, output)
    except OSError as error:
        link.send(json.dumps([error.errno, error.strerror, error.filename]).encode())
        return
    os.close(output)
    _init(runtime.pid, link)


def _become(orders: socket.socket, client: Client) -> NoReturn:
    """Become a runtime when the order comes; the message's sender is its process."""
    try:
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


def _init(runtime: int, channel: socket.socket) -> NoReturn:
    """Bury the dead until the runtime has ended; the end of PID 1 ends all other processes."""
    while True:
        pid, status = os.wait()
        if pid == runtime:
            channel.send(str(status).encode())
            os._exit(0)


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
