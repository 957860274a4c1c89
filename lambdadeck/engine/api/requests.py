"""Read a request: the operation that it names, and its parameters by member name."""

from typing import Any
from urllib.parse import parse_qs, unquote

from lambdadeck.engine.api import constraints, payload, schema
from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.schema import Operation
from lambdadeck.engine.http.message import Request


def read(request: Request) -> tuple[Operation, dict[str, Any]]:
    """Return operation and parameters, checked against the model; raise ApiError."""
    query = parse_qs(request.query, keep_blank_values=True)
    try:
        operation, parts = schema.find(request.method, request.path, query)
    except LookupError as unknown:
        raise ApiError(str(unknown), "UnknownOperationException") from None
    given = _given(operation, request, query, {k: unquote(v) for k, v in parts.groupdict().items()})
    constraints.check(operation, given)
    return operation, given


def _given(
    operation: Operation, request: Request, query: dict[str, list[str]], parts: dict[str, str]
) -> dict[str, Any]:
    members = operation.input["members"]
    whole = operation.input.get("payload")
    given = {} if whole else read_json(request.body)
    given = {
        name: value for name, value in given.items() if "location" not in members.get(name, {})
    }
    for name, member in members.items():
        place, key = member.get("location"), member.get("locationName", name)
        if place == "uri":
            given[name] = _typed(member["shape"], [parts[key]])
        elif place == "querystring" and key in query:
            given[name] = _typed(member["shape"], query[key])
        elif place == "header" and key.lower() in request.headers:
            given[name] = _typed(member["shape"], [request.headers[key.lower()]])
    if whole:
        given[whole] = request.body
    return given


def _typed(name: str, values: list[str]) -> Any:
    kind = schema.shape(name)["type"]
    if kind == "list":
        return values
    if kind in ("integer", "long"):
        try:
            return int(values[0])
        except ValueError:
            message = f"STRING_VALUE can not be converted to a {kind.capitalize()}"
            raise ApiError(message, "SerializationException") from None
    return values[0] == "true" if kind == "boolean" else values[0]


def read_json(body: bytes) -> dict[str, Any]:
    """Return the object in a request's body, {} for another value; raise ApiError."""
    stated = payload.read(body)
    return stated if isinstance(stated, dict) else {}
