"""The checks of lab 5: upload, send S3's events twice or in pieces, read the learner's table."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import boto3

from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.labs.probes import NotTestedError

PATIENCE_S = 20.0
PUT, MULTIPART = "ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload"
DELETE, MARKER = "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"


def keys(read: Callable[..., Any]) -> str:
    """Call their function with events of one object and of several, with keys that S3 encodes."""
    plain, odd = f"{secrets.token_hex(3)}.txt", f"été {secrets.token_hex(3)} + 1.txt"
    one = probes.returned(read, event((PUT, odd)))
    if one == [quote_plus(odd)]:
        return "encoded"
    if one == [odd.replace(" ", "+")]:
        return "plus"
    if one != [odd]:
        return MISS
    both = probes.returned(read, event((PUT, plain), (MULTIPART, odd)))
    if both == [plain]:
        return "first-only"
    return RIGHT if both == [plain, odd] and probes.returned(read, {"Records": []}) == [] else MISS


def stored(name: str, bucket: str, table: str) -> str:
    """Upload an object: the bucket must call the permitted function, which must store an item."""
    arn = _called_by(bucket)
    if arn is None or arn.rpartition(":")[2] != name:
        return "not-wired"
    if not _may_call(bucket, arn):
        return "not-allowed"
    key = f"{secrets.token_hex(3)} ü.txt"
    content = secrets.token_bytes(secrets.randbelow(900) + 100)
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    item, found = _arrival(table, (key, quote_plus(key)), arn)
    if found != key:
        return "encoded"
    return RIGHT if item.get("size") == len(content) else "size"


def once(name: str) -> str:
    """Send an upload twice, the next upload of its key, then two in one event; count the items."""
    key, table = f"{secrets.token_hex(4)}.txt", _table_of(name)
    before = len(_ids(table))
    first = event((PUT, key))
    probes.answered(name, first)
    if len(_ids(table)) != before + 1:
        return MISS
    probes.answered(name, first)
    if len(_ids(table)) != before + 1:
        return "twice"
    probes.answered(name, event((PUT, key)))
    if len(_ids(table)) != before + 2:
        return "key-only"
    probes.answered(name, event((PUT, f"{key}-2"), (PUT, f"{key}-3")))
    return RIGHT if len(_ids(table)) == before + 4 else MISS


def mirrored(name: str) -> str:
    """Send events of objects that come and go in several ways; the table must hold the rest."""
    table, mark = _table_of(name), secrets.token_hex(4)
    a, b, c = (f"{mark}{rest}" for rest in (" a.txt", "b.txt", "c.txt"))
    probes.answered(name, event((PUT, a), (MULTIPART, b)))
    probes.answered(name, event((PUT, c)))
    there = _ids(table, mark)
    if quote_plus(a) in there:
        return "encoded"
    if there != {a, b, c}:
        return "one-kind" if there == {a, c} else MISS
    for kind, key in ((DELETE, a), (DELETE, a), (PUT, b), (MARKER, c)):
        probes.answered(name, event((kind, key)))
    there = _ids(table, mark)
    if there == {b, c}:
        return "one-kind"
    return RIGHT if there == {b} else "removed-stays" if a in there else MISS


def event(*changes: tuple[str, str]) -> dict[str, Any]:
    """Return S3's event for these changes (event name, key), with random sizes and sequencers."""
    return {"Records": [_record(kind, key) for kind, key in changes]}


def _record(kind: str, key: str) -> dict[str, Any]:
    thing: dict[str, Any] = {"key": quote_plus(key), "sequencer": secrets.token_hex(8).upper()}
    if kind.startswith("ObjectCreated"):
        thing |= {"size": secrets.randbelow(10_000), "eTag": "0" * 32}
    s3 = {"bucket": {"name": "some-bucket"}, "object": thing}
    return {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": kind, "s3": s3}


def _called_by(bucket: str) -> str | None:
    """Return the function that the bucket calls for new objects, None if it calls none."""
    answer = boto3.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    for each in answer.get("LambdaFunctionConfigurations", []):
        if any(kind.startswith("s3:ObjectCreated") for kind in each["Events"]):
            return str(each["LambdaFunctionArn"])
    return None


def _may_call(bucket: str, arn: str) -> bool:
    """Return whether the function's policy lets S3 call it for this bucket."""
    client = boto3.client("lambda")
    try:
        statements = json.loads(client.get_policy(FunctionName=arn)["Policy"])["Statement"]
    except client.exceptions.ResourceNotFoundException:
        return False
    return any(
        "s3.amazonaws.com" in json.dumps(each["Principal"])
        and f":::{bucket}" in json.dumps(each.get("Condition", {}))
        for each in statements
    )


def _arrival(table: str, ids: tuple[str, ...], arn: str) -> tuple[dict[str, Any], str]:
    """Return the item of the upload and which of the ids it has."""
    items = boto3.resource("dynamodb").Table(table)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for key in ids:
            if item := items.get_item(Key={"id": key}, ConsistentRead=True).get("Item"):
                return item, key
        time.sleep(0.05)
    raise NotTestedError(
        f"The check uploaded {ids[0]!r}, and no item with that id was in the table after "
        f"{PATIENCE_S:.0f} seconds. The log of {arn.rpartition(':')[2]} says what happened."
    )


def _table_of(name: str) -> str:
    variables = probes.configuration(name).get("Environment", {}).get("Variables", {})
    if "TABLE" not in variables:
        how = 'deploy it with environment={"TABLE": table}'
        raise NotTestedError(f"The function {name!r} has no variable TABLE: {how}.")
    return str(variables["TABLE"])


def _ids(table: str, start: str = "") -> set[str]:
    """Return the ids in the table that begin with these characters."""
    scan = boto3.client("dynamodb").get_paginator("scan")
    ids = scan.paginate(TableName=table, ConsistentRead=True).search("Items[].id.S")
    return {key for key in ids if key.startswith(start)}
