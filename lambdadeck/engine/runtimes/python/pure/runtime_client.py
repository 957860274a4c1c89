"""Stands in for awslambdaric's native half, which is built for Linux only: the same four functions over http.client."""

import http.client
import os

PREFIX = "/2018-06-01/runtime/invocation/"
_connection = None


def initialize_client(user_agent):
    """Connect to the Runtime API; one connection serves the environment's whole life."""
    global _connection, _user_agent
    _connection, _user_agent = (
        http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"]),
        user_agent,
    )


def _ask(method, path, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    _connection.request(method, PREFIX + path, body, {"User-Agent": _user_agent, **named})
    answer = _connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"The Runtime API answered {answer.status}: {content[:200]!r}")
    return content, dict(answer.getheaders())


def next():
    """Wait for the next event: its bytes, and headers that tell the rest."""
    return _ask("GET", "next")


def post_invocation_result(invoke_id, data, content_type="application/json", invocation_id=None):
    """Hand over the function's answer."""
    _ask("POST", f"{invoke_id}/response", data, Content_Type=content_type)


def post_error(invoke_id, error, xray_fault, invocation_id=None):
    """Hand over how the function failed, as JSON text."""
    _ask(
        "POST",
        f"{invoke_id}/error",
        error.encode(),
        Content_Type="application/json",
        Lambda_Runtime_Function_XRay_Error_Cause=xray_fault.replace("\n", "") or None,
    )
