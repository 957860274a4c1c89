"""The one seam to ministack, and what crosses it."""

import importlib.metadata
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from lambdadeck.engine.services import ministack
from lambdadeck.engine.services.installed import MinistackVersionError, check_seam
from tests.support.lambdas import wait_until

ENGINE = Path(ministack.__file__).parents[1]


def test_the_seam_is_where_the_pinned_ministack_has_it():
    code = (
        "import importlib; from lambdadeck.engine.services.installed import check_seam; "
        "check_seam(importlib.import_module('ministack.services.lambda_svc'))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize(
    "seam", [None, lambda func, config: None, lambda config, func, event, request_id, started: None]
)
def test_a_moved_seam_fails_loudly(seam):
    module = SimpleNamespace(_execute_function_dispatch=seam) if seam else SimpleNamespace()
    with pytest.raises(MinistackVersionError, match=r"requirements.txt"):
        check_seam(module)


def test_boto3_is_the_one_that_ministack_wants():
    wanted = next(
        line for line in importlib.metadata.requires("ministack") if line.startswith("botocore")
    )
    assert wanted == f"botocore=={importlib.metadata.version('botocore')}"
    assert importlib.metadata.version("boto3") == importlib.metadata.version("botocore")


def test_an_upload_to_s3_runs_the_function_that_waits_for_it(lambdas):
    name = lambdas.make(
        "def handler(event, context): print('got', event['Records'][0]['s3']['object']['key'])"
    )
    s3 = lambdas.boto("s3")
    s3.create_bucket(
        Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    lambdas.client.add_permission(
        FunctionName=name,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::uploads",
    )
    s3.put_bucket_notification_configuration(
        Bucket="uploads",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
            ]
        },
    )
    s3.put_object(Bucket="uploads", Key="picture.jpg", Body=b"x")
    logs = lambdas.boto("logs")

    def arrived():
        groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
        return bool(groups) and "got picture.jpg" in lambdas.log(name)

    wait_until(arrived)


def test_metrics_count_invocations_and_errors(lambdas):
    name = lambdas.make("def handler(event, context): return 1 / event")
    for event in (1, 0, 2):
        lambdas.call(name, event)
    now = datetime.now(UTC)
    for metric, total in (("Invocations", 3), ("Errors", 1)):
        points = lambdas.boto("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            Period=3600,
            StartTime=now - timedelta(hours=2),
            EndTime=now + timedelta(hours=1),
            Statistics=["Sum"],
        )["Datapoints"]
        assert sum(point["Sum"] for point in points) == total
