"""Refusals in the shape of the called service, so that its SDK reads them."""

import html
import json
from typing import NamedTuple

from lambdadeck.engine.http.message import Request, Response
from lambdadeck.engine.http.sigv4 import AccessDeniedError, Claim


class Admission(NamedTuple):
    """A request whose headers were checked: its claim, or the refusal to answer."""

    claim: Claim | None
    refusal: Response | None


def refuse(request: Request, problem: AccessDeniedError) -> Response:
    """Return an error in the shape of the called service: JSON, or XML if the SDK expects it."""
    code, message, status = problem.code, problem.message, problem.status
    reads = request.method in ("GET", "PUT", "HEAD", "DELETE")
    is_s3 = reads and not request.path.startswith("/20")
    if is_s3 or "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        text = html.escape(message, quote=False)
        body = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
        body = body if is_s3 else f"<ErrorResponse>{body}</ErrorResponse>"
        return Response(status, [(b"content-type", b"text/xml")], body.encode())
    body = json.dumps({"__type": code, "message": message, "Message": message})
    headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", code.encode())]
    return Response(status, headers, body.encode())
