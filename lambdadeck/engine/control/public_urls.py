"""Addresses that answer here, for function URLs and HTTP or WebSocket APIs.

The control plane states what AWS would: names below on.aws and below START_ID.localhost. The first leads to AWS; the second
does not resolve everywhere. Both become paths below /_public/START_ID/ on 127.0.0.1, which the guard lets pass unsigned.
"""

from __future__ import annotations

import re

_STATED_IN = re.compile(r"/2021-10-31/functions/[^/]+/urls?|/v2/apis(?:/[^/]+)?")
_URL = re.compile(rb"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/")
_API = re.compile(rb"(http|ws)s?://([a-z0-9]+)\.execute-api\.[0-9a-f]+\.localhost:\d+")


def answering(path: str, body: bytes, port: int, start_id: str) -> bytes:
    """The body of an answer to a request for `path`, its addresses replaced by ones that answer on this machine."""
    if not _STATED_IN.fullmatch(path.rstrip("/")):
        return body
    public = f"127.0.0.1:{port}/_public/{start_id}".encode()
    body = _URL.sub(rb"http://%s/lambda-url/\1/" % public, body)
    return _API.sub(rb"\1://%s/execute-api/\2" % public, body)
