"""Find ministack's queues and streams, and hear of what is sent to them."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from lambdadeck.engine.services.queues import OnLoop, Queues
from lambdadeck.engine.services.streams import Streams


class PolledSources(NamedTuple):
    """What event source mappings read."""

    queues: Queues
    streams: Streams


def sources(on_loop: OnLoop) -> PolledSources:
    """Return the sources; `on_loop` runs work on ministack's event loop."""
    return PolledSources(Queues(partial(_module, "services.sqs"), on_loop), Streams(_module))


def when_sent(wake: Callable[[], None]) -> None:
    """Call `wake`, on any thread, when a queue or stream has got something."""
    _module("core.concurrency").esm_wake.set = wake


def _module(name: str) -> Any:
    return importlib.import_module(f"ministack.{name}")
