"""Find ministack's queues and streams, and hear of what is sent to them."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from lambdadeck.engine.services.installed import load
from lambdadeck.engine.services.queues import OnLoop, Queues
from lambdadeck.engine.services.streams import Streams


class PolledSources(NamedTuple):
    """What event source mappings read."""

    queues: Queues
    streams: Streams


def sources(on_loop: OnLoop) -> PolledSources:
    """Return the sources; `on_loop` runs work on ministack's event loop."""
    return PolledSources(Queues(partial(load, "services.sqs"), on_loop), Streams(load))


def when_sent(wake: Callable[[], None]) -> None:
    """Call `wake`, on any thread, when a queue or stream has got something."""
    load("core.concurrency").esm_wake.set = wake
