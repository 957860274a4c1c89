"""Errors of Lambda's API, and the one place that writes them."""

import json
from http import HTTPStatus

from lambdadeck.engine.api import schema
from lambdadeck.engine.http.message import Response

_JSON = (b"content-type", b"application/json")
# Errors that every AWS API has; they are not part of Lambda's model and carry no Type.
COMMON = {
    "AccessDeniedException": HTTPStatus.FORBIDDEN,
    "RequestEntityTooLargeException": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "SerializationException": HTTPStatus.BAD_REQUEST,
    "UnknownOperationException": HTTPStatus.NOT_FOUND,
    "ValidationException": HTTPStatus.BAD_REQUEST,
}


class ApiError(Exception):
    """AWS would refuse this: its error code and message; `more` are further fields of the body."""

    def __init__(
        self, message: str, code: str = "InvalidParameterValueException", **more: str
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.more = message, code, more

    @property
    def status(self) -> int:
        if self.code in COMMON:
            return COMMON[self.code].value
        return int(schema.error(self.code)["error"]["httpStatusCode"])


class BusyError(ApiError):
    """A state transition is in progress: a call may wait for it if it is short."""


class PendingError(BusyError):
    """The function is being created."""

    def __init__(self) -> None:
        super().__init__(
            "The operation cannot be performed at this time. "
            "The function is currently in the following state: Pending",
            "ResourceConflictException",
        )


class InUseError(BusyError):
    """The event source mapping is being created or changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "ResourceInUseException")


def not_found(message: str) -> ApiError:
    """Return a ResourceNotFoundException."""
    return ApiError(message, "ResourceNotFoundException")


def conflict(message: str) -> ApiError:
    """Return a ResourceConflictException."""
    return ApiError(message, "ResourceConflictException")


def stale(call: str = "GetFunction/GetAlias") -> ApiError:
    """Return the error for a RevisionId that is not the latest; `call` retrieves the latest."""
    message = (
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {call} API to retrieve the latest Revision Id"
    )
    return ApiError(message, "PreconditionFailedException")


def response(error: ApiError) -> Response:
    """Return an error as AWS Lambda sends it: the model says how its message is spelled."""
    if error.code in COMMON:
        body = {"message": error.message}
    else:
        members = schema.error(error.code)["members"]
        spelled = "Message" if "Message" in members else "message"
        body = {"Type": "User", spelled: error.message, **error.more}
        if error.more.get("Type") == "":  # a few of Lambda's errors have none
            del body["Type"]
    headers = [_JSON, (b"x-amzn-errortype", error.code.encode())]
    return Response(error.status, headers, json.dumps(body).encode())
