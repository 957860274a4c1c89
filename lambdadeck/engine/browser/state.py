"""What Lambda does and keeps in a page: its state outlives the kernel."""

import asyncio
import pickle
from collections.abc import Callable

from lambdadeck.engine.api.configuration import settle
from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.store import Effects, ProvisionedEnvironments, Record, State
from lambdadeck.engine.model import TRANSITION_S

ALONE = "is not in this page: it holds Lambda and its logs alone. LOCAL and AWS have it."


class NoSources:
    """No queue and no stream: a page has no event source."""

    def refusal(self, source: str) -> str:
        return f"The event source {source} {ALONE}"

    def visibility_s(self, queue: str) -> int:
        raise LookupError(queue)

    def add(self, mapping: Record) -> None: ...

    def update(self, mapping: Record) -> None: ...

    def remove(self, mapping: Record) -> None: ...

    def restore(self, mapping: Record) -> None: ...


def effects(forget: Callable[[str], None], provisioning: ProvisionedEnvironments) -> Effects:
    """Return what a page does; `forget` ends the execution environments of a function's ARN."""

    def later(work: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(TRANSITION_S, work)

    def s3_object(region: str, bucket: str, key: str, version: str | None) -> bytes:
        raise ApiError(f"S3 {ALONE}")

    def publish(package: bytes) -> str:
        return "about:blank"  # nothing can be downloaded from a page

    return Effects(NoSources(), provisioning, s3_object, later, forget, publish)


def restored(content: bytes) -> State:
    """Return a state from its pickle, with its transitions ended."""
    state: State = pickle.loads(content)
    for record in state.functions.values():
        settle(record)
    return state
