"""What the engine knows of a function, of an invocation and of its outcome: plain data, no behavior."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

ACCOUNT = "000000000000"
INIT_LIMIT_S = 10.0  # Lambda developer guide, "Init phase"

# Told the payload and the error class at the moment in which an invocation ends, before its log is written.
Answered = Callable[[bytes, str | None], None]


@dataclass(frozen=True)
class FunctionSpec:
    """One version of one function, as an execution environment needs it.

    Sizes are MB, times seconds. `revision` differs after every change of code or configuration: two specs with the same
    `key` may share execution environments, others never do.
    """

    name: str
    arn: str
    version: str
    revision: str
    runtime: str
    handler: str
    region: str
    code: Path
    memory_mb: int = 128
    timeout_s: float = 3
    ephemeral_mb: int = 512
    environment: dict[str, str] = field(default_factory=dict)
    layers: tuple[
        Path, ...
    ] = ()  # folders, what is to be seen at /opt; the control plane makes one of several layers
    log_group: str = ""
    log_format: str = "Text"
    reserved: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.arn, self.version, self.revision


@dataclass(frozen=True)
class Invocation:
    """One event for a function, as bytes of JSON."""

    event: bytes
    request_id: str = field(default_factory=lambda: str(uuid4()))
    invoked_arn: str = ""
    client_context: str = ""
    trace_id: str = ""


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: the payload, the error class (None or "Unhandled"), its log text, where it ran."""

    payload: bytes
    function_error: str | None
    log: str
    log_stream: str
    duration_ms: float
    billed_ms: int
    init_ms: float | None
    max_memory_mb: int


@dataclass(frozen=True)
class Credentials:
    """A key pair of this start of the engine, with the session token that goes with it."""

    access_key: str
    secret_key: str
    token: str = ""


@dataclass(frozen=True)
class Settings:
    """What the starter decides: the keys of this start, the region, the port (0: a free one), the account, limits."""

    deck: Credentials
    role: Credentials
    start_id: str = field(default_factory=lambda: secrets.token_hex(16))
    region: str = "eu-west-1"
    port: int = 0
    account: str = ACCOUNT
    init_limit_s: float = INIT_LIMIT_S

    @classmethod
    def read(cls, line: str) -> Settings:
        given = json.loads(line)
        return cls(
            **{**given, "deck": Credentials(**given["deck"]), "role": Credentials(**given["role"])}
        )

    def line(self) -> str:
        return json.dumps(asdict(self))
