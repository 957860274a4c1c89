"""Public addresses: function URLs and APIs get ones that work here, and say who may open them.

The control plane returns names below on.aws, which lead to AWS, and below START_ID.localhost, which
do not resolve everywhere. Both become paths below /_public/START_ID/ on 127.0.0.1.
"""

import json
import re
import sys
from typing import Any

from lambdadeck.engine.http.public import Access, Address

_STATED_IN = re.compile(r"/2021-10-31/functions/[^/]+/urls?|/v2/apis(?:/[^/]+)?")
_URL = re.compile(rb"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/")
_API = re.compile(rb"(http|ws)s?://([a-z0-9]+)\.execute-api\.[0-9a-f]+\.localhost:\d+")


def answering(path: str, body: bytes, port: int, start_id: str) -> bytes:
    """Return the response body to a request for `path`, with addresses that work here."""
    if not _STATED_IN.fullmatch(path.rstrip("/")):
        return body
    public = f"127.0.0.1:{port}/_public/{start_id}".encode()
    body = _URL.sub(rb"http://%s/lambda-url/\1/" % public, body)
    body = _API.sub(rb"\1://%s/execute-api/\2" % public, body)
    return _with_websockets(body) if b'"WEBSOCKET"' in body else body


def _with_websockets(body: bytes) -> bytes:
    """Return stated APIs with ws:// for WebSocket APIs, as AWS states wss://."""
    stated = json.loads(body)
    for api in stated.get("items", [stated]):
        if api.get("protocolType") == "WEBSOCKET":
            api["apiEndpoint"] = api["apiEndpoint"].replace("http://", "ws://", 1)
    return json.dumps(stated).encode()


def access(address: Address, method: str, functions: Any) -> Access:
    """Return who may open an address; `functions` is ministack's module for Lambda."""
    if address.kind == "lambda-url":
        return _url_access(address.id, functions)
    return _api_access(address, method)


def forget_deleted(name: str, functions: Any) -> None:
    """Delete the function URLs of a deleted function: ministack keeps them, AWS does not."""
    if name not in functions._functions:
        for key in [key for key in functions._function_urls if key.partition(":")[0] == name]:
            del functions._function_urls[key]


def _url_access(url_id: str, functions: Any) -> Access:
    found = functions.resolve_function_url(url_id)
    if found is None:
        return Access.MISSING
    account, region, name, qualifier, config = found
    reference = f"{name}:{qualifier}" if qualifier else name
    record, _, _ = functions._get_func_record_for_ref_in_scope(
        reference, account_id=account, region=region
    )
    if record is None:
        return Access.MISSING
    return Access.OPEN if config.get("AuthType") == "NONE" else Access.SIGNED


def _api_access(address: Address, method: str) -> Access:
    """Return the access of an API stage; its management of connections is always signed."""
    names = ("services.apigateway_v1", "services.apigateway")
    modules = [sys.modules.get(f"ministack.{name}") for name in names]
    apis = [module for module in modules if module and module.find_api_scope(address.id)]
    first, _, rest = address.path.lstrip("/").partition("/")
    if not apis:
        return Access.MISSING
    if rest.startswith("@connections/"):
        return Access.SIGNED
    app: Any = sys.modules["ministack.app"]
    stage, path = app._resolve_stage_and_path(address.id, first, f"/{rest}")
    if stage not in apis[0].stages_for_api(address.id):
        return Access.MISSING
    kind = app._execute_api_authorization_type(address.id, stage, method, path)
    return Access.SIGNED if kind == "AWS_IAM" else Access.OPEN
