"""Whatever a signed request holds, Lambda's API answers it: never with a 500."""

import base64
import http.client
import json
import os
from urllib.parse import quote, urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdadeck.engine.api import schema
from tests.support.lambdas import zipped

EXAMPLES = int(os.environ.get("LAMBDADECK_FUZZ", "60"))
OPERATIONS = [one for same in schema.operations().values() for one in same]
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:fuzzed"
CODE = base64.b64encode(zipped({"app.py": "def handler(e, c): return e"})).decode()
KNOWN = st.sampled_from(
    ["fuzzed", ARN, f"{ARN}:1", "$LATEST", "1", "live", "", "\0", "é", "../..", "%2F", "a" * 300]
)
TEXT = st.one_of(KNOWN, st.text(max_size=20))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def right(name, depth=3):
    """Return a strategy for values that have a shape's type and, mostly, keep its constraints."""
    shape = schema.shape(name)
    kind = shape["type"]
    if kind == "structure" and depth:
        members = {
            key: right(member["shape"], depth - 1) for key, member in shape["members"].items()
        }
        return st.fixed_dictionaries({}, optional=members)
    if kind == "list" and depth:
        return st.lists(right(shape["member"]["shape"], depth - 1), max_size=2)
    if kind == "map" and depth:
        return st.dictionaries(TEXT, right(shape["value"]["shape"], depth - 1), max_size=2)
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    if "pattern" in shape and "\\p" not in shape["pattern"]:
        return st.one_of(KNOWN, st.from_regex(shape["pattern"], fullmatch=True))
    low = shape.get("min", 0)
    return {
        "boolean": st.booleans(),
        "integer": st.integers(low, shape.get("max", 10**6)),
        "long": st.integers(low, shape.get("max", 10**6)),
        "blob": st.sampled_from(["", "AAAA", "?", CODE]),
    }.get(kind, TEXT)


@st.composite
def requests(draw):
    """Draw an operation, its path, its query, and a body of right or of arbitrary members."""
    operation = draw(st.sampled_from(OPERATIONS))
    members = operation.input["members"]
    path = operation.path.pattern.removesuffix("/?")
    query, body = dict(operation.query), {}
    for name, member in members.items():
        value = draw(st.one_of(right(member["shape"]), right(member["shape"]), JSON))
        place, key = member.get("location"), member.get("locationName", name)
        if place == "uri":
            path = path.replace(f"(?P<{key}>[^/]+)", quote(str(value) or "x", safe=""))
        elif place == "querystring" and draw(st.booleans()):
            query[key] = str(value)
        elif place is None:
            is_required = name in operation.input.get("required", ())
            body.update({name: value} if is_required or draw(st.booleans()) else {})
    raw = json.dumps(body).encode()
    sent = draw(st.sampled_from([raw, raw, raw, b"[]", b"{", b"\xff"]))
    return operation.method, path, query, sent


def send(engine, method, path, query, body):
    url = f"{engine.endpoint}{path}" + (f"?{urlencode(query)}" if query else "")
    headers = {"x-amz-invocation-type": "DryRun"}
    signed = AWSRequest(method=method, url=url, data=body, headers=headers)
    deck = engine.settings.deck
    SigV4Auth(Credentials(deck.access_key, deck.secret_key), "lambda", "eu-west-1").add_auth(signed)
    connection = http.client.HTTPConnection(urlsplit(engine.endpoint).netloc, timeout=30)
    connection.request(method, url.removeprefix(engine.endpoint), body, dict(signed.headers))
    response = connection.getresponse()
    answered = response.status, response.read()
    connection.close()
    return answered


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(request=requests())
def check(lambdas, request):
    status, body = send(lambdas.engine, *request)
    assert status < 500 or (b"Exception" in body and status == 502), (status, body[:500])


def test_no_request_ends_in_a_500(lambdas):
    if not any(f["FunctionName"] == "fuzzed" for f in lambdas.client.list_functions()["Functions"]):
        lambdas.make("def handler(event, context): return event", name="fuzzed", Publish=True)
    check(lambdas)
