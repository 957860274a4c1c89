"""How lab 5's checks find out: they upload, send S3's events twice and in pieces, and read the learner's table."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import boto3

from lambdadeck import functions
from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.labs.probes import Failed

PATIENCE_S = 20.0
PUT, MULTIPART = "ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload"
DELETE, MARKER = "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"


def keys(read: Callable[..., Any]) -> str:
    """Their function, called with events of one object and of several, with names that S3 writes otherwise."""
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
    """An object is really uploaded: the bucket must call the function, as S3 may, which puts an item into the table."""
    arn = _called_by(bucket)
    if arn is None or arn.rpartition(":")[2] != name:
        return "not-wired"
    if not _may_call(bucket, arn):
        return "not-allowed"
    key, content = (
        f"{secrets.token_hex(3)} ü.txt",
        secrets.token_bytes(secrets.randbelow(900) + 100),
    )
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    item, found = _arrival(table, (key, quote_plus(key)), arn)
    if found != key:
        return "encoded"
    return RIGHT if item.get("size") == len(content) else "size"


def once(name: str) -> str:
    """Their function gets an upload twice, the next upload of the same key, and two in one event; the items are counted."""
    key, table = f"{secrets.token_hex(4)}.txt", _table_of(name)
    before = _count(table)
    first = event((PUT, key))
    _send(name, first)
    if _count(table) != before + 1:
        return MISS
    _send(name, first)
    if _count(table) != before + 1:
        return "twice"
    _send(name, event((PUT, key)))
    if _count(table) != before + 2:
        return "key-only"
    _send(name, event((PUT, f"{key}-2"), (PUT, f"{key}-3")))
    return RIGHT if _count(table) == before + 4 else MISS


def mirrored(name: str) -> str:
    """Their function is told of objects that come and go, twice and in several ways; the table must hold what is left."""
    table, mark = _table_of(name), secrets.token_hex(4)
    a, b, c = (f"{mark}{rest}" for rest in (" a.txt", "b.txt", "c.txt"))
    _send(name, event((PUT, a), (MULTIPART, b)))
    _send(name, event((PUT, c)))
    there = _ids(table, mark)
    if quote_plus(a) in there:
        return "encoded"
    if there != {a, b, c}:
        return "one-kind" if there == {a, c} else MISS
    for kind, key in ((DELETE, a), (DELETE, a), (PUT, b), (MARKER, c)):
        _send(name, event((kind, key)))
    there = _ids(table, mark)
    if there == {b, c}:
        return "one-kind"
    return RIGHT if there == {b} else "removed-stays" if a in there else MISS


def event(*changes: tuple[str, str]) -> dict[str, Any]:
    """S3's event for these changes (event name, key), each with a size and a sequencer that nobody knows."""
    return {"Records": [_record(kind, key) for kind, key in changes]}


def _record(kind: str, key: str) -> dict[str, Any]:
    thing = {
        "key": quote_plus(key),
        "size": secrets.randbelow(10_000),
        "eTag": "0" * 32,
        "sequencer": secrets.token_hex(8).upper(),
    }
    if kind.startswith("ObjectRemoved"):
        del thing["size"], thing["eTag"]
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": kind,
        "s3": {"bucket": {"name": "some-bucket"}, "object": thing},
    }


def _send(name: str, happened: dict[str, Any]) -> None:
    done = functions.invoke(name, happened)
    if done.error:
        raise Failed(
            f"Your function failed when the check sent it an event of S3: {done.error}. Mend that and deploy it again."
        )


def _called_by(bucket: str) -> str | None:
    """The function that the bucket calls for new objects."""
    client = boto3.client("s3")
    stated = client.get_bucket_notification_configuration(Bucket=bucket).get(
        "LambdaFunctionConfigurations", []
    )
    calls = [
        each["LambdaFunctionArn"]
        for each in stated
        if any(kind.startswith("s3:ObjectCreated") for kind in each["Events"])
    ]
    return calls[0] if calls else None


def _may_call(bucket: str, arn: str) -> bool:
    """Whether the function's policy lets S3 call it for this bucket."""
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
    """The item that the upload has brought, and which of the ids it has; Failed when none comes in time."""
    items = boto3.resource("dynamodb").Table(table)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for id in ids:
            if item := items.get_item(Key={"id": id}, ConsistentRead=True).get("Item"):
                return item, id
        time.sleep(0.05)
    raise Failed(
        f"The check uploaded {ids[0]!r}, and no item with that id was in the table after {PATIENCE_S:.0f} seconds. "
        f"The log of {arn.rpartition(':')[2]} says what happened."
    )


def _table_of(name: str) -> str:
    variables = probes.configuration(name).get("Environment", {}).get("Variables", {})
    if "TABLE" not in variables:
        raise Failed(
            f'The function {name!r} has no variable TABLE: deploy it with environment={{"TABLE": table}}.'
        )
    return str(variables["TABLE"])


def _ids(table: str, mark: str) -> set[str]:
    return {id for id in _items(table) if id.startswith(mark)}


def _count(table: str) -> int:
    return len(_items(table))


def _items(table: str) -> list[str]:
    pages = (
        boto3.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=table, ConsistentRead=True)
    )
    return [item["id"]["S"] for page in pages for item in page["Items"]]
