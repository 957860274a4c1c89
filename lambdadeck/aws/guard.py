"""What boto3's default session lets through: nothing to AWS before connect(), and on AWS no function that is not ours.

Done with botocore's own events, so that plain boto3 in a cell stays plain.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ProfileNotFound

from lambdadeck.aws.ledger import MADE_BY
from lambdadeck.shared.names import FUNCTION


class NotConnected(BotoCoreError):
    """A call was about to leave this machine before a cloud was chosen."""

    fmt = (
        "No cloud is connected yet, and {call} was about to leave this machine: run the first slide's cell "
        "(here = cloud.connect()), then this one."
    )


class NotOurs(BotoCoreError):
    """A function of this name is there that the talk did not make."""

    fmt = (
        "This account already has a function {name} that the talk did not make (it has no tag {key}={value} that you may "
        "read), so it is left alone: {call} was not called. Choose another name, region or account."
    )


def close() -> None:
    """Until connect() has opened it, boto3's default session makes no call that leaves this machine."""
    if boto3.DEFAULT_SESSION is not None:
        return
    try:
        boto3.setup_default_session()
    except (
        ProfileNotFound
    ):  # $AWS_PROFILE names none: there is no session then that could call anybody
        return
    boto3.DEFAULT_SESSION.events.register("before-call", _stay, unique_id="lambdadeck-closed")


def _stay(params: dict[str, Any], model: Any, **_: Any) -> None:
    host = urlsplit(params["url"]).hostname or ""
    if host != "127.0.0.1" and host != "localhost" and not host.endswith(".localhost"):
        raise NotConnected(call=f"{model.service_model.service_name} {model.name}")


def guard(session: Any) -> None:
    """From now on clients of this session neither change nor invoke a function that has not the talk's tag."""
    session.events.register(
        "before-parameter-build.lambda", _Ours(session).check, unique_id="lambdadeck-ours"
    )


class _Ours:
    """Remembers which functions were seen to be ours: they are looked up once."""

    def __init__(self, session: Any) -> None:
        self._session, self._seen = session, set[tuple[str, str]]()

    def check(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Before a call with a function's name in it, unless it makes the function or only reads."""
        if (
            model.name == "CreateFunction"
            or model.name.startswith(("Get", "List"))
            or "FunctionName" not in params
        ):
            return
        found = FUNCTION.fullmatch(str(params["FunctionName"]))
        if found is None:
            return  # no name at all: boto3 or AWS says so
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
            raise NotOurs(name=name, key=MADE_BY[0], value=MADE_BY[1], call=call)
        return True
