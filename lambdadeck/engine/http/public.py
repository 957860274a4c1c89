"""Public addresses: function URLs and API stages, which callers open without a signature.

An address is a host name below START_ID.localhost or a path below /_public/START_ID/. Both forms
name one function URL or API by its id. The control plane gets every such request in one form,
/_aws/KIND/ID/…, so that neither host nor path can reach anything else.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote

from lambdadeck.engine.http.message import Request, Scope

_JUPYTERS = re.compile(r"(?:_xsrf|username-.*|.*jupyter.*)", re.IGNORECASE)
_COOKIE_NAME = re.compile(r"[^=;\s]+")


class Access(Enum):
    """Who may open an address: anyone, callers who sign, or nobody because nothing is there."""

    OPEN = "open"
    SIGNED = "signed"
    MISSING = "missing"


class Address(NamedTuple):
    """A public address; `path` is the decoded path below it, `skipped` the prefix of the path."""

    kind: str  # "lambda-url", "execute-api" or "packages"
    id: str
    path: str
    skipped: int


def reader(start_id: str) -> Callable[[Request], Address | None]:
    """Return what reads the address of a request to the start `start_id`, None if not public."""
    url, api = r"lambda-url\.[a-z0-9-]+", "execute-api"
    host = re.compile(rf"([a-z0-9]+)\.({api}|{url})\.{start_id}\.localhost(?::\d+)?")
    below = re.compile(rf"/_public/{start_id}/(execute-api|lambda-url|packages)/([a-z0-9]+)(?=/|$)")

    def read(request: Request) -> Address | None:
        if named := host.fullmatch(request.headers.get("host", "").lower()):
            return Address(named[2].split(".")[0], named[1], unquote(request.path), 0)
        if found := below.match(request.path):
            rest = request.path[found.end() :]
            return Address(found[1], found[2], unquote(rest), found.end())
        return None

    return read


def is_click(request: Request) -> bool:
    """Return whether a browser opens a page: a GET in a tab of its own, which reads nothing."""
    sent = [request.headers.get(f"sec-fetch-{name}") for name in ("mode", "dest")]
    return request.method == "GET" and sent == ["navigate", "document"]


def scope_of(address: Address, scope: Scope, host: str) -> Scope:
    """Return the request as the control plane gets it: one path, our host, no foreign cookies."""
    prefix = f"/_aws/{address.kind}/{address.id}"
    raw = scope["raw_path"][address.skipped :] or b"/"
    kept = [pair for pair in scope["headers"] if pair[0] not in (b"host", b"cookie")]
    cookies = [_cookies(value) for name, value in scope["headers"] if name == b"cookie"]
    headers = [*kept, (b"host", host.encode()), *((b"cookie", text) for text in cookies if text)]
    paths = {"path": prefix + (address.path or "/"), "raw_path": prefix.encode() + raw}
    return {**scope, **paths, "headers": headers}


def may_set(header: tuple[bytes, bytes]) -> bool:
    """Return False for a response header that would replace one of Jupyter's cookies."""
    return header[0].lower() != b"set-cookie" or not _is_jupyters(header[1].decode("latin-1"))


def _cookies(value: bytes) -> bytes:
    """Return the cookies that are not Jupyter's: browsers send these to every port of a host."""
    pairs = value.decode("latin-1").split(";")
    kept = [pair.strip() for pair in pairs if pair.strip() and not _is_jupyters(pair)]
    return "; ".join(kept).encode("latin-1")


def _is_jupyters(pair: str) -> bool:
    name = _COOKIE_NAME.search(pair)
    return bool(name and _JUPYTERS.fullmatch(name[0]))
