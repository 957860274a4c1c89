"""Rewrite addresses of function URLs and of HTTP and WebSocket APIs to ones that work here.

The control plane returns names below on.aws, which lead to AWS, and below START_ID.localhost, which
do not resolve everywhere. Both become paths below /_public/START_ID/ on 127.0.0.1.
"""

import re

_STATED_IN = re.compile(r"/2021-10-31/functions/[^/]+/urls?|/v2/apis(?:/[^/]+)?")
_URL = re.compile(rb"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/")
_API = re.compile(rb"(http|ws)s?://([a-z0-9]+)\.execute-api\.[0-9a-f]+\.localhost:\d+")


def answering(path: str, body: bytes, port: int, start_id: str) -> bytes:
    """Return the response body to a request for `path`, with addresses that work here."""
    if not _STATED_IN.fullmatch(path.rstrip("/")):
        return body
    public = f"127.0.0.1:{port}/_public/{start_id}".encode()
    body = _URL.sub(rb"http://%s/lambda-url/\1/" % public, body)
    return _API.sub(rb"\1://%s/execute-api/\2" % public, body)
