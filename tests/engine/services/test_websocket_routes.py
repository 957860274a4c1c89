"""A function behind a WebSocket route runs in an execution environment, like any other call."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import websocket

from tests.support.apis import allow, arn_of, websocket_api

SOURCE = """
    import json, os, time

    def handler(event, context):
        if event["requestContext"]["eventType"] != "MESSAGE":
            return {"statusCode": 200}
        if event["body"] == "sleep":
            time.sleep(30)
        if event["body"] == "text":
            return "no response of a proxy"
        print("a line of", event["body"])
        seen = {name: os.environ.get(name) for name in ("HOME", "LAMBDA_TASK_ROOT")}
        seen["stream"] = context.log_stream_name
        return {"statusCode": 200, "body": json.dumps(seen)}
"""


@contextmanager
def connected(lambdas, arn: str) -> Iterator[websocket.WebSocket]:
    address = websocket_api(lambdas, arn, ("$connect", "$default"))
    assert address.startswith("ws://")
    connection = websocket.create_connection(address, timeout=60, suppress_origin=True)
    yield connection
    connection.close()


def test_a_websocket_route_runs_the_function_as_invoke_does(lambdas):
    name = lambdas.make(SOURCE, Timeout=1)
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    allow(lambdas, name)
    with connected(lambdas, arn) as connection:

        def answer(text: str) -> dict[str, str]:
            connection.send(text)
            return dict(json.loads(connection.recv()))

        seen = answer("who")
        assert seen["stream"] in lambdas.streams(name)
        assert seen["HOME"] is None and "ministack" not in seen["LAMBDA_TASK_ROOT"]
        assert "a line of who" in lambdas.log(name)
        for failing in ("sleep", "text"):
            failed = answer(failing)
            assert failed["message"] == "Internal server error"
            assert set(failed) == {"message", "connectionId", "requestId"}
        assert any("Task timed out after 1.00 seconds" in line for line in lambdas.log(name))


def test_a_route_that_may_not_invoke_its_function_refuses_the_connection(lambdas):
    name = lambdas.make(SOURCE)
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    with pytest.raises(websocket.WebSocketBadStatusException), connected(lambdas, arn):
        pass


def test_a_message_is_posted_to_a_connection_by_who_signs(lambdas):
    name = lambdas.make(SOURCE)
    allow(lambdas, name)
    address = websocket_api(lambdas, arn_of(lambdas, name), ("$default",))
    connection = websocket.create_connection(address, timeout=60, suppress_origin=True)
    connection.send("text")
    to = json.loads(connection.recv())["connectionId"]
    back = lambdas.boto("apigatewaymanagementapi", address.replace("ws://", "http://"))
    back.post_to_connection(ConnectionId=to, Data=b"posted")
    assert connection.recv() == "posted"
    connection.close()
    with pytest.raises(back.exceptions.GoneException):
        back.post_to_connection(ConnectionId="nobody", Data=b"posted")
