"""The state of one region, as the operations see it.

Functions and layers are kept in ministack's tables and shapes, because its other services read
them; `Tables` is all that the operations need of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.model import Target

Record = dict[str, Any]


class SourcePollers(Protocol):
    """What the engine does for event source mappings."""

    def refusal(self, source: str) -> str:
        """Return why the queue or stream cannot be read, "" if it can."""

    def visibility_s(self, queue: str) -> int:
        """Return the visibility timeout of a queue."""

    def add(self, mapping: Record) -> None:
        """Fix where a new mapping begins to read."""

    def update(self, mapping: Record) -> None:
        """Poll if the mapping is enabled, else stop."""

    def remove(self, mapping: Record) -> None:
        """Stop for good."""


class ProvisionedEnvironments(Protocol):
    """What the engine does for provisioned concurrency."""

    def apply(self, function: Target, wanted: Callable[[], Counter[str]]) -> None:
        """Begin to start and end environments, so that each version has those that it wants."""

    def state(self, function: Target, version: str) -> tuple[int, str]:
        """Return how many environments of a version there are, and why they are not more."""


class RegionalTable(Protocol):
    """A table whose keys belong to an account and a region."""

    def get_scoped(self, account: str, region: str, key: str, default: Any = None) -> Any: ...

    def set_scoped(self, account: str, region: str, key: str, value: Any) -> None: ...

    def pop_scoped(self, account: str, region: str, key: str, *default: Any) -> Any: ...

    def items_scoped(self, account: str, region: str) -> list[tuple[str, Any]]: ...


@dataclass(frozen=True)
class Tables:
    """What every region shares: the tables, and what the engine does for the operations."""

    functions: RegionalTable
    layers: RegionalTable
    urls: RegionalTable
    pollers: SourcePollers
    provisioning: ProvisionedEnvironments
    s3_object: Callable[[str, str, str, str | None], bytes]
    later: Callable[[Callable[[], None]], None]  # run it when a state transition has passed
    forget: Callable[[str], None]  # end the environments of a function's or version's ARN
    publish: Callable[[bytes], str]  # serve a package; return its URL
    signing: dict[tuple[str, str], dict[str, Record]] = field(default_factory=dict)
    mappings: dict[tuple[str, str], dict[str, Record]] = field(default_factory=dict)


@dataclass(frozen=True)
class Store:
    """The tables as one account sees them in one region."""

    tables: Tables
    account: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:{kind}:{name}"

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        return self.arn("function", f"{name}:{qualifier}" if qualifier else name)

    def target(self, name: str) -> Target:
        return Target(self.region, self.account, name, None)

    def find(self, name: str) -> Record | None:
        found: Record | None = self.tables.functions.get_scoped(self.account, self.region, name)
        return found

    def function(self, name: str) -> Record:
        """Return a function; raise ApiError if there is none."""
        found = self.find(name)
        if found is None:
            raise not_found(f"Function not found: {self.function_arn(name)}")
        return found

    def functions(self) -> Iterator[Record]:
        for _, record in self.tables.functions.items_scoped(self.account, self.region):
            yield record

    def add(self, name: str, record: Record) -> None:
        self.tables.functions.set_scoped(self.account, self.region, name, record)

    def remove(self, name: str) -> None:
        """Remove a function, its URLs and its execution environments."""
        self.tables.functions.pop_scoped(self.account, self.region, name, None)
        for key, _ in self.urls():
            if key.split(":")[0] == name:
                self.remove_url(key)
        self.tables.forget(self.function_arn(name))

    def layer(self, name: str) -> Record | None:
        found: Record | None = self.tables.layers.get_scoped(self.account, self.region, name)
        return found

    def layers(self) -> list[tuple[str, Record]]:
        return self.tables.layers.items_scoped(self.account, self.region)

    def add_layer(self, name: str, layer: Record) -> None:
        self.tables.layers.set_scoped(self.account, self.region, name, layer)

    def url(self, key: str) -> Record | None:
        found: Record | None = self.tables.urls.get_scoped(self.account, self.region, key)
        return found

    def urls(self) -> list[tuple[str, Record]]:
        return self.tables.urls.items_scoped(self.account, self.region)

    def add_url(self, key: str, config: Record) -> None:
        self.tables.urls.set_scoped(self.account, self.region, key, config)

    def remove_url(self, key: str) -> None:
        self.tables.urls.pop_scoped(self.account, self.region, key, None)

    def mappings(self) -> dict[str, Record]:
        """Return the event source mappings by UUID."""
        return self.tables.mappings.setdefault((self.account, self.region), {})

    def signing_configs(self) -> dict[str, Record]:
        return self.tables.signing.setdefault((self.account, self.region), {})

    def package(self, given: Record) -> bytes:
        """Return the zip that a Code or Content member holds or names; raise ApiError."""
        if given.get("S3Bucket") and given.get("S3Key"):
            bucket, key, version = given["S3Bucket"], given["S3Key"], given.get("S3ObjectVersion")
            return self.tables.s3_object(self.region, bucket, key, version)
        blob = given.get("ZipFile")
        if not isinstance(blob, bytes):
            raise ApiError("Please provide a source for function code.")
        return blob


@dataclass(frozen=True)
class ApiCall:
    """One call of an operation: its parameters, and the state of its region."""

    operation: str
    given: Record
    store: Store
    caller: str  # the ARN of who calls
    body_bytes: int = 0
