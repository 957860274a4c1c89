"""Replace awslambdaric's native half, which exists for Linux only, with http.client."""

import http.client
import os

PREFIX = "/2018-06-01/runtime/invocation/"
_connection: http.client.HTTPConnection
_user_agent: str


def initialize_client(user_agent: str) -> None:
    """Open the one connection of this environment to the Runtime API."""
    global _connection, _user_agent
    _connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    _user_agent = user_agent


def _ask(
    method: str, path: str, body: "str | bytes | None" = None, **headers: "str | None"
) -> "tuple[bytes, dict[str, str]]":
    named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    _connection.request(method, PREFIX + path, body, {"User-Agent": _user_agent, **named})
    answer = _connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"The Runtime API answered {answer.status}: {content[:200]!r}")
    return content, dict(answer.getheaders())


def next() -> "tuple[bytes, dict[str, str]]":  # noqa: A001  # awslambdaric calls it so
    """Wait for the next event; return its bytes and headers."""
    return _ask("GET", "next")


def post_invocation_result(
    invoke_id: str,
    data: "str | bytes",
    content_type: str = "application/json",
    invocation_id: "str | None" = None,
) -> None:
    """Send the function's answer."""
    _ask("POST", f"{invoke_id}/response", data, Content_Type=content_type)


def post_error(
    invoke_id: str, error: str, xray_fault: str, invocation_id: "str | None" = None
) -> None:
    """Send the function's error, as JSON text."""
    cause = xray_fault.replace("\n", "") or None
    headers = {
        "Content_Type": "application/json",
        "Lambda_Runtime_Function_XRay_Error_Cause": cause,
    }
    _ask("POST", f"{invoke_id}/error", error.encode(), **headers)
