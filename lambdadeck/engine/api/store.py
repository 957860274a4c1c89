"""The state of Lambda, and one region of it as the operations see it.

A row has the members that Lambda's API answers, in its names. ministack's other services read the
same rows: services/tables.py lends them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.model import Target

Record = dict[str, Any]
Key = tuple[str, str, str]  # account, region, name
Rows = dict[Key, Record]


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


@dataclass(frozen=True)
class State:
    """All that Lambda remembers: rows by account, region and name."""

    functions: Rows = field(default_factory=dict)
    layers: Rows = field(default_factory=dict)
    urls: Rows = field(default_factory=dict)
    mappings: Rows = field(default_factory=dict)  # event source mappings by UUID
    signing: Rows = field(default_factory=dict)  # code signing configurations


@dataclass(frozen=True)
class Effects:
    """What the engine does for the operations, beyond their own state."""

    pollers: SourcePollers
    provisioning: ProvisionedEnvironments
    s3_object: Callable[[str, str, str, str | None], bytes]
    later: Callable[[Callable[[], None]], None]  # run it when a state transition has passed
    forget: Callable[[str], None]  # end the environments of a function's or version's ARN
    publish: Callable[[bytes], str]  # serve a package; return its URL


@dataclass(frozen=True)
class Store:
    """The state as one account sees it in one region."""

    state: State
    effects: Effects
    account: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:{kind}:{name}"

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        return self.arn("function", f"{name}:{qualifier}" if qualifier else name)

    def target(self, name: str) -> Target:
        return Target(self.region, self.account, name, None)

    def key(self, name: str) -> Key:
        return self.account, self.region, name

    def _here(self, rows: Rows) -> dict[str, Record]:
        scope = self.account, self.region
        return {key[2]: row for key, row in rows.items() if key[:2] == scope}

    def find(self, name: str) -> Record | None:
        return self.state.functions.get(self.key(name))

    def function(self, name: str) -> Record:
        """Return a function; raise ApiError if there is none."""
        found = self.find(name)
        if found is None:
            raise not_found(f"Function not found: {self.function_arn(name)}")
        return found

    def functions(self) -> list[Record]:
        return list(self._here(self.state.functions).values())

    def add(self, name: str, record: Record) -> None:
        self.state.functions[self.key(name)] = record

    def remove(self, name: str) -> None:
        """Remove a function, its URLs and its execution environments."""
        self.state.functions.pop(self.key(name), None)
        for key in self.urls():
            if key.split(":")[0] == name:
                self.remove_url(key)
        self.effects.forget(self.function_arn(name))

    def layer(self, name: str) -> Record | None:
        return self.state.layers.get(self.key(name))

    def layers(self) -> dict[str, Record]:
        return self._here(self.state.layers)

    def add_layer(self, name: str, layer: Record) -> None:
        self.state.layers[self.key(name)] = layer

    def url(self, key: str) -> Record | None:
        return self.state.urls.get(self.key(key))

    def urls(self) -> dict[str, Record]:
        return self._here(self.state.urls)

    def add_url(self, key: str, config: Record) -> None:
        self.state.urls[self.key(key)] = config

    def remove_url(self, key: str) -> None:
        self.state.urls.pop(self.key(key), None)

    def mappings(self) -> dict[str, Record]:
        """Return the event source mappings by UUID."""
        return self._here(self.state.mappings)

    def signing_configs(self) -> dict[str, Record]:
        """Return the code signing configurations by ARN."""
        return self._here(self.state.signing)

    def package(self, given: Record) -> bytes:
        """Return the zip that a Code or Content member holds or names; raise ApiError."""
        if given.get("S3Bucket") and given.get("S3Key"):
            bucket, key, version = given["S3Bucket"], given["S3Key"], given.get("S3ObjectVersion")
            return self.effects.s3_object(self.region, bucket, key, version)
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
