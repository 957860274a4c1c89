"""The checks of lab 5: upload, send S3's events twice or in pieces, read the learner's table."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote

import boto3

from lambdadeck.labs import calls, probes
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase
from lambdadeck.labs.probes import NotTestedError

PATIENCE_S = 20.0
PUT, MULTIPART = "ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload"
DELETE, MARKER = "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"


def keys(read: Callable[..., Any]) -> str:
    """Call their function with events of one object and of several, with keys that S3 encodes."""
    plain, odd = f"{secrets.token_hex(3)}.txt", f"été/{secrets.token_hex(3)} + 1 = 100%41.txt"
    one = event((PUT, odd))
    if wrong := calls.differs(read, (one,), [odd]):
        got = calls.returned(read, one)
        usual = {"encoded": [quote_plus(odd)], "plus": [unquote(quote_plus(odd))]}
        name = next((name for name, value in usual.items() if calls.same(got, value)), MISS)
        return calls.missed(name, read, (one,), got, [odd]) if name != MISS else wrong
    both = event((PUT, plain), (MULTIPART, odd), (PUT, odd))
    if calls.same(calls.returned(read, both), [plain]):
        return calls.missed("first-only", read, (both,), [plain], [plain, odd, odd])
    empty: dict[str, Any] = {"Records": []}
    return (
        calls.differs(read, (both,), [plain, odd, odd])
        or calls.differs(read, (empty,), [])
        or RIGHT
    )


def stored(name: str, bucket: str, table: str) -> str:
    """Upload two objects: the bucket must call the permitted function, which must store both."""
    arn = _called_by(bucket)
    if not _may_call(bucket, arn or name):
        call, wanted = f"client.get_policy(FunctionName={name!r})", f"S3, for {bucket} only"
        return Judgment(
            "not-allowed", call, _policy(arn or name), Phrase(f"a statement that lets in {wanted}")
        )
    if arn is None or arn.split(":")[6] != name:
        call = f"s3.get_bucket_notification_configuration(Bucket={bucket!r})"
        return Judgment("not-wired", call, arn, Phrase(f"the ARN of {name}, for any new object"))
    before = _ids(table)
    content = secrets.token_bytes(secrets.randbelow(900) + 100)
    objects = {f"{secrets.token_hex(3)} ü.txt": content, f"{secrets.token_hex(3)}/+": b""}
    for key, body in objects.items():
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    for key, body in objects.items():
        item, found = _arrival(table, (key, quote_plus(key)), arn)
        upload = (
            f"s3.put_object(Bucket={bucket!r}, Key={key!r}, Body=bytes({len(body)}))\n"
            f"__import__('time').sleep(2)  # S3 and Lambda need a moment\n{_items(table)}"
        )
        if found != key or item.get("size") != len(body):
            outcome = "size" if found == key else "encoded"
            return Judgment(outcome, upload, item, {"id": key, "size": len(body)})
    if (ids := _ids(table)) != before | set(objects):
        wanted = Phrase(f"the items that were there, and {sorted(objects)}")
        return Judgment(MISS, _items(table), sorted(ids), wanted)
    return RIGHT


def once(name: str) -> str:
    """Send uploads, and one of them again to another environment; count the items."""
    key, table = f"{secrets.token_hex(4)}.txt", _table_of(name)
    with _stranger(table) as stranger:
        before, first = _ids(table), event((PUT, key))
        count = _Counted(name, table, before, first)
        if wrong := count.after(first, 1, MISS) or count.after(first, 1, "twice"):
            return wrong
        with probes.second_environment(name):
            if wrong := count.after(first, 1, "twice"):
                return wrong
        same_sequencer = event((PUT, f"{key}-1"))
        sequencer = first["Records"][0]["s3"]["object"]["sequencer"]
        same_sequencer["Records"][0]["s3"]["object"]["sequencer"] = sequencer
        wrong = (
            count.after(event((PUT, key)), 2, "key-only")
            or count.after(same_sequencer, 3, "sequencer-only")
            or count.after(event((PUT, f"{key}-2"), (PUT, f"{key}-3")), 5, MISS)
        )
        return wrong or (RIGHT if stranger in _ids(table) and before <= _ids(table) else MISS)


@dataclass(frozen=True)
class _Counted:
    """A function, its table, the items that were there before, and the first event."""

    name: str
    table: str
    before: set[str]
    first: dict[str, Any]

    def after(self, sent: dict[str, Any], more: int, outcome: str) -> str:
        """Send an event; return the outcome unless there are so many more items than before."""
        probes.answered(self.name, sent)
        now = len(_ids(self.table)) - len(self.before)
        if now == more:
            return ""
        calls = [probes.source("functions.invoke", self.name, each) for each in (self.first, sent)]
        cell = "\n".join([*calls, _items(self.table)])
        got, wanted = Phrase(f"{now} new items in all"), Phrase(f"{more} new items in all")
        return Judgment(outcome, cell, got, wanted)


@contextmanager
def _stranger(table: str) -> Iterator[str]:
    """Put an item into the table that is not the function's; remove it at the end."""
    item = {"id": f"of someone else {secrets.token_hex(4)}"}
    items = boto3.resource("dynamodb").Table(table)
    items.put_item(Item=item)
    try:
        yield item["id"]
    finally:
        items.delete_item(Key=item)


