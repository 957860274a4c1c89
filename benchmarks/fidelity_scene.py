"""What a case that does more than call Lambda's API makes its calls with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks.fidelity_cases import ECHO, zipped

QUEUE, TABLE, STREAM = "sqs", "dynamodb", "kinesis"


@dataclass(frozen=True)
class World:
    """Where the cases run: boto3's client of a service, region, account, the functions' role."""

    connect: Callable[[str], Any]
    region: str
    account: str
    role: str
    settle: float = 0.03  # seconds between two looks at a state
    tags: frozenset[str] = frozenset()  # keys that the talk adds on AWS

    def told(self, answer: Any) -> Any:
        """Return an answer without the tags that the talk adds."""
        if not isinstance(answer, dict):
            return answer
        told = {name: self.told(value) for name, value in answer.items()}
        if isinstance(tags := told.get("Tags"), dict):
            told["Tags"] = {name: tags[name] for name in tags if name not in self.tags}
        return told


@dataclass
class Scene:
    """What a case makes its calls with; `close` removes what it has made."""

    world: World
    name: str
    made: list[Callable[[], object]] = field(default_factory=list)

    @property
    def connect(self) -> Callable[[str], Any]:
        return self.world.connect

    @property
    def lambda_(self) -> Any:
        return self.connect("lambda")

    def call(self, operation: str, **given: Any) -> dict[str, Any]:
        """Return the answer to a call of Lambda's API, or the response of its error."""
        client = self.lambda_
        try:
            answer: dict[str, Any] = self.world.told(getattr(client, operation)(**given))
            return answer
        except client.exceptions.ClientError as error:
            return dict(error.response)

    def function(self, source: str = "", name: str = "", **more: Any) -> dict[str, Any]:
        """Make a function, and wait until it is active."""
        usual: dict[str, Any] = {"Timeout": 30, "Environment": {"Variables": {}}, "Tags": {}}
        name = name or self.name
        made = self.call(
            "create_function",
            FunctionName=name,
            Runtime="python3.12",
            Handler="handler.handler",
            Role=self.world.role,
            Code={"ZipFile": zipped(source) if source else ECHO},
            **(usual | more),
        )
        logs = partial(self.connect("logs").delete_log_group, logGroupName=f"/aws/lambda/{name}")
        self.made += [logs, partial(self.lambda_.delete_function, FunctionName=name)]
        self.settled()
        return made

    def settled(self) -> None:
        for waiter in ("function_active_v2", "function_updated_v2"):
            self.lambda_.get_waiter(waiter).wait(
                FunctionName=self.name,
                WaiterConfig={"Delay": self.world.settle, "MaxAttempts": 200},
            )

    def queue(self, suffix: str = "-queue", **attributes: str) -> tuple[str, str]:
        """Make a queue; return its URL and ARN."""
        client, name = self.connect(QUEUE), f"{self.name}{suffix}"
        url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.made.append(partial(client.delete_queue, QueueUrl=url))
        return url, f"arn:aws:sqs:{self.world.region}:{self.world.account}:{name}"

    def send(self, url: str, message: Any) -> None:
        self.connect(QUEUE).send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def received(self, url: str, limit_s: float = 60.0, **options: Any) -> dict[str, Any]:
        """Return the answer that has the first messages of a queue."""
        until = time.monotonic() + limit_s
        while True:
            got = self.connect(QUEUE).receive_message(QueueUrl=url, WaitTimeSeconds=1, **options)
            if got.get("Messages") or time.monotonic() > until:
                return dict(got)

    def table(self, key: str = "id", view: str = "NEW_IMAGE") -> str:
        """Make a table with a stream; return the stream's ARN."""
        client = self.connect(TABLE)
        made = client.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )
        self.made.append(partial(client.delete_table, TableName=self.name))
        client.get_waiter("table_exists").wait(TableName=self.name, WaiterConfig={"Delay": 1})
        return str(made["TableDescription"]["LatestStreamArn"])

    def stream(self) -> str:
        client = self.connect(STREAM)
        client.create_stream(StreamName=self.name, ShardCount=1)
        self.made.append(partial(client.delete_stream, StreamName=self.name))
        client.get_waiter("stream_exists").wait(StreamName=self.name, WaiterConfig={"Delay": 1})
        found = client.describe_stream(StreamName=self.name)["StreamDescription"]
        return str(found["StreamARN"])

    def mapping(self, source: str, **given: Any) -> dict[str, Any]:
        """Make a mapping of the case's function; return the answer, not waiting for anything."""
        stated = {"FunctionName": self.name, "EventSourceArn": source}
        made = self.call("create_event_source_mapping", **(stated | given))
        if "UUID" in made:
            delete = self.lambda_.delete_event_source_mapping
            self.made.append(partial(delete, UUID=made["UUID"]))
        return made

    def enabled(self, made: dict[str, Any]) -> dict[str, Any]:
        """Return the mapping when no transition is in progress any more."""
        for _ in range(600):
            got = self.call("get_event_source_mapping", UUID=made["UUID"])
            if got.get("State") not in ("Creating", "Updating", "Enabling"):
                break
            time.sleep(0.1)
        return got

    def gone(self, made: dict[str, Any]) -> None:
        """Wait until a mapping that was deleted is not found any more."""
        for _ in range(600):
            if "Error" in self.call("get_event_source_mapping", UUID=made["UUID"]):
                return
            time.sleep(0.1)

    def printed(self, count: int) -> list[dict[str, Any]]:
        """Return the JSON objects in the function's log, once there are as many."""
        client, until = self.connect("logs"), time.monotonic() + 30
        while True:
            found: list[dict[str, Any]] = []
            with suppress(client.exceptions.ResourceNotFoundException):
                group = f"/aws/lambda/{self.name}"
                for event in client.filter_log_events(logGroupName=group)["events"]:
                    with suppress(ValueError):
                        found.append(json.loads(event["message"]))
            found = [one for one in found if isinstance(one, dict)]
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.1)

    def close(self) -> None:
        for remove in reversed(self.made):
            with suppress(Exception):
                remove()
