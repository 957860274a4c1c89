"""Event invocations: accepted at once, retried twice, then to the queue or the destination."""

import asyncio
import json

from lambdadeck.engine.events import destinations
from lambdadeck.engine.events.async_invoke import EventQueue, Policy
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome
from tests.support.cases import each
from tests.support.lambdas import wait_until

FAILS = "def handler(event, context): raise ValueError('never')"


def queue(lambdas, name):
    sqs = lambdas.boto("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return (
        sqs,
        url,
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ],
    )


def receive(sqs, url):
    got = []
    wait_until(
        lambda: (
            got.extend(
                sqs.receive_message(
                    QueueUrl=url, WaitTimeSeconds=1, MessageAttributeNames=["All"]
                ).get("Messages", [])
            )
            or bool(got)
        )
    )
    return got[0]


def test_an_event_is_accepted_at_once_and_run_later(lambdas):
    name = lambdas.make("def handler(event, context): print('ran with', event)")
    answer = lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload=b'"this"')
    assert answer["StatusCode"] == 202 and answer["Payload"].read() == b""
    wait_until(lambda: _logged(lambdas, name, "ran with this"))


def _logged(lambdas, name, line):
    try:
        return line in lambdas.log(name)
    except lambdas.boto("logs").exceptions.ResourceNotFoundException:
        return False


def test_what_fails_is_tried_three_times_with_one_request_id_and_then_dead_lettered(lambdas):
    sqs, url, arn = queue(lambdas, "dead-letters")
    name = lambdas.make(FAILS, DeadLetterConfig={"TargetArn": arn})
    sent = lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"order": 7}')
    message = receive(sqs, url)
    request_id = sent["ResponseMetadata"]["RequestId"]
    assert json.loads(message["Body"]) == {"order": 7}
    assert {key: value["StringValue"] for key, value in message["MessageAttributes"].items()} == {
        "RequestID": request_id,
        "ErrorCode": "200",
        "ErrorMessage": "never",
    }
    assert (
        len(
            [
                line
                for line in lambdas.log(name)
                if line.startswith(f"START RequestId: {request_id}")
            ]
        )
        == 3
    )


def test_destinations_get_the_invocation_record(lambdas):
    sqs, url, arn = queue(lambdas, "outcomes")
    targets = {
        "DestinationConfig": {"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}}
    }
    works, fails = (
        lambdas.make("def handler(event, context): return {'done': event}"),
        lambdas.make(FAILS),
    )
    for name, condition, count in ((works, "Success", 1), (fails, "RetriesExhausted", 1)):
        lambdas.client.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=0, **targets
        )
        lambdas.client.invoke(FunctionName=name, InvocationType="Event", Payload=b"1")
        message = receive(sqs, url)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        record = json.loads(message["Body"])
        assert record["requestContext"]["condition"] == condition and record["requestPayload"] == 1
        assert record["requestContext"]["approximateInvokeCount"] == count
        assert record["requestContext"]["functionArn"].endswith(f":function:{name}:$LATEST")
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "never"


# ---- alone, with a pool that answers as told ----


class Scripted:
    """Answers each invocation with the next word of a script: ok, error or throttle."""

    def __init__(self, *words):
        self.words, self.ran = list(words), 0

    async def invoke(self, spec, invocation):
        self.ran += 1
        word = self.words.pop(0) if len(self.words) > 1 else self.words[0]
        if word == "throttle":
            raise TooManyRequestsError("ConcurrentInvocationLimitExceeded")
        return Outcome(
            b'{"errorMessage": "x"}' if word == "error" else b"1",
            "Unhandled" if word == "error" else None,
            "",
            1.0,
            None,
        )


def run(pool, policy, spec_of=None, tmp_path="."):
    sent = []
    spec = FunctionSpec(
        "f", "arn:aws:lambda:r:1:function:f", "$LATEST", "r", "python3.13", "a.b", "r", tmp_path
    )

    async def main():
        events = EventQueue(
            pool,
            lambda target, body, attributes: sent.append((target, body, attributes)),
            base_s=0.001,
        )
        events.submit(spec_of or (lambda: spec), policy, Invocation(b"{}"))
        await asyncio.gather(*events._tasks)

    asyncio.run(main())
    return sent


@each(("retries", "ran"), [(0, 1), (1, 2), (2, 3)])
def test_retries_are_as_configured(retries, ran):
    pool = Scripted("error")
    ((target, _, _),) = run(pool, Policy(retries=retries, dead_letter="arn:dlq"))
    assert pool.ran == ran and target == "arn:dlq"


def test_what_works_at_the_second_try_goes_nowhere_but_to_success():
    assert [
        target
        for target, _, _ in run(
            Scripted("error", "ok"),
            Policy(on_success="arn:s", on_failure="arn:f", dead_letter="arn:d"),
        )
    ] == ["arn:s"]


def test_a_throttle_is_no_try():
    pool = Scripted("throttle", "throttle", "error", "error", "error")
    run(pool, Policy(dead_letter="arn:d"))
    assert pool.ran == 5


def test_an_event_that_grows_too_old_is_given_up_and_says_so():
    ((_, body, _),) = run(Scripted("throttle"), Policy(max_age_s=0.6, on_failure="arn:f"))
    assert json.loads(body)["requestContext"][
        "condition"
    ] == "EventAgeExceeded" and "responsePayload" not in json.loads(body)


def test_a_function_that_was_deleted_meanwhile_is_not_run():
    pool = Scripted("ok")
    assert run(pool, Policy(on_success="arn:s"), spec_of=lambda: None) == [] and pool.ran == 0


def test_an_event_for_a_function_with_no_concurrency_is_given_up_without_a_try():
    spec = FunctionSpec(
        "f", "arn:aws:lambda:r:1:function:f", "$LATEST", "r", "python3.13", "a.b", "r", ".",
        reserved=0,
    )  # fmt: skip
    pool = Scripted("ok")
    policy = Policy(on_failure="arn:f", dead_letter="arn:d")
    sent = run(pool, policy, spec_of=lambda: spec)
    assert [target for target, _, _ in sent] == ["arn:f", "arn:d"] and pool.ran == 0
    record = json.loads(sent[0][1])
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == (
        "ZeroReservedConcurrency",
        0,
    )
    assert "responseContext" not in record


def test_an_event_bus_learns_its_own_and_the_functions_arn_as_resources():
    bus = "arn:aws:events:r:1:event-bus/b"
    record = {"requestContext": {"condition": "Success", "functionArn": "arn:f"}}
    entry = destinations._entry(bus, record)
    assert entry["Resources"] == [bus, "arn:f"]
    assert entry["DetailType"] == "Lambda Function Invocation Result - Success"
