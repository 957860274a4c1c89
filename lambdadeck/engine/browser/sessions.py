"""Point boto3 at the Lambda of this page: botocore asks it before it would send a request."""

import io
import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from lambdadeck.engine.browser import service
from lambdadeck.engine.browser.service import ENDPOINT, REGION, Service
from lambdadeck.engine.browser.state import ALONE

Wait = Callable[[Any], Any]  # returns the result of something awaitable


HELD = ("lambda", "cloudwatch-logs")  # by botocore's ids of services


class RawBody(io.BytesIO):
    """A response's body, as botocore reads it."""

    def stream(self, amount: int = 65536, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


class Connection:
    """This page's Lambda, as boto3's sessions reach it."""

    _current: "Connection | None" = None

    def __init__(self, own: Service, wait: Wait) -> None:
        self._service, self._wait = own, wait
        Connection._current = self

    @classmethod
    def current(cls) -> "Connection":
        """Return the connection of this page's kernel; RuntimeError outside a page."""
        if cls._current is None:
            raise RuntimeError("No page runs here: use cloud.connect() in a notebook.")
        return cls._current

    @property
    def limit(self) -> int:
        """Return how many execution environments there can be at once."""
        return self._service.limit

    def environment(self) -> dict[str, str]:
        """Return boto3's variables: keys that open nothing, and an address that nobody has."""
        return {
            "AWS_ACCESS_KEY_ID": "AKIA" + secrets.token_hex(8).upper(),
            "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": ENDPOINT,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def watch(self, session: Any) -> None:
        """Answer what the session's clients send."""
        os.environ.update(self.environment())
        session.events.register("before-send", self._answer, unique_id="lambdadeck-in-page")

    def _answer(self, request: Any, event_name: str, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        asked, operation = event_name.split(".")[1:]
        if asked not in HELD:
            raise NotImplementedError(f"{asked} {operation} {ALONE}")
        answered = self._wait(self._service.answer(service.read(request)))
        stated = {name.decode(): value.decode() for name, value in answered.headers}
        stated.setdefault("x-amzn-requestid", str(uuid4()))
        return AWSResponse(request.url, answered.status, stated, RawBody(answered.body))
