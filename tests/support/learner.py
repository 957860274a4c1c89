"""A learner as a program: lab 1's first exercise on an engine of its own, a line of JSON per step.

It calls what a notebook calls: connect, start, predict, deploy, invoke, check. Each step waits for
a line on standard input, so that all learners of a class do a step at the same time.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck import cloud, functions, lesson

CODE = """def handler(event, context):
    answer = {{"memory_mb": int(context.memory_limit_in_mb), "learner": {}}}
    return answer | {{"environment": context.{}}}
"""


def connect() -> dict[str, Any]:
    """Start an engine, as the notebook's first cell does."""
    return {
        "endpoint": cloud.connect().endpoint,
        "key": os.environ["AWS_ACCESS_KEY_ID"],
        "start": os.environ["LAMBDADECK_START"],
    }


def learn(number: int, errs: bool) -> dict[str, Any]:
    """Predict, deploy, invoke, check; if `errs`, name the function in place of the environment."""
    lesson.start(1)
    lesson.predict("1.faster", number)
    said = [_tried("function_name", number)] if errs else []
    said.append(_tried("log_stream_name", number))
    functions.deploy(f"of-{number}", "whoami.py", handler="whoami.handler")
    listed = boto3.client("lambda").list_functions()["Functions"]
    answer = functions.invoke("whoami").payload
    return {
        "said": said,
        "functions": sorted(each["FunctionName"] for each in listed),
        "learner": answer["learner"],
    }


def _tried(attribute: str, number: int) -> str:
    Path("whoami.py").write_text(CODE.format(number, attribute))
    functions.deploy("whoami", "whoami.py", handler="whoami.handler")
    return lesson.check("1.machine", "whoami").outcome


def knock(own: str, others: str) -> dict[str, Any]:
    """Call three services of its own engine and of another learner's, with its own keys."""
    calls = (("lambda", "list_functions"), ("s3", "list_buckets"), ("sqs", "list_queues"))
    return {
        name: [_asked(at, *call) for call in calls]
        for name, at in (("own", own), ("others", others))
    }


def _asked(endpoint: str, service: str, call: str) -> str:
    client = boto3.client(
        service, endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1})
    )
    try:
        getattr(client, call)()
    except ClientError as refusal:
        return refusal.response["Error"]["Code"]
    return "answered"


STEPS = {"connect": connect, "learn": learn, "knock": knock}

if __name__ == "__main__":
    for line in sys.stdin:
        step, *given = json.loads(line)
        print(json.dumps(STEPS[step](*given)), flush=True)
