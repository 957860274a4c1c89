"""The end of the talk: what it is waited for by, and how the processes that it started go with it."""

import select
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Shutdown:
    """Whether the talk is over, to be waited for: set by a thread, or by a signal at whatever moment it comes.

    A threading.Event would now and then miss a signal that arrives just as the wait begins. A byte in a pipe stays there.
    """

    def __init__(self) -> None:
        self._seen, self._told = socket.socketpair()
        self._told.setblocking(False)

    def set(self) -> None:
        """It is over."""
        self._told.send(b"!")

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is over, at most timeout_s; returns whether it is."""
        return bool(select.select([self._seen], [], [], timeout_s)[0])

    def set_by(self, *numbers: signal.Signals) -> None:
        """From now on each of these signals sets it; nothing else happens on them."""
        signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def __enter__(self) -> "Shutdown":
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._seen.close()
        self._told.close()


@contextmanager
def ending(process: subprocess.Popen[bytes], patience_s: float = 5.0) -> Iterator[None]:
    """Ask the process to end on the way out; the watchdog deals with what does not listen."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def set_when_ended(process: subprocess.Popen[bytes], ended: Shutdown) -> threading.Thread:
    """Set `ended` as soon as the process has; the thread that waits for it."""

    def watch() -> None:
        process.wait()
        ended.set()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread
