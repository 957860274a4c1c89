"""Functions and layers of a page, kept outside its kernel so that they outlive it."""

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

from lambdadeck.engine.api.configuration import settle
from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.store import ProvisionedEnvironments, Record, Tables
from lambdadeck.engine.model import TRANSITION_S

ALONE = "is not in this page: it holds Lambda and its logs alone. LOCAL and AWS have it."


class MemoryTable:
    """A table whose keys belong to an account and a region."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], Any] = {}

    def get_scoped(self, account: str, region: str, key: str, default: Any = None) -> Any:
        return self._rows.get((account, region, key), default)

    def set_scoped(self, account: str, region: str, key: str, value: Any) -> None:
        self._rows[account, region, key] = value

    def pop_scoped(self, account: str, region: str, key: str, *default: Any) -> Any:
        return self._rows.pop((account, region, key), *default)

    def items_scoped(self, account: str, region: str) -> list[tuple[str, Any]]:
        return [(key[2], row) for key, row in self._rows.items() if key[:2] == (account, region)]

    def all_items(self) -> list[tuple[tuple[str, str, str], Any]]:
        return list(self._rows.items())


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


def tables(forget: Callable[[str], None], provisioning: ProvisionedEnvironments) -> Tables:
    """Return empty tables; `forget` ends the execution environments of a function's ARN."""

    def later(work: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(TRANSITION_S, work)

    def s3_object(region: str, bucket: str, key: str, version: str | None) -> bytes:
        raise ApiError(f"S3 {ALONE}")

    def publish(package: bytes) -> str:
        return "about:blank"  # nothing can be downloaded from a page

    made = MemoryTable(), MemoryTable(), MemoryTable()
    return Tables(*made, NoSources(), provisioning, s3_object, later, forget, publish)


def kept(given: Tables) -> bytes:
    """Return the tables' contents as bytes."""
    return pickle.dumps((given.functions, given.layers, given.urls, given.signing, given.mappings))


def restore(given: Tables, content: bytes) -> Tables:
    """Return the tables with contents that `kept` has returned, their transitions ended."""
    functions, layers, urls, signing, mappings = pickle.loads(content)
    for _, record in functions.all_items():
        settle(record)
    parts = given.pollers, given.provisioning
    own = *parts, given.s3_object, given.later, given.forget, given.publish
    return Tables(functions, layers, urls, *own, signing, mappings)
