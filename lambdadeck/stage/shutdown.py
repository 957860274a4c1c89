"""Signal-safe shutdown of the talk and its child processes."""

import select
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Shutdown:
    """An event that threads and signal handlers can set and one thread waits for.

    A threading.Event can miss a signal that arrives just as the wait begins; a socket keeps it.
    """

    def __init__(self) -> None:
        self._receiver, self._sender = socket.socketpair()
        self._sender.setblocking(False)

    def set(self) -> None:
        """Start the shutdown."""
        self._sender.send(b"!")

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the shutdown starts, at most timeout_s; returns whether it has started."""
        return bool(select.select([self._receiver], [], [], timeout_s)[0])

    def set_by(self, *numbers: signal.Signals) -> None:
        """Let these signals start the shutdown, and do nothing else, from now on."""
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def __enter__(self) -> "Shutdown":
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._receiver.close()
        self._sender.close()


@contextmanager
def ending(process: subprocess.Popen[bytes], patience_s: float = 5.0) -> Iterator[None]:
    """Terminate the process on exit, and kill it after patience_s."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def set_when_ended(process: subprocess.Popen[bytes], shutdown: Shutdown) -> threading.Thread:
    """Start a thread that sets `shutdown` as soon as the process ends."""

    def watch() -> None:
        process.wait()
        shutdown.set()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread
