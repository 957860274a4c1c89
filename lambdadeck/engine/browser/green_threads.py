"""Threads inside a worker of a web page, which has one: each is a stack that waits for promises.

Threads change only where one waits: for a lock, another thread, a result, or time.
"""

import _thread
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

FOREVER = -1.0


class Scheduler:
    """Waits for JavaScript's promises, and remembers which thread goes on after each."""

    def __init__(
        self, page: Any, run_sync: Callable[[Any], Any], proxy: Callable[..., Any]
    ) -> None:
        self.page, self._run_sync, self._proxy = page, run_sync, proxy
        self.ident = _thread.get_ident()
        self._idents = itertools.count(self.ident + 1)

    def wait(self, promise: Any) -> Any:
        """Return a promise's value; other threads run meanwhile."""
        own = self.ident
        try:
            return self._run_sync(promise)
        finally:
            self.ident = own

    def begin(self, function: Callable[[], object]) -> Any:
        """Run a function on a stack of its own until it first waits; return the promise of it."""
        own = self.ident
        try:
            return self.page.call(self._proxy(partial(self._run, next(self._idents), function)))
        finally:
            self.ident = own

    def _run(self, ident: int, function: Callable[[], object]) -> None:
        self.ident = ident
        function()


class GreenLock:
    """A lock for threads that change only where one waits."""

    scheduler: Scheduler

    def __init__(self) -> None:
        self._held = False
        self._waiting: deque[Any] = deque()

    def acquire(self, blocking: bool = True, timeout: float = FOREVER) -> bool:
        until = None if timeout < 0 else time.monotonic() + timeout
        while self._held:
            if not blocking or (until is not None and time.monotonic() >= until):
                return False
            self._wait(until)
        self._held = True
        return True

    def _wait(self, until: float | None) -> None:
        limit_ms = -1 if until is None else max(0.0, until - time.monotonic()) * 1000
        signal = self.scheduler.page.signal(limit_ms)
        self._waiting.append(signal)
        self.scheduler.wait(signal.promise)
        if signal in self._waiting:
            self._waiting.remove(signal)

    def release(self) -> None:
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        if self._waiting:
            self._waiting.popleft().wake()

    def locked(self) -> bool:
        return self._held

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self.__init__()  # type: ignore[misc]  # as the lock of C does


class Handle:
    """What the threading module knows of a thread that it started."""

    def __init__(self) -> None:
        self.ident, self._done = 0, GreenLock()
        self._is_done = False

    def begin(self, scheduler: Scheduler, function: Callable[[], object]) -> None:
        self._done.acquire()

        def run() -> None:
            self.ident = scheduler.ident
            try:
                function()
            finally:
                self._is_done = True
                self._done.release()

        scheduler.begin(run)

    def is_done(self) -> bool:
        return self._is_done

    def join(self, timeout: float | None = None) -> None:
        if self._done.acquire(timeout=FOREVER if timeout is None else timeout):
            self._done.release()


class _OwnContext:
    """Runs a thread without entering a context, which another thread would have to leave."""

    def run(self, function: Callable[[], object]) -> object:
        return function()


def install(scheduler: Scheduler) -> None:
    """Make time.sleep, threads and locks wait by promises."""
    GreenLock.scheduler = scheduler

    def start(function: Any, handle: Handle | None = None, daemon: bool = True) -> Handle:
        handle = handle or Handle()
        if isinstance(owner := getattr(function, "__self__", None), threading.Thread):
            owner._context = _OwnContext()  # type: ignore[attr-defined]  # of Python 3.14
        handle.begin(scheduler, function)
        return handle

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        scheduler.wait(scheduler.page.sleep(seconds * 1000))

    changed: Any = threading  # private names of Python 3.14, the one that Pyodide brings
    of_c: Any = _thread
    for module in (changed, of_c):
        module.get_ident = lambda: scheduler.ident
    time.sleep = sleep  # type: ignore[assignment]  # of a number
    changed._start_joinable_thread, changed._ThreadHandle = start, Handle
    changed._allocate_lock = changed.Lock = of_c.allocate_lock = GreenLock
    changed._CRLock = None
    changed._active_limbo_lock = changed.RLock()
    queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[attr-defined,misc]  # waits by our locks
