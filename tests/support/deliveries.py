"""Messages over three mappings with injected failures: none lost, none delivered too often.

Usage: python -m tests.support.deliveries [MESSAGES]
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from lambdadeck import engine
from tests.support.lambdas import Lambdas

FAILING = 0.1  # of the batches raise an error, and as many report one record and what follows it
HANDLER = """
    import base64, json, random, socket, os

    def name(record):
        body = record.get("body") or base64.b64decode(record["kinesis"]["data"]).decode()
        return json.loads(body)["name"]

    def identity(record):
        return record.get("messageId") or record["kinesis"]["sequenceNumber"]

    def handler(event, context):
        records, draw = event["Records"], random.random()
        first = len(records)
        if draw < {failing}:
            first = 0
        elif draw < 2 * {failing}:
            first = random.randrange(len(records))
        told = [[name(record), number >= first] for number, record in enumerate(records)]
        with socket.create_connection(("127.0.0.1", {port})) as to:
            to.sendall(json.dumps(told).encode())
            to.shutdown(socket.SHUT_WR)
            to.recv(1)
        if draw < {failing}:
            raise ValueError("injected")
        return {{"batchItemFailures": [{{"itemIdentifier": identity(r)}} for r in records[first:]]}}
"""


@dataclass
class Delivered:
    """Who was delivered how often, who failed how often, and the order of successes by group."""

    times: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)
    order: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, told: list[tuple[str, bool]]) -> None:
        with self.changed:
            for name, failed in told:
                self.times[name] += 1
                self.failures[name] += failed
                group, _, number = name.rpartition("-")
                if not failed:
                    self.done.add(name)
                    self.order[group].append(int(number))
            self.changed.notify_all()

    def wait(self, total: int, limit_s: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: len(self.done) >= total, limit_s)


def listen(delivered: Delivered) -> int:
    """Collect what handlers tell, on a port that is returned."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile() as lines:
                delivered.add([(name, failed) for name, failed in json.load(lines)])

    threading.Thread(target=serve, daemon=True).start()
    return int(server.getsockname()[1])


def deliver(lambdas: Lambdas, messages: int, limit_s: float = 600.0) -> Delivered:
    """Send messages through a queue, a FIFO queue and a stream of four shards; return the tally."""
    delivered = Delivered()
    source = HANDLER.format(port=listen(delivered), failing=FAILING)
    function = lambdas.make(source, Timeout=3)
    sqs, kinesis = lambdas.boto("sqs"), lambdas.boto("kinesis")
    queue = _queue(sqs, f"{function}-standard")
    fifo = _queue(sqs, f"{function}.fifo", FifoQueue="true")
    stream = _stream(kinesis, function)
    mapping = {"FunctionName": function, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    for url in (queue, fifo):
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        lambdas.client.create_event_source_mapping(EventSourceArn=arn["QueueArn"], **mapping)
    lambdas.client.create_event_source_mapping(
        EventSourceArn=stream, StartingPosition="LATEST", ParallelizationFactor=2, **mapping
    )
    share = messages // 3
    for start in range(0, share, 10):
        _send(sqs, queue, [f"standard-{n}" for n in range(start, min(start + 10, share))])
        _send(sqs, fifo, [f"fifo{n % 5}-{n}" for n in range(start, min(start + 10, share))])
        records = [f"stream{n % 7}-{n}" for n in range(start, min(start + 10, share))]
        kinesis.put_records(
            StreamName=function,
            Records=[
                {"Data": json.dumps({"name": name}), "PartitionKey": name.partition("-")[0]}
                for name in records
            ],
        )
    delivered.wait(3 * share, limit_s)
    lambdas.client.delete_function(FunctionName=function)
    return delivered


def _queue(sqs: Any, name: str, **attributes: str) -> str:
    stated = {"VisibilityTimeout": "3", **attributes}
    return str(sqs.create_queue(QueueName=name, Attributes=stated)["QueueUrl"])


def _stream(kinesis: Any, name: str) -> str:
    kinesis.create_stream(StreamName=name, ShardCount=4)
    kinesis.get_waiter("stream_exists").wait(
        StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    return str(kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"])


def _send(sqs: Any, url: str, names: list[str]) -> None:
    groups = url.endswith(".fifo")
    entries = [
        {
            "Id": str(number),
            "MessageBody": json.dumps({"name": name}),
            **(
                {"MessageGroupId": name.partition("-")[0], "MessageDeduplicationId": name}
                if groups
                else {}
            ),
        }
        for number, name in enumerate(names)
    ]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    running = engine.start()
    begun = time.monotonic()
    found = deliver(Lambdas(running), total)
    running.stop()
    once = sum(times == 1 + found.failures[name] for name, times in found.times.items())
    print(f"{len(found.times)} of {total // 3 * 3} messages in {time.monotonic() - begun:.0f} s;")
    print(f"{sum(found.failures.values())} failed deliveries, {once} delivered once more than that")


if __name__ == "__main__":
    main()
