"""Functions for lab 6's checks: make them, publish them, look at their alias while code runs."""

import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.client import BaseClient

from lambdadeck import functions
from lambdadeck.aws import role
from lambdadeck.labs import copies

Alias = tuple[str, dict[str, float]]  # version and weights; the version is "" if it is missing
RAISES, NO_IMPORT = "raises", "does not import"
_BROKEN = {
    RAISES: "def handler(event, context):\n    raise ValueError('broken')\n",
    NO_IMPORT: "import no_such_module\ndef handler(event, context):\n    return 'never'\n",
}


@contextmanager
def function(answer: str) -> Iterator[str]:
    """Make a function that returns `answer`, and remove it when the block ends."""
    name = f"lambda-live-shipped-{secrets.token_hex(3)}"
    lambda_ = client()
    create(lambda_, name, code(answer))
    functions.wait(lambda_, "function_active_v2", FunctionName=name)
    try:
        yield name
    finally:
        functions.remove(name, client=lambda_)
        copies.forget_logs(name)


def create(lambda_: Any, name: str, package: bytes) -> None:
    """Create a function; do not wait for it."""
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=role.ensure(name),
        Code={"ZipFile": package},
    )


def code(answer: str) -> bytes:
    """Return the zip of a function that returns `answer`, or is broken (RAISES, NO_IMPORT)."""
    returns = f"def handler(event, context):\n    return {answer!r}\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "app.py")
        file.write_text(_BROKEN.get(answer, returns))
        return functions.pack(file)


def upload(name: str, answer: str) -> None:
    """Change the code of a function, and wait."""
    client().update_function_code(FunctionName=name, ZipFile=code(answer))
    settled(name)


def settled(name: str) -> None:
    """Wait until an update of the function is done: Lambda refuses another one before."""
    functions.wait(client(), "function_updated_v2", FunctionName=name)


def publish(name: str) -> str:
    """Publish a version, and return its number."""
    return str(client().publish_version(FunctionName=name)["Version"])


def put_live(name: str, version: str = "") -> Alias:
    """Make the alias `live`, at a version that is published now or at another; return it."""
    number = version or publish(name)
    client().create_alias(FunctionName=name, Name="live", FunctionVersion=number)
    return alias(name)


def shift(name: str, new: str, share: float) -> None:
    """Give a version a share of the calls of `live`."""
    routing = {"AdditionalVersionWeights": {new: share}}
    client().update_alias(FunctionName=name, Name="live", RoutingConfig=routing)


def two_versions(name: str) -> tuple[str, str]:
    """Publish the code as it is, then another; return the numbers."""
    old = publish(name)
    upload(name, "two")
    return old, publish(name)


def with_a_gap(name: str) -> Alias:
    """Publish two versions, remove the second; return `live`, which points at the first."""
    live = put_live(name)
    upload(name, "gap")
    client().delete_function(FunctionName=name, Qualifier=publish(name))
    upload(name, "old")
    return live


def answer_of(name: str, qualifier: str) -> Any:
    """Invoke that version or alias; return None if it does not exist."""
    lambda_ = client()
    try:
        return json.load(lambda_.invoke(FunctionName=name, Qualifier=qualifier)["Payload"])
    except lambda_.exceptions.ResourceNotFoundException:
        return None


def alias(name: str) -> Alias:
    """Return the version and the weights of `live`."""
    lambda_ = client()
    try:
        found = lambda_.get_alias(FunctionName=name, Name="live")
    except lambda_.exceptions.ResourceNotFoundException:
        return "", {}
    routing = found.get("RoutingConfig") or {}
    return found["FunctionVersion"], routing.get("AdditionalVersionWeights") or {}


def words(found: Alias) -> str:
    """Return version and weights in words."""
    version, weights = found
    return f"`live` at version {version}, weights {weights}" if version else "no alias `live`"


@contextmanager
def watched(name: str) -> Iterator[list[Alias]]:
    """Look at `live` after each call that boto3 makes inside the block."""
    seen: list[Alias] = []
    # Where all clients meet; an event handler would miss those that exist already.
    make: Callable[..., Any] = BaseClient._make_api_call

    def call(self: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        try:
            return make(self, operation, parameters)
        finally:
            set_call(make)
            seen.append(alias(name))
            set_call(call)

    def set_call(made: Callable[..., Any]) -> None:
        BaseClient._make_api_call = made

    set_call(call)
    try:
        yield seen
    finally:
        set_call(make)


def client() -> Any:
    """Return Lambda's client."""
    return boto3.client("lambda")
