"""The embedded Lambda inside a web page: workers of the browser take the place of processes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambdadeck.engine.browser import green_threads
from lambdadeck.engine.browser.service import ENDPOINT, REGION, Service
from lambdadeck.engine.browser.sessions import Connection

__all__ = ["ENDPOINT", "REGION", "begin", "connect", "limit"]
SCRATCH = Path("/packages")


def begin(
    page: Any, run_sync: Callable[[Any], Any], proxy: Callable[[Any], Any], given: dict[str, Any]
) -> None:
    """Start green threads and this page's Lambda, with the functions of an earlier kernel.

    `page` is what worker.js gives Python; `run_sync` and `proxy` are Pyodide's. `given` has the
    `limit` of execution environments at once, and `functions`, None or what `page.keep` got.
    """
    scheduler = green_threads.Scheduler(page, run_sync, proxy)
    green_threads.install(scheduler)

    def ask(what: str, asked: dict[str, Any]) -> Any:
        promise = page.ask(what, page.plain(asked))  # sent now, so that calls keep their order
        return promise.then(page.told)

    service = Service(ask, page.keep, given["limit"], SCRATCH)
    if given.get("functions"):
        service.restore(bytes(given["functions"]))
    Connection(service, scheduler.wait)


def connect(session: Any) -> None:
    """Let this page's Lambda answer the clients of a boto3 session."""
    Connection.current().watch(session)


def limit() -> int:
    """Return how many execution environments this page has room for; RuntimeError outside one."""
    return Connection.current().limit
