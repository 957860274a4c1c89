"""What runs too early is refused as on AWS: the transition of this engine lasts long enough."""

import pytest
from botocore.exceptions import ClientError

from lambdadeck import engine
from tests.support.lambdas import ROLE, Lambdas, zipped

CODE = zipped({"app.py": "def handler(event, context): return 1"})
PENDING = "The function is currently in the following state: Pending"
IN_PROGRESS = "An update is in progress for resource: arn:aws:lambda:eu-west-1:.*:function:early"


@pytest.fixture(scope="module")
def slow():
    started = engine.start(transition_s=3)  # long beside three calls on a busy machine
    yield Lambdas(started).client
    started.stop()


def refused(call, words, **parameters):
    with pytest.raises(ClientError, match=words) as error:
        call(FunctionName="early", **parameters)
    assert error.value.response["Error"]["Code"] == "ResourceConflictException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def ready(client, waiter):
    client.get_waiter(waiter).wait(FunctionName="early", WaiterConfig={"Delay": 0.05})


def test_programs_that_do_not_wait_fail_and_those_that_wait_pass(slow):
    made = slow.create_function(
        FunctionName="early",
        Runtime="python3.13",
        Handler="app.handler",
        Role=ROLE,
        Code={"ZipFile": CODE},
    )
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    refused(slow.invoke, PENDING)
    refused(slow.publish_version, PENDING)
    refused(slow.update_function_configuration, PENDING, Timeout=4)
    ready(slow, "function_active_v2")

    changed = slow.update_function_configuration(FunctionName="early", Timeout=4)
    assert (changed["State"], changed["LastUpdateStatus"]) == ("Active", "InProgress")
    refused(slow.update_function_configuration, IN_PROGRESS, Timeout=5)
    refused(slow.update_function_code, IN_PROGRESS, ZipFile=CODE)
    refused(slow.publish_version, IN_PROGRESS)
    assert slow.invoke(FunctionName="early")["Payload"].read() == b"1"
    ready(slow, "function_updated_v2")

    published = slow.publish_version(FunctionName="early")
    assert (published["Version"], published["State"]) == ("1", "Active")
    assert slow.get_function_configuration(FunctionName="early")["Timeout"] == 4


def test_a_short_pending_is_waited_for(lambdas):
    name = lambdas.make("def handler(event, context): return 2")
    assert lambdas.client.publish_version(FunctionName=name)["State"] == "Active"
    name = lambdas.make("def handler(event, context): return 3")
    assert lambdas.call(name).payload == 3