def mirrored(name: str) -> str:
    """Send events of objects that come and go in several ways; the table must hold the rest."""
    table, mark = _table_of(name), secrets.token_hex(4)
    a, b, c = (f"{mark}{rest}" for rest in (" a%41.txt", "b.txt", "c.txt"))
    with _stranger(table) as stranger:
        sent = [event((PUT, a), (MULTIPART, b)), event((PUT, c))]
        there = _sent(name, table, mark, sent)
        if there != {a, b, c}:
            outcome = (
                "encoded" if quote_plus(a) in there else "one-kind" if there == {a, c} else MISS
            )
            return _held(outcome, name, sent, there, {a, b, c})
        changes = ((DELETE, a), (DELETE, a), (PUT, b), (MARKER, c))
        sent = [event(change) for change in changes]
        with probes.second_environment(name):
            there = _sent(name, table, mark, sent)
        if there != {b}:
            outcome = "one-kind" if there == {b, c} else "removed-stays" if a in there else MISS
            return _held(outcome, name, sent, there, {b})
        sent = [event((DELETE, b), (PUT, b))]  # in this order
        if (there := _sent(name, table, mark, sent)) != {b}:
            return _held(MISS, name, sent, there, {b})
        return RIGHT if stranger in _ids(table) else _held(MISS, name, sent, there, {b, stranger})


def _sent(name: str, table: str, mark: str, events: list[dict[str, Any]]) -> set[str]:
    """Send the events; return the ids in the table that begin with the mark."""
    for each in events:
        probes.answered(name, each)
    return _ids(table, mark)


def _held(
    outcome: str, name: str, events: list[dict[str, Any]], there: set[str], expected: set[str]
) -> Judgment:
    calls = [probes.source("functions.invoke", name, each) for each in events]
    cell = "\n".join([*calls, _items(_table_of(name))])
    return Judgment(outcome, cell, sorted(there), sorted(expected))


def _items(table: str) -> str:
    """Return the Python that shows a table."""
    return f"boto3.resource('dynamodb').Table({table!r}).scan()['Items']"


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
    """Return whether the function's policy lets S3 call it for this bucket, and for no other."""
    return any(
        each["Effect"] == "Allow"
        and each["Principal"] in ("s3.amazonaws.com", {"Service": "s3.amazonaws.com"})
        and _sources(each.get("Condition", {})) == {f"arn:aws:s3:::{bucket}"}
        for each in _policy(arn)
    )


def _policy(arn: str) -> list[dict[str, Any]]:
    client = boto3.client("lambda")
    try:
        policy = client.get_policy(FunctionName=arn)["Policy"]
    except client.exceptions.ResourceNotFoundException:
        return []
    return list(json.loads(policy)["Statement"])


def _sources(condition: dict[str, dict[str, Any]]) -> set[str]:
    """Return the ARNs that a statement's condition allows as source."""
    values = [
        value
        for tests in condition.values()
        for key, value in tests.items()
        if key.lower() == "aws:sourcearn"
    ]
    return {arn for value in values for arn in ([value] if isinstance(value, str) else value)}


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
