"""Limit what boto3 may call: nothing in AWS before connect(), and on AWS only our own functions.

It uses botocore's events, so that plain boto3 in a cell stays plain.
"""

from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError

from lambdadeck.aws.ledger import MADE_BY
from lambdadeck.shared.names import FUNCTION

_set_up = boto3.setup_default_session


class NotConnectedError(BotoCoreError):  # type: ignore[misc]  # botocore has no types
    """A call was about to leave this machine before a cloud was chosen."""

    fmt = (
        "No cloud is connected yet, and {call} was about to leave this machine: run the first "
        "cell (here = cloud.connect()), then this one."
    )


class NotOursError(BotoCoreError):  # type: ignore[misc]  # botocore has no types
    """The account has a function of this name that the talk did not make."""

    fmt = (
        "This account already has a function {name} that the talk did not make (it has no tag "
        "{key}={value} that you may read), so it is left alone: {call} was not called. Choose "
        "another name, region or account."
    )


def close() -> None:
    """Make boto3's next default session refuse every call that leaves this machine.

    A default session that exists already stays as it is.
    """
    boto3.setup_default_session = _set_up_closed


def release() -> None:
    """Undo `close` for default sessions that are made from now on."""
    boto3.setup_default_session = _set_up


def _set_up_closed(**options: Any) -> None:
    _set_up(**options)
    boto3.DEFAULT_SESSION.events.register("before-call", _stay, unique_id="lambdadeck-closed")


def _stay(params: dict[str, Any], model: Any, **_: Any) -> None:
    if not is_local(urlsplit(params["url"]).hostname or ""):
        raise NotConnectedError(call=f"{model.service_model.service_name} {model.name}")


def is_local(host: str) -> bool:
    """Return whether the host is this machine."""
    return host in ("127.0.0.1", "localhost") or host.endswith(".localhost")


def guard(session: Any) -> None:
    """Refuse the session's calls that change or invoke a function without the talk's tag."""
    session.events.register(
        "before-parameter-build.lambda", _Ours(session).check, unique_id="lambdadeck-ours"
    )


class _Ours:
    """Look up each function once and remember which are ours."""

    def __init__(self, session: Any) -> None:
        self._session, self._seen = session, set[tuple[str, str]]()

    def check(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Check a call that names a function, unless it creates the function or only reads."""
        reads = model.name == "CreateFunction" or model.name.startswith(("Get", "List"))
        if reads or "FunctionName" not in params:
            return
        found = FUNCTION.fullmatch(str(params["FunctionName"]))
        if found is None:
            return  # not a function's name: boto3 or AWS says so
        key = (str(context.get("client_region")), found["name"])
        if key not in self._seen and self._is_ours(*key, model.name):
            self._seen.add(key)

    def _is_ours(self, region: str, name: str, call: str) -> bool:
        client = self._session.client("lambda", region_name=region)
        try:
            answer = client.get_function(FunctionName=name)
        except client.exceptions.ResourceNotFoundException:
            return False  # the call itself says so
        if answer.get("Tags", {}).get(MADE_BY[0]) != MADE_BY[1]:
            raise NotOursError(name=name, key=MADE_BY[0], value=MADE_BY[1], call=call)
        return True
