"""Functions, invocations, outcomes and settings as plain data."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

ACCOUNT = "000000000000"
INIT_LIMIT_S = 10.0  # Lambda developer guide, "Init phase"
TRANSITION_S = 0.02  # of Pending and InProgress: they pass as in AWS, but nobody waits for them

# Called with payload and error class as soon as an invocation ends, before its log is written.
Answered = Callable[[bytes, str | None], None]
# Called with media type and bytes of each piece that a runtime streams.
Piece = Callable[[str, bytes], None]


@dataclass(frozen=True)
class FunctionSpec:
    """One version of one function, as an execution environment needs it.

    Sizes are MB, times seconds. `revision` changes with code and configuration: only specs with the
    same `key` share execution environments.
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
    layers: tuple[Path, ...] = ()  # shown at /opt; the control plane merges several into one
    log_group: str = ""
    log_format: str = "Text"
    role: str = ""  # its ARN
    application_level: str = ""  # of JSON logs only
    system_level: str = ""
    reserved: int | None = None
    provisioned: bool = False

    @property
    def initialization(self) -> str:
        """Return the value of AWS_LAMBDA_INITIALIZATION_TYPE."""
        return "provisioned-concurrency" if self.provisioned else "on-demand"

    @property
    def key(self) -> tuple[str, str, str]:
        return self.arn, self.version, self.revision


class Target(NamedTuple):
    """The function that a caller names."""

    region: str
    account: str
    name: str
    qualifier: str | None

    @classmethod
    def read(cls, arn: str) -> Target:
        """Return the function that an ARN names."""
        parts = arn.split(":")
        return cls(parts[3], parts[4], parts[6], parts[7] if len(parts) > 7 else None)

    @property
    def arn(self) -> str:
        suffix = f":{self.qualifier}" if self.qualifier else ""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}{suffix}"

    @property
    def function_and_version(self) -> tuple[str, str | None]:
        """Return the ARN of the function, and its version, None for all of them."""
        return self._replace(qualifier=None).arn, self.qualifier


@dataclass(frozen=True)
class Invocation:
    """One event for a function, as bytes of JSON."""

    event: bytes
    request_id: str = field(default_factory=lambda: str(uuid4()))
    invoked_arn: str = ""
    client_context: str = ""
    trace_id: str = ""
    piece: Piece | None = field(default=None, compare=False)  # None: a stream is one answer


@dataclass(frozen=True)
class Outcome:
    """The result of an invocation; `function_error` is None or "Unhandled"."""

    payload: bytes
    function_error: str | None
    log: str
    duration_ms: float
    init_ms: float | None


@dataclass(frozen=True)
class Credentials:
    """A key pair of this start of the engine, with its session token."""

    access_key: str
    secret_key: str
    token: str = ""

    @classmethod
    def random(cls, prefix: str, token: str = "") -> Credentials:
        """Return keys like AWS's own, so that redaction and secret scanners recognize them."""
        secret = base64.b64encode(secrets.token_bytes(30)).decode()[1:]
        digit = secrets.randbelow(10)  # redaction expects one
        return cls(f"{prefix}{secrets.token_hex(8).upper()}", f"{secret}{digit}", token)

    @property
    def marker(self) -> str:
        """Return the beginning that the access keys of all sessions have."""
        return self.access_key[:12]

    def session(self, name: str) -> Credentials:
        """Return the credentials of a session of this role: keys and a token of its own."""
        key = f"{self.marker}{self._digest(name).hex()[:8].upper()}"
        token = base64.urlsafe_b64encode(self._digest(f"token {key}")).decode().rstrip("=")
        return Credentials(key, self.session_secret(key), f"IQoJb3JpZ2luX2Vj{token}")

    def session_secret(self, access_key: str) -> str:
        """Return the secret key of a session, which follows from its access key and our secret."""
        digest = self._digest(f"secret {access_key}")
        return f"{base64.b64encode(digest[:30]).decode()[1:]}{digest[30] % 10}"

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self.secret_key.encode(), text.encode(), "sha256")


def _role() -> Credentials:
    return Credentials.random("ASIA", f"IQoJb3JpZ2luX2Vj{secrets.token_urlsafe(30)}")


@dataclass(frozen=True)
class Settings:
    """Keys of this start, region, port (0: any free one), account, limits and folder of the state.

    The keys are random: without them nobody can call this engine. "" keeps no state.
    """

    deck: Credentials = field(default_factory=lambda: Credentials.random("AKIA"))
    role: Credentials = field(default_factory=_role)
    start_id: str = field(default_factory=lambda: secrets.token_hex(16))
    region: str = "eu-west-1"
    port: int = 0
    account: str = ACCOUNT
    init_limit_s: float = INIT_LIMIT_S
    transition_s: float = TRANSITION_S
    state: str = ""
    keeps_state: bool = False  # when the engine ends, and not only when it dies

    def secret_of(self, access_key: str) -> str | None:
        """Return the secret key of an access key, None if it is not of this start."""
        for one in (self.deck, self.role):
            if access_key == one.access_key:
                return one.secret_key
        ours = access_key.startswith(self.role.marker)
        return self.role.session_secret(access_key) if ours else None

    @classmethod
    def read(cls, line: str) -> Settings:
        given = json.loads(line)
        deck, role = (Credentials(**given.pop(name)) for name in ("deck", "role"))
        return cls(deck, role, **given)

    def line(self) -> str:
        return json.dumps(asdict(self))
